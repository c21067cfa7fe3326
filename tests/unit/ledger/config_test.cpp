#include "sync/ledger/config.hpp"

#include <gtest/gtest.h>

#include "sync/host/system.hpp"
#include "sync/ledger/certificates.hpp"
#include "sync/ledger/credentials.hpp"
#include "tests/unit/ledger/office_fixture.hpp"

namespace obol::ledger {
namespace {

constexpr Millis server_life{std::int64_t{365} * 86'400'000};

std::string complaint(std::string_view text) {
    const auto config = parse_config("/etc/obol/ledger.json", text);
    return config ? "" : config.error().detail;
}

TEST(LedgerConfig, ReadsCommentsAndTakesPathsRelativeToTheFile) {
    const auto config = parse_config("/etc/obol/ledger.json", R"({
        // where the books lie
        "database": "data/ledger.db", "credentials": "/keys",
        "admin": {"address": "127.0.0.1", "port": 8490, "tls": false},  // behind a proxy
        "sync": {"address": "0.0.0.0", "port": 8443, "names": ["ledger.example", "10.0.0.1"]}})");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->database, "/etc/obol/data/ledger.db");
    EXPECT_EQ(config->credentials, "/keys");
    EXPECT_FALSE(config->admin_tls);
    EXPECT_EQ(config->admin_port, 8490);
    EXPECT_EQ(config->names, (std::vector<std::string>{"ledger.example", "10.0.0.1"}));
}

TEST(LedgerConfig, HasSafeDefaults) {
    const auto config = parse_config("ledger.json", R"({"database": "l.db", "credentials": "c"})");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->admin_address, "127.0.0.1");
    EXPECT_TRUE(config->admin_tls);
    EXPECT_EQ(config->database, "l.db");
    EXPECT_EQ(config->issued_keys, "../obol-ledger-outside/issued-keys");
}

TEST(LedgerConfig, TheRecordOfIssuedKeysLiesOutsideTheDatabasesDirectory) {
    const auto of = [](const std::string& more) {
        return parse_config("/etc/obol/ledger.json", R"({"database": "/var/lib/l/l.db", "credentials": "/c")" + more + "}");
    };
    EXPECT_EQ(of("")->issued_keys, "/var/lib/l-outside/issued-keys");
    EXPECT_EQ(of(R"(, "issued_keys": "keys")")->issued_keys, "/etc/obol/keys");
    for (const char* inside : {"/var/lib/l/keys", "/var/lib/l/deep/keys"}) {
        EXPECT_FALSE(of(", \"issued_keys\": \"" + std::string(inside) + "\"")) << inside;
    }
}

TEST(LedgerConfig, AnErrorNamesFileLineAndMember) {
    const std::string text = complaint(R"({
        "database": "l.db",
        "credentials": "c",
        "admin": {"address": "127.0.0.1",
                  "prot": 8490}
    })");
    EXPECT_EQ(text.find("/etc/obol/ledger.json:5: admin.prot: "), 0U) << text;
}

TEST(LedgerConfig, NamesEveryFault) {
    const std::string text = complaint("{\n\"database\": 1,\n\"credentials\": \"c\",\n\"sync\": {\n\"port\": 70000,\n\"names\": [\"a\",\n\"\"]}}");
    EXPECT_NE(text.find("ledger.json:2: database: "), std::string::npos) << text;
    EXPECT_NE(text.find("ledger.json:5: sync.port: "), std::string::npos) << text;
    EXPECT_NE(text.find("ledger.json:7: sync.names.1: "), std::string::npos) << text;
}

TEST(LedgerConfig, AFaultOfSyntaxHasItsLine) {
    EXPECT_EQ(complaint("{\n\"database\": \"l.db\"\n\"credentials\": \"c\"}"),
              "/etc/obol/ledger.json:3: this is not JSON");
}

TEST(LedgerConfig, AMemberThatIsThereTwiceIsNamedAtItsSecondLine) {
    const std::string text = complaint("{\n\"database\": \"a\",\n\"credentials\": \"c\",\n\"database\": \"b\"}");
    EXPECT_NE(text.find("ledger.json:4: database: "), std::string::npos) << text;
}

