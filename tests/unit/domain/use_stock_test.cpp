#include "sync/domain/use_stock.hpp"

#include <gtest/gtest.h>

namespace obol {
namespace {

constexpr Millis minute{60'000};
const Instant noon{Millis{1'790'000'000'000}};

UsePace after_uses(int uses, Instant when = noon) {
    UsePace pace;
    for (int i = 0; i < uses; ++i) pace = used_once(pace, when);
    return pace;
}

TEST(UseStock, IsWhatTheBusierOfTwoHoursUsed) {
    UsePace pace = after_uses(8);
    EXPECT_EQ(uses_to_keep(pace), 8);
    pace = at(pace, noon + 61 * minute);
    EXPECT_EQ(uses_to_keep(pace), 8);
    pace = used_once(pace, noon + 62 * minute);
    EXPECT_EQ(uses_to_keep(pace), 8);
    EXPECT_EQ(pace.now, 1);
}

TEST(UseStock, IsNothingTwoHoursAfterTheLastUse) {
    EXPECT_EQ(uses_to_keep(at(after_uses(8), noon + 120 * minute)), 0);
    EXPECT_EQ(uses_to_keep(at(at(after_uses(8), noon + 60 * minute), noon + 120 * minute)), 0);
}

TEST(UseStock, AnHourIsOverAfterSixtyMinutesAndNotBefore) {
    EXPECT_EQ(at(after_uses(3), noon + 60 * minute - Millis{1}).now, 3);
    EXPECT_EQ(at(after_uses(3), noon + 60 * minute).now, 0);
    EXPECT_EQ(at(after_uses(3), noon + 60 * minute).before, 3);
}

TEST(UseStock, AClockThatIsTurnedBackBeginsAnew) {
    EXPECT_EQ(uses_to_keep(at(after_uses(3), noon - Millis{1})), 0);
    EXPECT_EQ(at(after_uses(3), noon - Millis{1}).since, noon - Millis{1});
}

TEST(UseStock, HasAnEnd) { EXPECT_EQ(uses_to_keep(after_uses(250)), most_uses_kept); }

TEST(UseStock, IsAskedForOnceHalfIsGone) {
    const UsePace pace = after_uses(8);
    EXPECT_EQ(uses_to_ask(pace, 4, 1000, noon), 0);
    EXPECT_EQ(uses_to_ask(pace, 3, 1000, noon), 5);
    EXPECT_EQ(uses_to_ask(pace, 0, 1000, noon), 8);
    EXPECT_EQ(uses_to_ask(after_uses(1), 0, 1000, noon), 1);
    EXPECT_EQ(uses_to_ask(after_uses(0), 0, 1000, noon), 0);
}

TEST(UseStock, LeavesHalfOfWhatIsLeftToOthers) {
    const UsePace pace = after_uses(8);
    EXPECT_EQ(uses_to_ask(pace, 0, 7, noon), 3);
    EXPECT_EQ(uses_to_ask(pace, 0, 1, noon), 0);
    EXPECT_EQ(uses_to_ask(pace, 0, 0, noon), 0);
    EXPECT_EQ(uses_to_ask(pace, 0, -3, noon), 0);
}

TEST(UseStock, IsAskedForLessAndLessOftenWhileAskingDoesNotHelp) {
    UsePace pace = after_uses(8);
    pace.asked = noon;
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + minute - Millis{1}), 0);
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + minute), 8);
    pace.tries = 3;
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + 8 * minute - Millis{1}), 0);
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + 8 * minute), 8);
    pace.tries = 60;
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + 32 * minute - Millis{1}), 0);
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon + 32 * minute), 8);
    EXPECT_EQ(uses_to_ask(pace, 0, 100, noon - minute), 8);  // the clock was turned back
    EXPECT_EQ(at(pace, noon + 60 * minute).tries, 0);
    EXPECT_EQ(at(pace, noon + 60 * minute).asked, noon);
}

}  // namespace
}  // namespace obol
