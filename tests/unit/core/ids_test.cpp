#include "sync/core/ids.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <set>

#include "sync/core/random.hpp"
#include "sync/core/secret.hpp"

namespace obol {
namespace {

// Gives the bytes it was told to, then fails the test's patience: it stops with an exception.
class Told : public Random {
public:
    explicit Told(std::deque<std::uint32_t> words) : words_(std::move(words)) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % 4 == 0) {
                word_ = words_.at(0);
                words_.pop_front();
            }
            out[i] = static_cast<std::uint8_t>(word_ >> (8 * (3 - i % 4)));
        }
    }
    std::size_t left() const { return words_.size(); }

private:
    std::deque<std::uint32_t> words_;
    std::uint32_t word_ = 0;
};

class Seeded : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(dice_());
    }

private:
    std::mt19937 dice_{3};
};

TEST(Ids, HaveOneToSixtyFourLettersDigitsDashesAndUnderscores) {
    EXPECT_TRUE(is_id_form("a"));
    EXPECT_TRUE(is_id_form("A-z_09"));
    EXPECT_TRUE(is_id_form(std::string(64, 'x')));
    EXPECT_FALSE(is_id_form(""));
    EXPECT_FALSE(is_id_form(std::string(65, 'x')));
    for (const auto* bad : {"a b", "a:b", "a/b", "ä", "a\n", "a.b"})
        EXPECT_FALSE(is_id_form(bad)) << bad;
    EXPECT_FALSE(is_id_form(std::string_view("a\0b", 3)));
}

TEST(Uniform, DrawsAgainWhereTheLastCycleIsIncomplete) {
    // 2^32 = 31 * 138547332 + 4: the last four words would favour 0 to 3.
    Told random{{0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFFFB}};
    EXPECT_EQ(uniform(random, 31), 30u);
    EXPECT_EQ(random.left(), 0u);
    Told power_of_two{{0xFFFFFFFF}};
    EXPECT_EQ(uniform(power_of_two, 16), 15u);
    Told one{{12345}};
    EXPECT_EQ(uniform(one, 1), 0u);
}

TEST(Uniform, GivesEveryResultAboutEquallyOften) {
    Seeded random;
    std::array<int, 10> count{};
    for (int i = 0; i < 20'000; ++i) ++count.at(uniform(random, 10));
    for (const int each : count) EXPECT_NEAR(each, 2'000, 250);
}

TEST(Uuid7, CarriesTimeVersionAndVariant) {
    Told random{{0, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}};
    EXPECT_EQ(make_uuid7(from_millis(0x0123456789AB), random),
              "01234567-89ab-7fff-bfff-ffffffffffff");
    Told zeros{{0, 0, 0, 0}};
    EXPECT_EQ(make_uuid7(from_millis(1), zeros), "00000000-0001-7000-8000-000000000000");
}

TEST(Uuid7, GrowsWithTimeNeverRepeatsAndIsAnId) {
    Seeded random;
    std::set<std::string> seen;
    std::string last;
    for (int ms = 0; ms < 1000; ++ms) {
        const std::string id = make_uuid7(from_millis(1'700'000'000'000 + ms), random);
        EXPECT_TRUE(is_id_form(id));
        EXPECT_LT(last, id);
        EXPECT_TRUE(seen.insert(id).second);
        EXPECT_TRUE(seen.insert(make_uuid7(from_millis(1'700'000'000'000 + ms), random)).second);
        last = id;
    }
}

TEST(Secret, MovesAndLeavesNothingBehind) {
    Secret pin{"4711"};
    const Secret moved{std::move(pin)};
    EXPECT_EQ(moved.reveal(), "4711");
    EXPECT_TRUE(pin.empty());  // NOLINT(bugprone-use-after-move): that is the claim
    Secret copy = moved;
    copy = Secret{"1"};
    EXPECT_EQ(copy.reveal(), "1");
    EXPECT_EQ(moved.reveal(), "4711");
}

}  // namespace
}  // namespace obol
