#include "sync/core/bytes.hpp"

#include <gtest/gtest.h>

#include <random>

namespace obol {
namespace {

Bytes bytes(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

struct Vector {
    std::string_view plain, base64, base32;
};
// RFC 4648, section 10.
constexpr Vector vectors[] = {
    {"", "", ""},
    {"f", "Zg==", "MY"},
    {"fo", "Zm8=", "MZXQ"},
    {"foo", "Zm9v", "MZXW6"},
    {"foob", "Zm9vYg==", "MZXW6YQ"},
    {"fooba", "Zm9vYmE=", "MZXW6YTB"},
    {"foobar", "Zm9vYmFy", "MZXW6YTBOI"},
};

TEST(Bytes, EncodeAndDecodeTheVectorsOfTheRfc) {
    for (const Vector& each : vectors) {
        EXPECT_EQ(to_base64(as_bytes(each.plain)), each.base64);
        EXPECT_EQ(to_base32(as_bytes(each.plain)), each.base32);
        EXPECT_EQ(from_base64(each.base64).value(), bytes(each.plain));
        EXPECT_EQ(from_base32(each.base32).value(), bytes(each.plain));
    }
    const Bytes high{0x00, 0xfb, 0xff, 0xbf};
    EXPECT_EQ(to_hex(high), "00fbffbf");
    EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff, 0xbf}), "-_-_");
    EXPECT_EQ(to_base64(Bytes{0xfb, 0xff, 0xbf}), "+/+/");
    EXPECT_EQ(to_base64url(as_bytes("f")), "Zg");
}

TEST(Bytes, AnyBytesComeBackFromEveryEncoding) {
    std::mt19937 dice{7};
    for (std::size_t size = 0; size < 70; ++size) {
        Bytes any(size);
        for (auto& byte : any) byte = static_cast<std::uint8_t>(dice());
        EXPECT_EQ(from_hex(to_hex(any)).value(), any);
        EXPECT_EQ(from_base64(to_base64(any)).value(), any);
        EXPECT_EQ(from_base32(to_base32(any)).value(), any);
    }
}

TEST(Bytes, HexReadsBothCases) { EXPECT_EQ(from_hex("AbCd").value(), (Bytes{0xab, 0xcd})); }

TEST(Bytes, RefuseWhatIsNotTheOneTextOfSomeBytes) {
    for (const auto* bad : {"a", "abc", "zz", "0x", " 00", "0\n"}) {
        EXPECT_EQ(from_hex(bad).error().code, "hex_malformed") << bad;
    }
    // Missing, wrong or inner padding; filled bits that are not zero; the URL alphabet; white
    // space.
    for (const auto* bad : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zh==", "Zm9=", "-_-_",
                            "Zm 9v", "Zm9v\n", "=Zg="}) {
        EXPECT_EQ(from_base64(bad).error().code, "base64_malformed") << bad;
    }
    for (const auto* bad : {"M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1"}) {
        EXPECT_EQ(from_base32(bad).error().code, "base32_malformed") << bad;
    }
}

TEST(Bytes, CompareInConstantTimeByContentAndLength) {
    EXPECT_TRUE(equal_constant_time({}, {}));
    EXPECT_TRUE(equal_constant_time(as_bytes("1234"), as_bytes("1234")));
    EXPECT_FALSE(equal_constant_time(as_bytes("1234"), as_bytes("1235")));
    EXPECT_FALSE(equal_constant_time(as_bytes("1234"), as_bytes("0234")));
    EXPECT_FALSE(equal_constant_time(as_bytes("123"), as_bytes("1234")));
}

}  // namespace
}  // namespace obol
