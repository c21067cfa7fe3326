#include "agent/store/clock_judge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace obol::agent {
namespace {

using namespace std::chrono_literals;

const Instant noon = parse_rfc3339("2026-11-21T12:00:00Z").value();
constexpr Millis day = 24h;

// A machine: true time goes by, and the system clock is off by so much.
struct Machine {
    Instant truth = noon;
    Millis off{};
    Millis booted_before = 1h;  // the boot clock at noon

    ClockReading read() const { return {truth + off, booted_before + (truth - noon)}; }
    void pass(Millis time) { truth += time; }
};

struct Clock {
    explicit Clock(const Machine& of, ClockPast past = {}) : machine(of), judge(past, of.read()) {}
    ClockNow now() { return judge.at(machine.read()); }
    Instant time() { return now().now; }
    bool trusted() { return now().trusted; }
    std::string why() { return judge.events() == 0 ? "" : judge.event(judge.events() - 1).reason; }
    void told() { judge.told(machine.truth, machine.read(), 0ms); }

    Machine machine;
    ClockJudge judge;
};

ClockPast floor_at(Instant floor) {
    ClockPast past;
    past.floor = floor;
    return past;
}

TEST(ClockJudge, AClockThatKeepsTimeIsFollowedAndNothingIsNoted) {
    Clock clock{Machine{}, floor_at(noon - 10h)};
    const std::uint64_t version = clock.judge.anchor_version();
    for (int i = 0; i < 100; ++i) {
        clock.machine.pass(1h);
        EXPECT_EQ(clock.now().now, clock.machine.truth);
        EXPECT_TRUE(clock.trusted());
        clock.told();
    }
    EXPECT_EQ(clock.judge.events(), 0u);
    EXPECT_EQ(clock.judge.anchor_version(), version);
}

TEST(ClockJudge, F23_SetBackWhileRunningItIsNotTrustedAndTimeGoesOnByTheBootClock) {
    for (const Millis back : {Millis{1h}, 30 * day, Millis{121s}}) {
        Clock clock{Machine{}};
        clock.machine.pass(5min);
        clock.machine.off = -back;
        EXPECT_EQ(clock.now().now, noon + 5min);
        EXPECT_FALSE(clock.trusted());
        EXPECT_EQ(clock.why(), "went_back");
        EXPECT_EQ(clock.judge.event(0).system, noon + 5min - back);
        EXPECT_EQ(clock.judge.event(0).taken, noon + 5min);
        clock.machine.pass(2h);
        EXPECT_EQ(clock.time(), noon + 2h + 5min);
        clock.machine.off = {};  // alone it does not come back
        EXPECT_FALSE(clock.trusted());
        EXPECT_EQ(clock.judge.events(), 1u);
    }
}

TEST(ClockJudge, F24_SetAheadWhileRunningNothingEndsByIt) {
    for (const Millis ahead : {day, 3650 * day, Millis{3601s}}) {
        Clock clock{Machine{}};
        clock.machine.pass(5min);
        clock.machine.off = ahead;
        EXPECT_EQ(clock.now().now, noon + 5min);
        EXPECT_FALSE(clock.trusted());
        EXPECT_EQ(clock.why(), "went_ahead");
    }
}

TEST(ClockJudge, AStepWithinBoundsIsFollowedAndTimeWaitsRatherThanGoingBack) {
    Clock clock{Machine{}};
    EXPECT_EQ(clock.time(), noon);
    clock.machine.off = -100s;
    EXPECT_EQ(clock.time(), noon);
    EXPECT_TRUE(clock.trusted());
    clock.machine.pass(90s);
    EXPECT_EQ(clock.time(), noon);  // it shows 11:59:50
    clock.machine.pass(40s);
    EXPECT_EQ(clock.time(), noon + 30s);
    clock.machine.off = 59min;
    EXPECT_EQ(clock.time(), noon + 59min + 130s);
    EXPECT_TRUE(clock.trusted());
}

TEST(ClockJudge, F25_AClockWithoutBatteryTakesTheJournalsTimeUntilTheLedgerTellsIts) {
    for (const char* text : {"1970-01-01T00:00:10Z", "2000-01-01T00:00:00Z"}) {
        Machine machine;
        machine.off = parse_rfc3339(text).value() - noon;
        Clock clock{machine, floor_at(noon - 20h)};
        EXPECT_EQ(clock.time(), noon - 20h);
        EXPECT_FALSE(clock.trusted());
        EXPECT_EQ(clock.why(), "behind_journal");
        clock.machine.pass(1min);
        EXPECT_EQ(clock.time(), noon - 20h + 1min);

        clock.told();
        EXPECT_EQ(clock.time(), clock.machine.truth);
        EXPECT_TRUE(clock.trusted());
        EXPECT_EQ(clock.why(), "ledger_time");
        clock.machine.pass(9h);  // the system clock stays in 1970, and is known to be off by so much
        EXPECT_EQ(clock.time(), clock.machine.truth);
        EXPECT_TRUE(clock.trusted());
        EXPECT_EQ(clock.judge.events(), 2u);
    }
}

TEST(ClockJudge, F25_ATimeServiceThatPutsTheClockRightIsFollowedFromThenOn) {
    Machine machine;
    machine.off = -20'000 * day;
    Clock clock{machine, floor_at(noon - 1h)};
    clock.told();
    clock.machine.off = 3s;
    clock.machine.pass(1h);
    EXPECT_EQ(clock.time(), clock.machine.truth + 3s);
    EXPECT_TRUE(clock.trusted());
    clock.machine.off = -1h;
    EXPECT_FALSE(clock.trusted());
}

TEST(ClockJudge, F26_SetBackAcrossARebootItIsNotTrustedUntilTheLedgerTellsTheTime) {
    Machine machine;
    machine.off = -121s;
    Clock clock{machine, floor_at(noon)};
    EXPECT_FALSE(clock.trusted());
    EXPECT_EQ(clock.time(), noon);
    machine.off = -120s;
    EXPECT_TRUE(Clock(machine, floor_at(noon)).trusted());
}

TEST(ClockJudge, F26_AnotherRebootMakesAnUntrustedClockNoBetter) {
    ClockPast past = floor_at(noon - 1h);
    past.untrusted = true;
    for (int boots = 0; boots < 11; ++boots) {
        Clock clock{Machine{}, past};
        EXPECT_FALSE(clock.trusted());
        EXPECT_EQ(clock.time(), noon - 1h);
        EXPECT_EQ(clock.judge.events(), 0u);  // the journal knows
    }
}

TEST(ClockJudge, F24_SetFarAheadAcrossARebootItEndsNothing) {
    EXPECT_TRUE(Clock(Machine{}, floor_at(noon - 14 * day)).trusted());
    Clock clock{Machine{}, floor_at(noon - 14 * day - 1s)};
    EXPECT_FALSE(clock.trusted());
    EXPECT_EQ(clock.why(), "far_ahead");
    EXPECT_EQ(clock.time(), noon - 14 * day - 1s);
}

TEST(ClockJudge, ARestartGoesOnFromTheAnchorOfThisBoot) {
    Clock before{Machine{}};
    before.machine.off = -100s;
    before.time();
    before.machine.pass(1h);
    ClockPast past = floor_at(noon + 1h);
    past.this_boot = before.judge.anchor();
    before.machine.off = -121s;  // 21 s since the restart, but 121 s in all
    Clock after{before.machine, past};
    EXPECT_FALSE(after.trusted());
    EXPECT_EQ(after.time(), noon + 1h);
}

TEST(ClockJudge, F27_DriftSlewAndALeapSecondStayWithinTheMargin) {
    Clock clock{Machine{}};
    Instant last = noon;
    for (int hour = 1; hour <= 66; ++hour) {  // 500 ppm of 66 hours are 119 seconds
        clock.machine.pass(1h);
        clock.machine.off = -hour * Millis{1800};
        if (hour == 30) clock.machine.off -= 1s;
        const ClockNow now = clock.now();
        EXPECT_TRUE(now.trusted) << hour;
        EXPECT_GE(now.now, last);
        EXPECT_LE(clock.machine.truth - now.now, clock_back_at_most);
        last = now.now;
    }
}

TEST(ClockJudge, F27_ALeapSecondIsNoJump) {
    Clock clock{Machine{}};
    clock.machine.pass(10s);
    EXPECT_EQ(clock.time(), noon + 10s);
    clock.machine.off = -1s;  // 23:59:59 once more
    EXPECT_EQ(clock.time(), noon + 10s);
    clock.machine.pass(2s);
    EXPECT_EQ(clock.time(), noon + 11s);
    EXPECT_TRUE(clock.trusted());
}

TEST(ClockJudge, F29_EightHoursOfSuspendAreEightHours) {
    Clock clock{Machine{}};
    clock.machine.pass(8h);  // both clocks count through it
    EXPECT_EQ(clock.time(), noon + 8h);
    EXPECT_TRUE(clock.trusted());
    // A machine that wakes with the wall clock of when it fell asleep.
    clock.machine.off = -8h;
    clock.machine.pass(8h);
    EXPECT_EQ(clock.time(), noon + 16h);
    EXPECT_FALSE(clock.trusted());
}

TEST(ClockJudge, T13_AFloorInTheFutureHealsByTheLedgersTime) {
    Clock clock{Machine{}, floor_at(noon + 3650 * day)};
    EXPECT_FALSE(clock.trusted());
    EXPECT_EQ(clock.time(), noon + 3650 * day);
    clock.machine.pass(1min);
    clock.told();
    EXPECT_EQ(clock.time(), noon + 1min);
    EXPECT_TRUE(clock.trusted());
}

TEST(ClockJudge, T13_AFloorInTheFutureHealsByAManager) {
    Clock clock{Machine{}, floor_at(noon + 3650 * day)};
    clock.judge.confirmed(clock.machine.read());
    EXPECT_EQ(clock.time(), noon);
    EXPECT_TRUE(clock.trusted());
    EXPECT_EQ(clock.judge.events(), 1u);  // whoever confirmed it wrote the entry
    clock.machine.off = -1h;
    EXPECT_FALSE(clock.trusted());
}

TEST(ClockJudge, TheLedgerCorrectsWhatTheBoundsLetPass) {
    Clock clock{Machine{}};
    clock.machine.off = 50min;
    EXPECT_EQ(clock.time(), noon + 50min);
    clock.told();
    EXPECT_EQ(clock.time(), noon);
    EXPECT_TRUE(clock.trusted());
    EXPECT_EQ(clock.why(), "ledger_time");
    EXPECT_EQ(clock.judge.event(0).system, noon + 50min);
    EXPECT_EQ(clock.judge.event(0).taken, noon);
    // That it is off is known now, and no news the next time.
    clock.machine.pass(25s);
    clock.told();
    EXPECT_EQ(clock.time(), noon + 25s);
    EXPECT_EQ(clock.judge.events(), 1u);
}

TEST(ClockJudge, AnAnswerThatTookLongDoesNotPutARightClockInDoubt) {
    Clock clock{Machine{}};
    clock.machine.pass(30s);
    clock.judge.told(noon, clock.machine.read(), 30s);  // written down when the wait began
    EXPECT_EQ(clock.time(), noon + 30s);
    EXPECT_EQ(clock.judge.events(), 0u);
    clock.machine.off = 2h;
    clock.judge.told(noon, clock.machine.read(), 30s);
    EXPECT_EQ(clock.time(), noon + 30s);  // and does not go back by as much
    EXPECT_TRUE(clock.trusted());
}

TEST(ClockJudge, AtTheEdgeOfTheBoundsOneVerdictStandsHoweverLongTheAnswersTake) {
    Clock clock{Machine{}};
    clock.machine.off = 130s;
    clock.told();
    EXPECT_EQ(clock.time(), noon);
    for (int i = 0; i < 20; ++i) {
        clock.machine.pass(40s);
        const Millis took = i % 2 == 0 ? Millis{25s} : Millis{0};
        clock.judge.told(clock.machine.truth - took, clock.machine.read(), took);
        EXPECT_NEAR(static_cast<double>((clock.time() - clock.machine.truth).count()), 0, 60'000) << i;
    }
    EXPECT_EQ(clock.judge.events(), 1u);
    clock.machine.off = 50s;  // it was put right
    clock.told();
    EXPECT_EQ(clock.time(), clock.machine.truth + 50s);
}

TEST(ClockJudge, AClockIsRightIfItCanBeForAnyMomentOfAVeryLongRequest) {
    Clock clock{Machine{}};
    clock.machine.pass(5min);
    EXPECT_EQ(clock.time(), noon + 5min);
    clock.judge.told(noon, clock.machine.read(), 5min);
    EXPECT_EQ(clock.time(), noon + 5min);
    EXPECT_EQ(clock.judge.events(), 0u);
}

TEST(ClockJudge, ThatTheSystemClockIsOffIsNotedBeforeAnybodyWentByIt) {
    Clock clock{Machine{}};
    clock.machine.off = 50min;
    clock.told();
    EXPECT_EQ(clock.time(), noon);
    EXPECT_EQ(clock.judge.events(), 1u);
}

TEST(ClockJudge, ThatTimeWasTurnedBackIsNoted) {
    Clock clock{Machine{}};
    clock.machine.off = 50min;
    EXPECT_EQ(clock.time(), noon + 50min);
    clock.machine.off = {};
    EXPECT_EQ(clock.time(), noon + 50min);
    clock.told();
    EXPECT_EQ(clock.time(), noon);
    EXPECT_EQ(clock.judge.events(), 1u);
}

TEST(ClockJudge, ALedgerThatIsALittleBehindTurnsNoTimeBack) {
    Clock clock{Machine{}};
    clock.machine.pass(1min);
    EXPECT_EQ(clock.time(), noon + 1min);
    clock.judge.told(noon - 40s, clock.machine.read(), 0ms);
    EXPECT_EQ(clock.time(), noon + 1min);
    EXPECT_EQ(clock.judge.events(), 0u);
}

// --- properties -----------------------------------------------------------------------------------

TEST(ClockJudgeProperty, TimeNeverGoesBackAndTrustedMeansWithinBoundsWhateverTheSystemClockShows) {
    EXPECT_TRUE(rc::check("steps of any size", [] {
        Clock clock{Machine{}, floor_at(noon - 1h)};
        Instant last{};
        const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(0, 4000), rc::gen::inRange(-4000, 8000)));
        bool doubted = false;
        for (const auto& [seconds, step] : steps) {
            clock.machine.pass(std::chrono::seconds(seconds));
            clock.machine.off += std::chrono::seconds(step);
            const ClockNow now = clock.now();
            RC_ASSERT(now.now >= last);
            RC_ASSERT(now.now >= noon - 1h);
            // At most so far ahead of the true time, and never behind what the bound allows.
            RC_ASSERT(now.now <= clock.machine.truth + clock_ahead_at_most);
            RC_ASSERT(now.now >= clock.machine.truth - clock_back_at_most);
            if (now.trusted) {
                RC_ASSERT(clock.machine.off >= -clock_back_at_most);
                RC_ASSERT(clock.machine.off <= clock_ahead_at_most);
                RC_ASSERT(!doubted);  // once found out, not believed again
            }
            doubted |= !now.trusted;
            last = now.now;
        }
    }));
}

