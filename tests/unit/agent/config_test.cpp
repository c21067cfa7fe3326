#include "agent/config.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/credentials.hpp"
#include "agent/enrol.hpp"

namespace obol::agent {
namespace {

constexpr const char* least = R"({"state": "/s", "credentials": "/c", "ledger": {"url": "https://l:1"}})";

std::string fault_of(const std::string& text) {
    const Result<Config> got = parse_config(text, "agent.json");
    return got ? "" : got.error().detail;
}

TEST(Config, HasSensibleDefaults) {
    const Config got = parse_config(least, "agent.json").value();
    EXPECT_EQ(got.listen.port, 8480);
    EXPECT_EQ(got.listen.addresses, (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_EQ(got.authority_budget, Millis{300});
    EXPECT_EQ(got.idle_return, Millis{30'000});
    EXPECT_EQ(got.group_size, 64u);
    EXPECT_EQ(got.witness, "/s-witness/witness");
    EXPECT_EQ(got.host_names(), (std::vector<std::string>{"127.0.0.1:8480", "localhost:8480", "[::1]:8480"}));
}

TEST(Config, TheSampleIsGoodAndSaysTheDefaults) {
    const Config got = read_config("config/agent.json").value();
    EXPECT_EQ(got.listen.port, 8480);
    EXPECT_EQ(got.group_size, 64u);
    EXPECT_EQ(got.language, "en");
    EXPECT_EQ(got.witness, got.state + "-witness/witness");
}

TEST(Config, TheWitnessLiesOutsideTheState) {
    const auto with = [](const std::string& witness) {
        return R"({"state": "/s/", "credentials": "/c", "ledger": {"url": "https://l:1"}, "witness": ")" + witness + "\"}";
    };
    EXPECT_EQ(fault_of(with("/t/witness")), "");
    EXPECT_NE(fault_of(with("/s/witness")).find("/witness"), std::string::npos);
}

TEST(Config, NamesFileLineAndMember) {
    const std::string text =
        "// a comment\n"
        "{\n"
        "  \"state\": \"/s\",\n"
        "  \"credentials\": \"/c\",\n"
        "  \"ledger\": {\"url\": \"https://l:1\"},\n"
        "  \"listen\": {\n"
        "    \"port\": 70000,\n"
        "    \"prot\": 1\n"
        "  },\n"
        "  \"language\": \"fr\"\n"
        "}\n";
    const std::string fault = fault_of(text);
    EXPECT_NE(fault.find("agent.json:7: /listen/port: "), std::string::npos) << fault;
    EXPECT_NE(fault.find("agent.json:8: /listen/prot: "), std::string::npos) << fault;
    EXPECT_NE(fault.find("agent.json:10: /language: "), std::string::npos) << fault;
}

TEST(Config, NamesDevicesOnceAndPrintsATerminalsReceiptsOnOnePrinter) {
    const auto with = [](const std::string& devices) {
        return R"({"state": "/s", "credentials": "/c", "ledger": {"url": "https://l:1"}, "devices": )" + devices + "}";
    };
    const std::string two = R"({"printers": [{"name": "a", "address": "tcp://h", "terminal": "T1", "language": "el", "drawer": true},
                                             {"name": "b", "address": "file:/p", "profile": "TM-T88V"}],
                                "scanners": [{"name": "s", "address": "serial:/dev/ttyACM0", "terminal": "T1"}],
                                "displays": [{"name": "d", "address": "serial:/dev/ttyS1"}]})";
    const DeviceSettings got = parse_config(with(two), "agent.json").value().devices;
    EXPECT_EQ(got.printers.at(0), (PrinterSetting{"a", "tcp://h", "generic-80mm", "T1", "el", true}));
    EXPECT_EQ(got.printers.at(1), (PrinterSetting{"b", "file:/p", "TM-T88V", "", "", false}));
    EXPECT_EQ(got.scanners.at(0), (ScannerSetting{"s", "serial:/dev/ttyACM0", "T1"}));
    EXPECT_EQ(got.receipt_printers(), (std::map<std::string, std::string>{{"T1", "a"}}));
    EXPECT_NE(fault_of(with(R"({"printers": [{"name": "a", "address": "x"}], "displays": [{"name": "a", "address": "y"}]})"))
                  .find("/devices/displays/0/name: another device"), std::string::npos);
    EXPECT_NE(fault_of(with(R"({"printers": [{"name": "a", "address": "x", "terminal": "T"}, {"name": "b", "address": "y", "terminal": "T"}]})"))
                  .find("/devices/printers/1/terminal"), std::string::npos);
    EXPECT_NE(fault_of(with(R"({"printers": [{"name": "a b", "address": "x"}]})")).find("/devices/printers/0/name"), std::string::npos);
    EXPECT_NE(fault_of(with(R"({"scanners": [{"name": "s", "address": "x"}]})")).find("/devices/scanners/0/terminal"), std::string::npos);
}

TEST(Config, NamesTheLineOfBrokenJson) {
    const std::string fault = fault_of("{\n  \"state\": \"/s\",\n  oops\n}\n");
    EXPECT_TRUE(fault.starts_with("agent.json:3: ")) << fault;
    EXPECT_NE(fault_of("{\n\"state\": \"/a\",\n\"state\": \"/b\"}").find("/state"), std::string::npos);
}

TEST(Config, NamesWhatIsMissing) {
    const std::string fault = fault_of("{}");
    for (const char* member : {"/state", "/credentials", "/ledger"}) {
        EXPECT_NE(fault.find(std::string("agent.json:1: ") + member), std::string::npos) << fault;
    }
}

TEST(Config, ServesLoopbackOnlyAndSpeaksTlsToTheLedger) {
    EXPECT_NE(fault_of(R"({"state":"/s","credentials":"/c","ledger":{"url":"https://l"},"listen":{"addresses":["0.0.0.0"]}})")
                  .find("/listen/addresses/0"), std::string::npos);
    EXPECT_NE(fault_of(R"({"state":"/s","credentials":"/c","ledger":{"url":"http://l"}})").find("/ledger/url"), std::string::npos);
}

TEST(Config, HostOfAUrl) {
    EXPECT_EQ(host_of("https://ledger.example:8443"), "ledger.example");
    EXPECT_EQ(host_of("https://[::1]:8443/x"), "::1");
    EXPECT_EQ(host_of("https://127.0.0.1"), "127.0.0.1");
}

class CredentialFiles : public ::testing::Test {
protected:
    CredentialFiles() {
        folder = ::testing::TempDir() + "obol-credentials-" + std::to_string(::getpid());
        std::filesystem::remove_all(folder);
        const Instant now = parse_rfc3339("2026-11-20T10:00:00Z").value();
        const crypto::SigningKey ca_key = crypto::SigningKey::generate(random);
        wire::Enrolled enrolled;
        enrolled.ca = crypto::make_ca(ca_key, "test", now, std::chrono::hours(24));
        crypto::Subjects subjects;
        subjects.common_name = crypto::device_id_of(key.public_key());
        subjects.venue = "nic";
        subjects.business = "aroma";
        enrolled.certificate = crypto::issue_certificate(ca_key, enrolled.ca, key.public_key(), subjects, false, now,
                                                         std::chrono::hours(24), random);
        enrolled.venue = VenueId{"nic"};
        enrolled.business = BusinessId{"aroma"};
        enrolled.device_name = "NIC1";
        enrolled.cache_key = Bytes(32, 5);
        enrolled.sync_url = "https://l:1";
        EXPECT_TRUE(save_credentials(folder, key, enrolled, random).has_value());
    }
    ~CredentialFiles() override { std::filesystem::remove_all(folder); }

    crypto::SystemRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::string folder;
};

TEST_F(CredentialFiles, AreReadBackAndForTheirOwnerAlone) {
    const Result<Credentials> got = load_credentials(folder);
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->here.venue.text, "nic");
    EXPECT_EQ(got->here.device_name, "NIC1");
    EXPECT_EQ(got->cache_key, Bytes(32, 5));
    EXPECT_EQ(got->fingerprint_key.size(), 32u);
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        EXPECT_EQ(file.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << file.path();
    }
}

TEST_F(CredentialFiles, AMissingOneIsNamedAndNotMadeAnew) {
    for (const char* name : {"device.pem", "device.crt", "ca.pem", "cache.key", "fingerprint.key", "enrolment.json"}) {
        const std::string path = folder + "/" + name;
        std::filesystem::rename(path, path + ".away");
        const Result<Credentials> got = load_credentials(folder);
        ASSERT_FALSE(got.has_value()) << name;
        EXPECT_EQ(got.error().code, "credential_missing");
        EXPECT_NE(got.error().detail.find(path), std::string::npos) << got.error().detail;
        EXPECT_FALSE(std::filesystem::exists(path)) << name;
        std::filesystem::rename(path + ".away", path);
    }
}

TEST_F(CredentialFiles, ADamagedOneIsNamed) {
    for (const char* name : {"device.pem", "device.crt", "cache.key", "fingerprint.key", "enrolment.json"}) {
        const std::string path = folder + "/" + name;
        std::filesystem::copy_file(path, path + ".good");
        std::ofstream(path, std::ios::trunc) << "garbage";
        const Result<Credentials> got = load_credentials(folder);
        ASSERT_FALSE(got.has_value()) << name;
        EXPECT_EQ(got.error().code, "credential_damaged") << name;
        EXPECT_NE(got.error().detail.find(name), std::string::npos) << got.error().detail;
        std::filesystem::rename(path + ".good", path);
    }
}

TEST_F(CredentialFiles, AKeyThatIsNotTheCertificatesIsRefused) {
    const crypto::SigningKey other = crypto::SigningKey::generate(random);
    std::ofstream(folder + "/device.pem", std::ios::trunc) << other.to_pem().reveal();
    EXPECT_EQ(load_credentials(folder).error().code, "credential_damaged");
}

}  // namespace
}  // namespace obol::agent
