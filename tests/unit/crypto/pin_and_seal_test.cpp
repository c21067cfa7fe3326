#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {
namespace {

TEST(Pin, OnlyTheRightPinOfTheRightCodePasses) {
    SystemRandom random;
    const std::string verifier = make_pin_verifier("1234", "GIFTABCDEFGH2", random);
    EXPECT_TRUE(verifier.starts_with("obol-pin/1$"));
    EXPECT_TRUE(check_pin(verifier, "1234", "GIFTABCDEFGH2"));
    EXPECT_FALSE(check_pin(verifier, "1235", "GIFTABCDEFGH2"));
    EXPECT_FALSE(check_pin(verifier, "1234", "GIFTABCDEFGH3"));
    EXPECT_FALSE(check_pin(verifier, "", "GIFTABCDEFGH2"));
}

TEST(Pin, PinAndCodeDoNotFlowIntoEachOther) {
    SystemRandom random;
    const std::string verifier = make_pin_verifier("1234", "5ABC", random);
    EXPECT_FALSE(check_pin(verifier, "12345", "ABC"));
}

TEST(Pin, EqualPinsLookDifferent) {
    SystemRandom random;
    EXPECT_NE(make_pin_verifier("1234", "A", random), make_pin_verifier("1234", "A", random));
}

TEST(Pin, ADamagedVerifierPassesNothing) {
    SystemRandom random;
    const std::string verifier = make_pin_verifier("1234", "A", random);
    EXPECT_FALSE(check_pin("", "1234", "A"));
    EXPECT_FALSE(check_pin("obol-pin/1$", "1234", "A"));
    EXPECT_FALSE(check_pin("obol-pin/2" + verifier.substr(10), "1234", "A"));
    EXPECT_FALSE(check_pin(verifier.substr(0, verifier.size() - 8), "1234", "A"));
    EXPECT_FALSE(check_pin("obol-pin/1$AAAA$AAAA", "1234", "A"));
}

TEST(Seal, OpensWithKeyAndContextOnly) {
    SystemRandom random;
    const Key32 key = make_key(random);
    const Bytes sealed = seal(key, as_bytes("a code"), "pass:1", random);
    EXPECT_EQ(sealed.size(), 12 + 6 + 16u);
    EXPECT_EQ(as_text(unseal(key, sealed, "pass:1").value()), "a code");
    EXPECT_EQ(unseal(key, sealed, "pass:2").error().code, "unseal_failed");
    EXPECT_EQ(unseal(make_key(random), sealed, "pass:1").error().code, "unseal_failed");
}

TEST(Seal, EveryChangedByteIsNoticed) {
    SystemRandom random;
    const Key32 key = make_key(random);
    const Bytes sealed = seal(key, as_bytes("a code"), "", random);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes bent = sealed;
        bent[i] ^= 0x40;
        EXPECT_FALSE(unseal(key, bent, "")) << i;
    }
    for (std::size_t n = 0; n < sealed.size(); ++n) EXPECT_FALSE(unseal(key, ByteView(sealed).first(n), "")) << n;
}

TEST(Seal, NothingCanBeSealedToo) {
    SystemRandom random;
    const Key32 key = make_key(random);
    EXPECT_TRUE(unseal(key, seal(key, {}, "empty", random), "empty").value().empty());
}

}  // namespace
}  // namespace obol::crypto
