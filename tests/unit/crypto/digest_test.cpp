#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {
namespace {

TEST(Digest, IsTheStandardsOwn) {
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, ComesInPartsAndIsReadyForTheNext) {
    Sha256 hasher;
    hasher.add(as_bytes("a"));
    hasher.add(as_bytes("bc"));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
    hasher.add(as_bytes("left"));
    hasher.reset();
    hasher.add(as_bytes("abc"));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than the block).
TEST(Hmac, IsTheStandardsOwn) {
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AnEmptyKeyIsNotTheKeyFromBefore) {
    hmac_sha256(as_bytes("before"), as_bytes("text"));
    EXPECT_EQ(to_hex(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// A key that stays is not set anew: neither what was hashed before nor a shorter key of the same beginning may be left of it.
TEST(Hmac, AKeyThatStaysIsTheKeyOfEachCall) {
    const std::string jefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const auto once = [] { return to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))); };
    EXPECT_EQ(once(), jefe);
    hmac_sha256(as_bytes("Jefe"), as_bytes("something else"));
    EXPECT_EQ(once(), jefe);
    for (const std::string_view other : {"Jef", "Jefe2", "Joan"}) {
        EXPECT_NE(to_hex(hmac_sha256(as_bytes(other), as_bytes("what do ya want for nothing?"))), jefe) << other;
        EXPECT_EQ(once(), jefe);
    }
}

TEST(SystemRandom, DoesNotRepeatItself) {
    SystemRandom random;
    EXPECT_NE(make_key(random), make_key(random));
}

}  // namespace
}  // namespace obol::crypto
