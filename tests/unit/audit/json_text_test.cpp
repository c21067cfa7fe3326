#include "sync/audit/json_text.hpp"

#include <gtest/gtest.h>

namespace obol::audit {
namespace {

std::string nested(int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') +
           std::string(static_cast<std::size_t>(levels), ']');
}

TEST(JsonText, SixteenLevelsAreReadAndNotOneMore) {
    EXPECT_TRUE(json_in(nested(16)));
    EXPECT_FALSE(json_in(nested(17)));
    EXPECT_FALSE(json_in(nested(1'000'000)));
    EXPECT_FALSE(json_in(std::string(1'000'000, '[')));
}

TEST(JsonText, BracketsWithinATextAreNoLevels) {
    const std::string text = R"({"a":")" + std::string(100, '[') + R"(\"{{{{{{{{{{{{{{{{{{"})";
    ASSERT_TRUE(json_in(text));
    EXPECT_FALSE(json_in(R"({"a":"\\",)" + nested(17).insert(0, R"("b":)") + "}"));
}

TEST(JsonText, WhatIsNoJsonIsNothing) {
    for (const char* text : {"", "{", "]", "{\"a\":1}x", "nul"}) EXPECT_FALSE(json_in(text)) << text;
}

TEST(JsonText, OnlyAScalarIsSaidAsItIs) {
    EXPECT_EQ(scalar_text(*json_in(R"("a b")")), "a b");
    EXPECT_EQ(scalar_text(*json_in("-12")), "-12");
    EXPECT_EQ(scalar_text(*json_in("true")), "true");
    EXPECT_EQ(scalar_text(*json_in("[[1]]")), "array");
    EXPECT_EQ(scalar_text(*json_in("{}")), "object");
}

}  // namespace
}  // namespace obol::audit
