#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {
namespace {

using namespace std::chrono_literals;

const Instant noon = parse_rfc3339("2026-11-21T12:00:00Z").value();

struct Certificates : testing::Test {
    SystemRandom random;
    SigningKey ca_key = SigningKey::generate(random);
    SigningKey key = SigningKey::generate(random);
    std::string ca = make_ca(ca_key, "Obol CA", noon, 24h * 3650);

    std::string issue_device(const std::string& venue) {
        const Subjects subjects{.common_name = device_id_of(key.public_key()), .venue = venue, .business = "aroma"};
        return issue_certificate(ca_key, ca, key.public_key(), subjects, false, noon, 24h * 90, random);
    }
};

TEST_F(Certificates, SayWhoseDeviceItIs) {
    const std::string pem = issue_device("nic");
    const auto identity = read_identity(pem);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->device, device_id_of(key.public_key()));
    EXPECT_EQ(identity->venue, "nic");
    EXPECT_EQ(identity->business, "aroma");
    EXPECT_EQ(identity->not_before, noon);
    EXPECT_EQ(identity->not_after, noon + 24h * 90);
    EXPECT_EQ(identity->serial.size(), 32u);
    EXPECT_EQ(certificate_public_key(pem).value(), key.public_key());
}

TEST_F(Certificates, AServersNamesNoDevice) {
    const Subjects subjects{.common_name = "ledger", .dns = {"ledger.example"}, .ips = {"127.0.0.1", "::1"}};
    const std::string pem =
        issue_certificate(ca_key, ca, key.public_key(), subjects, true, noon, 24h * 90, random);
    EXPECT_EQ(read_identity(pem).error().code, "certificate_malformed");
    EXPECT_EQ(read_identity("no certificate").error().code, "certificate_malformed");
    EXPECT_EQ(certificate_public_key("no certificate").error().code, "certificate_malformed");
}

TEST_F(Certificates, DifferInSerialAndFingerprint) {
    const std::string a = issue_device("nic"), b = issue_device("nic");
    EXPECT_NE(read_identity(a)->serial, read_identity(b)->serial);
    EXPECT_NE(fingerprint(a), fingerprint(b));
    EXPECT_EQ(fingerprint(a).size(), 64u);
}

TEST_F(Certificates, ARequestProvesItsKey) {
    const std::string csr = make_csr(key, device_id_of(key.public_key()));
    EXPECT_EQ(csr_public_key(csr).value(), key.public_key());
    EXPECT_EQ(csr_public_key("nonsense").error().code, "csr_malformed");
    EXPECT_EQ(csr_public_key(ca).error().code, "csr_malformed");
}

TEST_F(Certificates, ARequestWithAnotherSignatureIsRefused) {
    const std::string csr = make_csr(key, "device");
    std::string text = csr;
    // The last bytes of the body are the signature.
    const std::size_t at = text.find("\n-----END") - 12;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(csr_public_key(text).error().code, "csr_malformed");
}

}  // namespace
}  // namespace obol::crypto