TEST(ClockJudgeProperty, AClockThatCreepsIsFoundOutHoweverSmallItsStepsAndHoweverOftenTheProcessStartsAnew) {
    EXPECT_TRUE(rc::check("creeping", [] {
        const Millis step = std::chrono::milliseconds(*rc::gen::inRange(1'000, 100'000)) *
                            *rc::gen::element(-1, 1);
        const int restart_every = *rc::gen::inRange(1, 20);
        Clock clock{Machine{}};
        for (int i = 1; clock.trusted(); ++i) {
            clock.machine.off += step;
            clock.machine.pass(10s);
            RC_ASSERT(clock.machine.off >= -clock_back_at_most - 100s);
            RC_ASSERT(clock.machine.off <= clock_ahead_at_most + 100s);
            if (i % restart_every > 0) continue;
            ClockPast past = floor_at(clock.time());
            past.this_boot = clock.judge.anchor();
            clock = Clock{clock.machine, past};
        }
        RC_ASSERT(clock.machine.off < -clock_back_at_most || clock.machine.off > clock_ahead_at_most);
    }));
}

TEST(ClockJudgeProperty, OneAnswerOfTheLedgerHealsEverything) {
    EXPECT_TRUE(rc::check("healed", [] {
        Machine machine;
        machine.off = std::chrono::seconds(*rc::gen::inRange(-2'000'000'000, 2'000'000'000));
        ClockPast past = floor_at(noon + std::chrono::seconds(*rc::gen::inRange(-1'000'000'000, 1'000'000'000)));
        past.untrusted = *rc::gen::arbitrary<bool>();
        Clock clock{machine, past};
        clock.machine.off += std::chrono::seconds(*rc::gen::inRange(-100'000, 100'000));
        clock.machine.pass(std::chrono::seconds(*rc::gen::inRange(0, 100'000)));
        clock.now();
        clock.told();
        const ClockNow now = clock.now();
        RC_ASSERT(now.trusted);
        RC_ASSERT(now.now >= clock.machine.truth - clock_back_at_most);
        RC_ASSERT(now.now <= clock.machine.truth + clock_back_at_most);
    }));
}

}  // namespace
}  // namespace obol::agent
