#include "sync/journal/value.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

namespace obol::journal {
namespace {

std::string hex(const Value& value) { return to_hex(encode(value)); }
Result<Value> from(const char* hex) { return decode(*from_hex(hex)); }

TEST(Value, EncodesAsTheExamplesOfRfc8949) {
    EXPECT_EQ(hex(0), "00");
    EXPECT_EQ(hex(23), "17");
    EXPECT_EQ(hex(24), "1818");
    EXPECT_EQ(hex(100), "1864");
    EXPECT_EQ(hex(1000), "1903e8");
    EXPECT_EQ(hex(1000000), "1a000f4240");
    EXPECT_EQ(hex(std::int64_t{1000000000000}), "1b000000e8d4a51000");
    EXPECT_EQ(hex(-1), "20");
    EXPECT_EQ(hex(-100), "3863");
    EXPECT_EQ(hex(-1000), "3903e7");
    EXPECT_EQ(hex(false), "f4");
    EXPECT_EQ(hex(true), "f5");
    EXPECT_EQ(hex(Value()), "f6");
    EXPECT_EQ(hex(Bytes{1, 2, 3, 4}), "4401020304");
    EXPECT_EQ(hex(""), "60");
    EXPECT_EQ(hex("IETF"), "6449455446");
    EXPECT_EQ(hex("\u00fc"), "62c3bc");
    EXPECT_EQ(hex("\u6c34"), "63e6b0b4");
    EXPECT_EQ(hex(Array{}), "80");
    EXPECT_EQ(hex(Array{1, 2, 3}), "83010203");
    EXPECT_EQ(hex(Map{}), "a0");
    EXPECT_EQ(hex(Map{{"a", 1}, {"b", Array{2, 3}}}), "a26161016162820203");
}

TEST(Value, ReachesBothEndsOfTheIntegers) {
    for (const std::int64_t i : {INT64_MIN, INT64_MIN + 1, std::int64_t{-4294967297}, INT64_MAX}) {
        const Result<Value> back = decode(encode(i));
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, Value(i));
    }
    EXPECT_FALSE(from("1b8000000000000000"));
    EXPECT_FALSE(from("3b8000000000000000"));
}

TEST(Value, OrdersKeysByLengthThenBytes) {
    EXPECT_EQ(hex(Map{{"aa", 1}, {"b", 2}, {"a", 3}}),
              "a36161036162026261"
              "6101");
}

TEST(Value, RefusesWhateverItWouldNotHaveWritten) {
    for (const char* bad : {
             "",  // nothing
             "1800",
             "190018",
             "1a00000100",
             "1b0000000000000001",  // longer than need be
             "7801"
             "61",
             "5801"
             "00",
             "980100",
             "b801616100",  // lengths, too
             "9fff",
             "bfff",
             "7fff",
             "5fff",  // indefinite
             "c000",
             "d81800",  // tags
             "f90000",
             "fa00000000",
             "fb0000000000000000",  // floats
             "f7",
             "f0",
             "f800",
             "e0",  // undefined, simple values
             "a2616201616102",
             "a261610161"
             "6102",  // keys out of order, twice
             "a2626161016162"
             "02",  // longer key first
             "a10101",
             "a14161"
             "01",  // keys that are not text
             "0000",
             "8000",  // trailing bytes
             "61",
             "6261",
             "41",
             "81",
             "8101"
             "00",
             "a1",
             "a16161",  // cut short
             "61ff",
             "62c080",
             "63eda080",
             "64f4908080",
             "63e08080",
             "61c3",  // not UTF-8
             "1c",
             "1f",
             "3f",
             "ff",
         }) {
        const Result<Value> got = from(bad);
        ASSERT_FALSE(got) << bad;
        EXPECT_EQ(got.error().code, "malformed_value") << bad;
    }
}

TEST(Value, RefusesHugeLengthsWithoutTakingTheMemory) {
    EXPECT_FALSE(from("9b7fffffffffffffff"));
    EXPECT_FALSE(from("bb7fffffffffffffff"));
    EXPECT_FALSE(from("7b7fffffffffffffff"));
    Bytes many{0x9a, 0x00, 0x20, 0x00, 0x00};
    many.resize(many.size() + 0x200000, 0xf6);
    EXPECT_FALSE(decode(many));
}

TEST(Value, NestsToItsDepthAndNoDeeper) {
    Value value(1);
    for (int i = 0; i < 32; ++i) value = Value(Array{value});
    EXPECT_EQ(*decode(encode(value)), value);
    EXPECT_THROW(encode(Value(Array{value})), std::invalid_argument);
    Bytes deeper(33, 0x81);
    deeper.push_back(0x01);
    EXPECT_FALSE(decode(deeper));
    EXPECT_FALSE(decode(Bytes(100'000, 0x81)));
}

TEST(Value, WritesNoTextThatCouldNotBeReadAgain) {
    EXPECT_THROW(encode("\xff"), std::invalid_argument);
    EXPECT_THROW(encode(Map{{"\xc3", 1}}), std::invalid_argument);
}

TEST(Value, KeepsZeroBytesInTexts) {
    const std::string text("a\0b", 3);
    EXPECT_EQ(*decode(encode(text))->text(), text);
}

TEST(Value, FindsMembers) {
    const Value value(Map{{"a", 1}});
    ASSERT_NE(value.find("a"), nullptr);
    EXPECT_EQ(*value.find("a"), Value(1));
    EXPECT_EQ(value.find("b"), nullptr);
    EXPECT_EQ(Value(1).find("a"), nullptr);
}

Value any_value(std::mt19937_64& dice, int depth) {
    switch (dice() % (depth > 0 ? 8 : 6)) {
        case 0:
            return {};
        case 1:
            return dice() % 2 == 0;
        case 2:
            return static_cast<std::int64_t>(dice());
        case 3:
            return static_cast<std::int64_t>(dice() % 300) - 150;
        case 4:
            return std::string(dice() % 30, static_cast<char>('a' + dice() % 26));
        case 5:
            return Bytes(dice() % 300, static_cast<std::uint8_t>(dice()));
        case 6: {
            Array items;
            for (std::uint64_t n = dice() % 5; n > 0; --n)
                items.push_back(any_value(dice, depth - 1));
            return items;
        }
        default: {
            Map items;
            for (std::uint64_t n = dice() % 5; n > 0; --n) {
                items[std::string(1 + dice() % 25, static_cast<char>('a' + dice() % 26))] =
                    any_value(dice, depth - 1);
            }
            return items;
        }
    }
}

TEST(Value, ComesBackFromItsBytes) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        const Value value = any_value(dice, 4);
        const Result<Value> back = decode(encode(value));
        ASSERT_TRUE(back) << back.error().detail;
        ASSERT_EQ(*back, value);
    }
}

TEST(Value, MatchesBytesOneToOneEvenWhenTheyAreDamaged) {
    std::size_t read = 0;
    for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        Bytes bytes = encode(any_value(dice, 3));
        for (std::uint64_t n = 1 + dice() % 2; n > 0; --n) {
            bytes[dice() % bytes.size()] = static_cast<std::uint8_t>(dice());
        }
        if (const Result<Value> value = decode(bytes)) {
            ++read;
            ASSERT_EQ(encode(*value), bytes);
        }
    }
    EXPECT_GT(read, 1000u);
}

}  // namespace
}  // namespace obol::journal
