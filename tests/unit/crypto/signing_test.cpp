#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {
namespace {

// Gives the bytes it was made with, over and over.
class Fixed final : public Random {
public:
    explicit Fixed(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = bytes_[at_++ % bytes_.size()];
    }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
};

// RFC 8032 section 7.1, test 2.
TEST(Signing, IsTheStandardsOwn) {
    Fixed seed{from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value()};
    const SigningKey key = SigningKey::generate(seed);
    EXPECT_EQ(to_hex(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    EXPECT_EQ(to_hex(key.sign(Bytes{0x72})),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Signing, OtherTextKeyOrSignatureIsRefused) {
    SystemRandom random;
    const SigningKey key = SigningKey::generate(random);
    const SigningKey other = SigningKey::generate(random);
    Signature signature = key.sign(as_bytes("head"));
    EXPECT_TRUE(verify(key.public_key(), as_bytes("head"), signature));
    EXPECT_FALSE(verify(key.public_key(), as_bytes("heap"), signature));
    EXPECT_FALSE(verify(other.public_key(), as_bytes("head"), signature));
    EXPECT_FALSE(verify(key.public_key(), as_bytes("head"), ByteView(signature).first(63)));
    EXPECT_FALSE(verify({}, as_bytes("head"), signature));
    signature[5] ^= 1;
    EXPECT_FALSE(verify(key.public_key(), as_bytes("head"), signature));
}

TEST(Signing, AKeySurvivesItsFile) {
    SystemRandom random;
    const SigningKey key = SigningKey::generate(random);
    const Secret pem = key.to_pem();
    const auto again = SigningKey::from_pem(pem);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->public_key(), key.public_key());
    EXPECT_EQ(again->sign(as_bytes("x")), key.sign(as_bytes("x")));
}

TEST(Signing, WhatIsNoKeyIsRefused) {
    EXPECT_EQ(SigningKey::from_pem(Secret{"nonsense"}).error().code, "key_malformed");
    EXPECT_EQ(SigningKey::from_pem(Secret{""}).error().code, "key_malformed");
    // X25519: well-formed, of the wrong kind.
    const Secret other{
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VuBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
        "-----END PRIVATE KEY-----\n"};
    EXPECT_EQ(SigningKey::from_pem(other).error().code, "key_malformed");
}

TEST(Signing, TheDeviceIdIsTheDigestOfThePublicKey) {
    SystemRandom random;
    const auto raw = SigningKey::generate(random).public_key();
    EXPECT_EQ(device_id_of(raw), to_hex(sha256(raw)));
}

}  // namespace
}  // namespace obol::crypto