TEST(LedgerConfig, TheAdminPortIsNotServedInClearToTheNetwork) {
    const std::string text = complaint(R"({"database": "l", "credentials": "c", "admin": {"address": "0.0.0.0", "tls": false}})");
    EXPECT_NE(text.find("admin.tls: "), std::string::npos) << text;
}

TEST(LedgerConfig, TheSampleConfigurationIsWhatItExplains) {
    const auto config = load_config("config/ledger.json");
    ASSERT_TRUE(config) << config.error().detail;
}

TEST(LedgerConfig, AFileThatIsNotThereIsNamed) {
    const auto config = load_config("/nowhere/ledger.json");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, "file_unreadable");
    EXPECT_NE(config.error().detail.find("/nowhere/ledger.json"), std::string::npos);
}

class LedgerCredentials : public ::testing::Test {
protected:
    TempDir dir;
    HandClock clock;
    crypto::SystemRandom random;
    const std::vector<std::string> names{"localhost", "127.0.0.1"};
};

TEST_F(LedgerCredentials, AreMadeOnceAndReadBack) {
    ASSERT_TRUE(make_credentials(dir / "keys", names, server_life, clock.at, random));
    const auto first = load_credentials(dir / "keys");
    ASSERT_TRUE(first) << first.error().detail;
    const auto second = make_credentials(dir / "keys", names, server_life, clock.at, random);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "credentials_exist");
    const auto again = load_credentials(dir / "keys");
    EXPECT_EQ(again->keys.code, first->keys.code);
    EXPECT_EQ(again->keys.seal, first->keys.seal);
    EXPECT_NE(first->keys.code, first->keys.seal);
    EXPECT_EQ(again->ca_key.public_key(), first->ca_key.public_key());
}

TEST_F(LedgerCredentials, AreForTheirOwnerAlone) {
    ASSERT_TRUE(make_credentials(dir / "keys", names, server_life, clock.at, random));
    for (const auto& file : std::filesystem::directory_iterator(dir / "keys")) {
        EXPECT_EQ(file.status().permissions() & std::filesystem::perms(0777), std::filesystem::perms(0600)) << file.path();
    }
}

TEST_F(LedgerCredentials, WhatIsMissingIsNamedAndNeverMadeAnew) {
    ASSERT_TRUE(make_credentials(dir / "keys", names, server_life, clock.at, random));
    std::filesystem::remove(dir / "keys/seal.key");
    const auto loaded = load_credentials(dir / "keys");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, "credentials_missing");
    EXPECT_NE(loaded.error().detail.find("seal.key"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(dir / "keys/seal.key"));
}

TEST_F(LedgerCredentials, WhatIsDamagedIsNamed) {
    ASSERT_TRUE(make_credentials(dir / "keys", names, server_life, clock.at, random));
    ASSERT_TRUE(host::write_file_atomically(dir / "keys/code.key", "abc", 0600));
    EXPECT_EQ(load_credentials(dir / "keys").error().code, "credentials_damaged");
    EXPECT_NE(load_credentials(dir / "keys").error().detail.find("code.key"), std::string::npos);
}

// What a ledger shows and believes over the years, on files in a directory.
class LedgerCertificates : public LedgerCredentials {
protected:
    LedgerCertificates() {
        config.credentials = dir / "keys";
        config.names = names;
        EXPECT_TRUE(make_credentials(config.credentials, names, config.server_life, clock.at, random));
        start();
    }
    void start() {
        credentials.reset();
        credentials.emplace(load_credentials(config.credentials).value());
        papers.emplace(config, *credentials, clock, random);
    }
    std::string shown() { return crypto::certificates_in(papers->for_people().certificate_chain).front(); }
    std::size_t believed() { return crypto::certificates_in(papers->for_devices().client_ca).size(); }
    Result<void> rotate() { return rotate_ca(config.credentials, names, config.server_life, clock.at, random); }

