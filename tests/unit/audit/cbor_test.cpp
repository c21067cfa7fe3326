#include "sync/audit/cbor.hpp"

#include <gtest/gtest.h>

namespace {

using namespace obol;
using audit::decode;

Bytes bytes_of(std::string_view hex) { return from_hex(hex).value(); }
bool refused(std::string_view hex) { return !decode(bytes_of(hex)); }
std::string why(std::string_view hex) { return decode(bytes_of(hex)).error().detail; }

TEST(Cbor, EachTypeIsReadAtItsEdges) {
    const auto integer = [](std::string_view hex) {
        return std::get<std::int64_t>(decode(bytes_of(hex))->is);
    };
    EXPECT_EQ(integer("17"), 23);
    EXPECT_EQ(integer("1818"), 24);
    EXPECT_EQ(integer("190100"), 256);
    EXPECT_EQ(integer("1a00010000"), 65536);
    EXPECT_EQ(integer("1b0000000100000000"), std::int64_t{1} << 32);
    EXPECT_EQ(integer("1b7fffffffffffffff"), INT64_MAX);
    EXPECT_EQ(integer("3b7fffffffffffffff"), INT64_MIN);
    EXPECT_EQ(integer("20"), -1);
    EXPECT_TRUE(std::get<bool>(decode(bytes_of("f5"))->is));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(decode(bytes_of("f6"))->is));
    EXPECT_EQ(std::get<std::string>(decode(bytes_of("63e282ac"))->is), "€");
    EXPECT_EQ(std::get<Bytes>(decode(bytes_of("4200ff"))->is), (Bytes{0, 255}));
    EXPECT_EQ(std::get<audit::Value::List>(decode(bytes_of("8201f4"))->is).size(), 2U);
}

TEST(Cbor, WhatIsNotInItsOneFormIsRefused) {
    for (const char* longer : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817",
                               "5801aa", "780161", "980101", "b8016101"}) {
        EXPECT_TRUE(refused(longer)) << longer;
    }
    EXPECT_EQ(why("1817"), "not the shortest form at byte 2");
    EXPECT_TRUE(refused("a2616201616101")) << "keys out of order";
    EXPECT_TRUE(refused("a2616101616102")) << "a key twice";
    EXPECT_TRUE(refused("a262616101616201")) << "a longer key first";
    EXPECT_FALSE(refused("a261620162616101")) << "by length first, then by bytes";
}

TEST(Cbor, WhatTheFormatHasNotIsRefused) {
    for (const char* foreign : {"c000", "f90000", "fb0000000000000000", "f7", "e0", "f818", "9fff",
                                "5fff", "bfff", "1c", "1f", "ff", "a10101"}) {
        EXPECT_TRUE(refused(foreign)) << foreign;
    }
    EXPECT_TRUE(refused("1b8000000000000000")) << "beyond 64 bits with a sign";
    EXPECT_TRUE(refused("3b8000000000000000"));
}

TEST(Cbor, WhatEndsTooEarlyOrTooLateIsRefused) {
    const Bytes whole = bytes_of("a361760163736571821818190100656c6162656c63e282ac");
    ASSERT_TRUE(decode(whole)) << decode(whole).error().detail;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode(ByteView(whole).first(length))) << length;
    }
    EXPECT_TRUE(refused("0000"));
    EXPECT_TRUE(refused("9bffffffffffffffff")) << "a list longer than any memory";
    EXPECT_TRUE(refused("bb7fffffffffffffff"));
    EXPECT_TRUE(refused("7b7fffffffffffffff"));
}

TEST(Cbor, TextIsWellFormed) {
    for (const char* bad : {"6180", "62c0af", "63e08080", "63eda080", "64f0808080", "64f4908080",
                            "61ff", "62c241", "61c2"}) {
        EXPECT_TRUE(refused(bad)) << bad;
    }
    EXPECT_FALSE(refused("64f48fbfbf"));
}

TEST(Cbor, NestingHasABound) {
    const auto nested = [](int depth) {
        Bytes out(static_cast<std::size_t>(depth), 0x81);
        out.push_back(0);
        return out;
    };
    EXPECT_TRUE(decode(nested(32)));
    EXPECT_FALSE(decode(nested(33)));
}

TEST(Cbor, APathFindsAMember) {
    const auto value = decode(bytes_of("a261618201026162a1616307"));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->integer("b.c"), 7);
    EXPECT_EQ(value->list("a").size(), 2U);
    EXPECT_FALSE(value->integer("a"));
    EXPECT_FALSE(value->integer("b.d"));
    EXPECT_FALSE(value->integer("a.c"));
    EXPECT_TRUE(value->list("b").empty());
}

}  // namespace
