#include "sync/domain/words.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/unit/domain/allocation_cases.hpp"

namespace obol {
namespace {

TEST(Words, AreNumberedInTheOrderOfFirstSightByTextAndKind) {
    const std::string tea = "Tea", again = "Tea", coffee = "Coffee";
    Words words(4, std::pmr::get_default_resource());
    EXPECT_EQ(words.number(tea), 0u);
    EXPECT_EQ(words.number(coffee), 1u);
    EXPECT_EQ(words.number(again), 0u);
    EXPECT_EQ(words.number(tea, 7), 2u) << "of another kind";
    EXPECT_EQ(words.size(), 3u);
    EXPECT_EQ(words.find("Tea"), 0u);
    EXPECT_EQ(words.find("Tea", 7), 2u);
    EXPECT_EQ(words.find("Tea", 1), Words::none);
    EXPECT_EQ(words.find(""), Words::none);
    EXPECT_EQ(words.find("Coffe"), Words::none);
}

TEST(Words, OfNoTextsHoldNone) {
    Words words(0, std::pmr::get_default_resource());
    EXPECT_EQ(words.find("x"), Words::none);
    EXPECT_EQ(words.number(""), 0u);
    EXPECT_EQ(words.find(""), 0u);
}

// Few letters and all sizes up to 40, so that many texts share their first and last eight bytes.
TEST(Words, AreEqualWhereTheTextsAre) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        cases::Dice dice(seed);
        std::vector<std::string> texts;
        for (int i = 0; i < 400; ++i) {
            std::string text(static_cast<std::size_t>(dice.below(41)), 'a');
            if (!text.empty() && dice.one_in(2)) {
                text[static_cast<std::size_t>(dice.below(static_cast<long>(text.size())))] = 'b';
            }
            texts.push_back(std::move(text));
        }
        Words words(texts.size(), std::pmr::get_default_resource());
        std::map<std::string, std::uint32_t> wanted;
        for (const std::string& text : texts) {
            const auto next = static_cast<std::uint32_t>(wanted.size());
            const std::uint32_t number = wanted.try_emplace(text, next).first->second;
            ASSERT_EQ(words.number(text), number) << text;
        }
        for (const auto& [text, number] : wanted) ASSERT_EQ(words.find(text), number) << text;
        ASSERT_EQ(words.find(std::string(41, 'a')), Words::none);
    }
}

}  // namespace
}  // namespace obol