    const Millis day{86'400'000};
    Config config;
    std::optional<Credentials> credentials;
    std::optional<Certificates> papers;
};

TEST_F(LedgerCertificates, TheServersOwnIsRenewedBeforeItEndsAndKept) {
    const std::string first = shown();
    clock.at += day * 243;
    EXPECT_FALSE(papers->look().value());
    EXPECT_FALSE(papers->ending());
    clock.at += day;  // two thirds of a year
    EXPECT_TRUE(papers->look().value());
    EXPECT_NE(shown(), first);
    EXPECT_EQ(crypto::life_of(shown())->to, clock.at + day * 365);
    EXPECT_FALSE(papers->look().value());
    const std::string second = shown();
    start();
    EXPECT_EQ(shown(), second);
    EXPECT_EQ(crypto::certificate_public_key(first).value(), crypto::certificate_public_key(second).value());
}

TEST_F(LedgerCertificates, AnEndThatComesNearIsToldAFortnightBefore) {
    std::filesystem::remove_all(dir / "keys");  // nothing can be written
    clock.at += day * 350;
    EXPECT_EQ(papers->look().error().code, "file_unwritable");
    EXPECT_FALSE(papers->ending());
    clock.at += day;
    EXPECT_NE(papers->ending().value_or("").find("the server's certificate ends at"), std::string::npos);
}

TEST_F(LedgerCertificates, ANewCaIsBelievedBesideTheOldOneUntilThatEnds) {
    const std::string old_ca = credentials->ca_certificate;
    clock.at += day * 300;
    ASSERT_TRUE(rotate());
    start();
    EXPECT_NE(credentials->ca_certificate, old_ca);
    // The server still shows itself by the one that all devices know, and has a whole life to do so.
    EXPECT_EQ(papers->serving_ca(), old_ca);
    EXPECT_EQ(crypto::life_of(shown())->to, clock.at + day * 365);
    EXPECT_EQ(papers->cas(), (std::vector{crypto::fingerprint(old_ca), crypto::fingerprint(credentials->ca_certificate)}));
    EXPECT_EQ(crypto::certificates_in(papers->authority().cas).front(), old_ca);
    EXPECT_EQ(papers->authority().certificate, credentials->ca_certificate);
    EXPECT_EQ(believed(), 2U);
    // Its next certificate comes from the new one.
    clock.at += day * 244;
    EXPECT_TRUE(papers->look().value());
    EXPECT_EQ(papers->serving_ca(), credentials->ca_certificate);
    EXPECT_EQ(believed(), 2U);
    clock.at += day * 7000;
    EXPECT_EQ(believed(), 1U);
}

TEST_F(LedgerCertificates, ARotationThatIsCutShortLeavesAWhole) {
    const std::string old_ca = credentials->ca_certificate;
    ASSERT_TRUE(rotate());
    // The key was written, its certificate not yet moved into place.
    ASSERT_TRUE(host::write_file_atomically(dir / "keys/ca.crt", old_ca, 0600));
    start();
    EXPECT_NE(credentials->ca_certificate, old_ca);
    EXPECT_EQ(crypto::certificate_public_key(credentials->ca_certificate).value(), credentials->ca_key.public_key());
    std::filesystem::remove(dir / "keys/ca-next.crt");
    EXPECT_EQ(load_credentials(dir / "keys").error().code, "credentials_damaged");
}

TEST(LedgerDatabase, OneThatIsDamagedIsNamedAndLeftAlone) {
    TempDir dir;
    ASSERT_TRUE(host::write_file_atomically(dir / "l.db", std::string(8192, 'x'), 0600));
    const auto db = open_ledger(dir / "l.db");
    ASSERT_FALSE(db);
    EXPECT_EQ(db.error().code, "database_damaged");
    EXPECT_NE(db.error().detail.find("l.db"), std::string::npos);
    EXPECT_EQ(*host::read_file(dir / "l.db"), std::string(8192, 'x'));
}

}  // namespace
}  // namespace obol::ledger
