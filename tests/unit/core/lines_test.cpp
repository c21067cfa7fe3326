#include "sync/core/lines.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace obol {
namespace {

std::vector<std::string> read(const std::string& text, std::size_t longest) {
    std::istringstream in(text);
    Lines lines(in, longest);
    std::vector<std::string> out;
    while (const auto line = lines.next()) out.emplace_back(*line);
    if (lines.too_long()) out.push_back("too long behind " + std::to_string(lines.number()));
    return out;
}

using Texts = std::vector<std::string>;

TEST(Lines, AreWhatStandsBetweenTheirEnds) {
    EXPECT_EQ(read("", 3), Texts{});
    EXPECT_EQ(read("a\n\nbc\n", 3), (Texts{"a", "", "bc"}));
    EXPECT_EQ(read("a\nbc", 3), (Texts{"a", "bc"}));
    EXPECT_EQ(read("\n", 3), Texts{""});
}

TEST(Lines, HaveABound) {
    EXPECT_EQ(read("abc\nabc", 3), (Texts{"abc", "abc"}));
    EXPECT_EQ(read("abcd\n", 3), Texts{"too long behind 0"});
    EXPECT_EQ(read("a\nabcd", 3), (Texts{"a", "too long behind 1"}));
    EXPECT_EQ(read("a\nabcde\nb\n", 3), (Texts{"a", "too long behind 1"}));
    EXPECT_EQ(read(std::string(100, 'x'), 3), Texts{"too long behind 0"});
}

}  // namespace
}  // namespace obol
