// Windows against the time-zone database: minute by minute through whole years, and around every
// change of every zone's clock.

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/domain/zone_oracle.hpp"

namespace obol {
namespace {

using oracle::Interval;
using oracle::Seconds;
using oracle::Stretch;
using Windows = std::vector<TimeWindow>;

constexpr Seconds hour = 3600;
constexpr Seconds day = oracle::day;

Zone zone(const std::string& name) { return Zone::find(name).value(); }

constexpr int clock(int hours, int minutes = 0) { return hours * 60 + minutes; }

TimeWindow window(int from, int to, unsigned days = 0, unsigned months = 0) {
    return {.days = days, .months = months, .from_minute = from, .to_minute = to};
}
enum : unsigned { tue = 2, wed = 4, fri = 16, sat = 32, sun = 64 };
enum : unsigned { february = 2, march = 4, october = 512, december = 2048 };

// ---- Whole years, minute by minute --------------------------------------------------------------

struct Year {
    const char* zone;
    const char* from;
    const char* why;
};
constexpr Year years[] = {
    {"Asia/Nicosia", "2026-01-01T00:00:00Z", "changes at 03:00 and 04:00"},
    {"Europe/London", "2026-01-01T00:00:00Z", "changes at 01:00 and 02:00"},
    {"America/Sao_Paulo", "2017-07-01T00:00:00Z",
     "no midnight on 15 October, two before 18 February"},
    {"Africa/Cairo", "2025-01-01T00:00:00Z", "no midnight on 25 April, two before 31 October"},
    {"Australia/Lord_Howe", "2026-01-01T00:00:00Z", "half an hour"},
    {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "no change, 45 minutes off"},
    {"Pacific/Apia", "2011-03-01T00:00:00Z", "30 December is skipped"},
};

const std::map<std::string, Windows> cases{
    {"overnight from Friday, equal ends on Wednesday, to 24:00 on Sunday, from 0:00 on Tuesday",
     {window(clock(22), clock(2), fri), window(clock(18), clock(18), wed),
      window(clock(18), clock(24), sun), window(clock(0), clock(0, 20), tue)}},
    {"overnight over the ends of months",
     {window(clock(22, 30), clock(3, 15), 0, february | december)}},
    {"in gaps and overlaps",
     {window(clock(2), clock(2, 30)), window(clock(3, 15), clock(3, 45), sun),
      window(clock(1, 10), clock(1, 40), sun, march | october),
      window(clock(23, 15), clock(23, 45), sat), window(clock(0, 25), clock(0, 50), fri | sun)}},
};

class WholeYear : public testing::TestWithParam<Year> {};

TEST_P(WholeYear, IsOpenAndTheNextOpeningAgreeWithTheDatabaseMinuteByMinute) {
    const Year& year = GetParam();
    const Zone place = zone(year.zone);
    const oracle::WallClock wall{year.zone};
    const Seconds begin = oracle::utc(year.from);
    constexpr int minutes = 366 * 1440;
    // Beyond the year, so that each minute of it has a next opening.
    const std::vector<Stretch> stretches = wall.stretches(begin, begin + 800 * day);

    for (int i = 0; i < minutes; i += 15) {
        const Seconds at = begin + Seconds{i} * 60;
        ASSERT_EQ(place.local(oracle::instant(at)), wall.shows(at)) << at;
    }
    for (const auto& [name, windows] : cases) {
        const std::vector<Interval> expected = oracle::open_intervals(windows, stretches);
        auto now = expected.begin();
        int open_minutes = 0;
        for (int i = 0; i < minutes; ++i) {
            const Seconds at = begin + Seconds{i} * 60;
            while (at >= now->end) ++now;
            ASSERT_EQ(is_open(windows, oracle::instant(at), place), at >= now->begin)
                << name << " at " << to_rfc3339(oracle::instant(at), place);
            if (at >= now->begin) ++open_minutes;
            if (i % 241 != 0) continue;
            ASSERT_EQ(next_opening(windows, oracle::instant(at), place),
                      oracle::instant(std::max(at, now->begin)))
                << name << " from " << to_rfc3339(oracle::instant(at), place);
        }
        EXPECT_GT(open_minutes, 0) << name;
        EXPECT_LT(open_minutes, minutes / 2) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(Zones, WholeYear, testing::ValuesIn(years), [](const auto& one) {
    const std::string name = one.param.zone;
    return name.substr(name.find('/') + 1);
});

// The brutest force: the answer of next_opening is the first minute at which is_open says yes.
TEST(NextOpeningProof, IsTheFirstMinuteOfAScanAtWhichIsOpenSaysYes) {
    for (const Year& year : years) {
        const Zone place = zone(year.zone);
        const oracle::WallClock wall{year.zone};
        const Seconds begin = oracle::utc(year.from);
        for (const auto& [name, windows] : cases) {
            for (const Stretch& stretch : wall.stretches(begin, begin + 366 * day)) {
                const Seconds from = stretch.begin - 27 * hour;
                Seconds scan = from;
                while (!is_open(windows, oracle::instant(scan), place)) scan += 60;
                ASSERT_EQ(next_opening(windows, oracle::instant(from), place),
                          oracle::instant(scan))
                    << name << " from " << to_rfc3339(oracle::instant(from), place);
            }
        }
    }
}

// ---- Every change of every zone -----------------------------------------------------------------

const Seconds first_listed = oracle::utc("2000-01-01T00:00:00Z");
const Seconds end_listed = oracle::utc("2038-01-01T00:00:00Z");

// Windows whose ends lie where this change tears the day apart.
std::vector<TimeWindow> windows_at(Seconds shown_before, Seconds shown_after) {
    const auto minute = [](Seconds shown) { return static_cast<int>(shown / 60 % 1440); };
    const auto weekday = [](Seconds shown) {
        return 1U << static_cast<unsigned>((shown / day + 3) % 7);
    };
    const Seconds low = std::min(shown_before, shown_after);
    const Seconds high = std::max(shown_before, shown_after);
    const auto daily = [&](Seconds from, Seconds to) { return window(minute(from), minute(to)); };
    return {
        daily(low, high),                     // the skipped or repeated time alone
        daily(low + 7 * 60, high - 10 * 60),  // a part of it
        daily(high - 5 * 60, low),            // all but most of it
        window(minute(low - 2 * hour), minute(high + 600), weekday(low - 2 * hour)),
        window(minute(low), minute(low), weekday(shown_before)),
        window(0, 30, weekday(shown_after)),
        window(clock(18), clock(24), weekday(shown_before)),
    };
}

void check_windows(const Zone& place, Seconds change, const std::vector<Stretch>& stretches,
                   const TimeWindow& one) {
    const Windows windows{one};
    const std::vector<Interval> expected = oracle::open_intervals(windows, stretches);
    const auto check_open = [&](Seconds at) {
        ASSERT_EQ(is_open(windows, oracle::instant(at), place), oracle::is_open(expected, at))
            << one.from_minute << " to " << one.to_minute << " at "
            << to_rfc3339(oracle::instant(at), place);
    };
    for (const Seconds at : {change - 1, change, change + 1}) check_open(at);
    for (const Interval& open : expected) {
        for (const Seconds at : {open.begin - 1, open.begin, open.end - 1, open.end}) {
            if (std::abs(at - change) < 30 * hour) check_open(at);
        }
    }
    for (const Seconds at : {change - 2 * hour, change - 1, change}) {
        ASSERT_EQ(next_opening(windows, oracle::instant(at), place),
                  oracle::instant(oracle::next_opening(expected, at)))
            << one.from_minute << " to " << one.to_minute << " from "
            << to_rfc3339(oracle::instant(at), place);
    }
}

// The first instant that shows `wanted` or later, and the one from which on nothing earlier shows.
Seconds first_that_shows(const std::vector<Stretch>& stretches, Seconds wanted) {
    for (const Stretch& one : stretches) {
        const Seconds at = std::max(one.begin, wanted - one.offset);
        if (at < one.end) return at;
    }
    return stretches.back().end;
}
Seconds end_of_all_before(const std::vector<Stretch>& stretches, Seconds wanted) {
    for (auto one = stretches.rbegin(); one != stretches.rend(); ++one) {
        const Seconds at = std::min(one->end, wanted - one->offset);
        if (at > one->begin) return at;
    }
    return stretches.front().begin;
}

void check_days(const Zone& place, const oracle::WallClock& wall, Seconds change,
                const std::vector<Stretch>& stretches) {
    for (const Seconds near : {change - 1, change, change + day}) {
        const Seconds midnight = (near + wall.offset(near)) / day * day;
        const LocalDate date = wall.shows(near).date;
        ASSERT_EQ(place.start_of_day(date), oracle::instant(first_that_shows(stretches, midnight)));
        ASSERT_EQ(place.end_of_day(date),
                  oracle::instant(end_of_all_before(stretches, midnight + day)));
        for (const Seconds on_wall : {near + wall.offset(change), near + wall.offset(change - 1)}) {
            const auto second = static_cast<int>(on_wall % day);
            ASSERT_EQ(place.first_instant(date, second),
                      oracle::instant(first_that_shows(stretches, midnight + second)));
        }
    }
}

// A part of the zones, so that no test runs long: (part, of so many).
class EveryZone : public testing::TestWithParam<std::size_t> {
protected:
    static constexpr std::size_t parts = 4;
    std::vector<std::string> zones(char kind = 'Z') const {
        const std::vector<std::string> all = oracle::names(kind);
        std::vector<std::string> mine;
        for (std::size_t i = GetParam(); i < all.size(); i += parts) mine.push_back(all[i]);
        return mine;
    }
};

TEST_P(EveryZone, AgreesAtEveryChangeFrom2000To2037) {
    int changes = 0;
    for (const std::string& name : zones()) {
        SCOPED_TRACE(name);
        const Zone place = zone(name);
        const oracle::WallClock wall{name};
        const std::vector<Stretch> all = wall.stretches(first_listed, end_listed);
        for (std::size_t i = 0; i + 1 < all.size(); ++i) {
            const Seconds change = all[i].end;
            ++changes;
            ASSERT_EQ(place.next_transition(oracle::instant(all[i].begin)),
                      oracle::instant(change));
            for (const Seconds at : {change - 1, change, change + 1})
                ASSERT_EQ(place.local(oracle::instant(at)), wall.shows(at)) << at;
            const std::vector<Stretch> near = wall.stretches(change - 4 * day, change + 23 * day);
            const std::vector<TimeWindow> windows =
                windows_at(change + all[i].offset, change + all[i + 1].offset);
            for (const TimeWindow& one : windows) check_windows(place, change, near, one);
            check_days(place, wall, change, near);
            if (HasFatalFailure()) return;

            const std::vector<Interval> together = oracle::open_intervals(windows, near);
            for (Seconds at = change - 65 * 60; at <= change + 65 * 60; at += 60) {
                ASSERT_EQ(is_open(windows, oracle::instant(at), place),
                          oracle::is_open(together, at))
                    << to_rfc3339(oracle::instant(at), place);
            }
        }
        ASSERT_GE(place.next_transition(oracle::instant(all.back().begin)),
                  oracle::instant(end_listed));
    }
    EXPECT_GT(changes, 2000);
}

TEST_P(EveryZone, AgreesFrom2038To2060) {
    const Seconds begin = end_listed, end = oracle::utc("2061-01-01T00:00:00Z");
    const Windows lunch{window(clock(12), clock(14))};
    for (const std::string& name : zones()) {
        SCOPED_TRACE(name);
        const Zone place = zone(name);
        const oracle::WallClock wall{name};
        // Each change that we name is one, and between two of them the offset of no day differs.
        Seconds noon = begin + day / 2;
        for (Instant from = oracle::instant(begin); from < oracle::instant(end);) {
            const Instant next = std::min(place.next_transition(from), oracle::instant(end));
            const Seconds change = oracle::seconds(next);
            const LocalTime shown = place.local(from);
            ASSERT_EQ(shown, wall.shows(oracle::seconds(from)));
            ASSERT_EQ(place.local(oracle::instant(change - 1)), wall.shows(change - 1));
            const Seconds offset = wall.offset(oracle::seconds(from));
            for (; noon < change; noon += day) ASSERT_EQ(wall.offset(noon), offset) << noon;
            from = next;
        }
        for (int year = 2038; year <= 2060; ++year) {
            for (const char* date : {"-01-15T11:59:59Z", "-07-15T11:59:59Z"}) {
                const Seconds at = oracle::utc(std::to_string(year) + date);
                const LocalTime shown = wall.shows(at);
                ASSERT_EQ(place.local(oracle::instant(at)), shown);
                ASSERT_EQ(is_open(lunch, oracle::instant(at), place),
                          shown.second_of_day / 3600 == 12 || shown.second_of_day / 3600 == 13);
            }
        }
    }
}

TEST_P(EveryZone, HasTheSameClockUnderItsOtherNames) {
    int names = 0;
    for (const std::string& name : zones('L')) {
        const Zone place = zone(name);
        const oracle::WallClock wall{name};
        for (const Stretch& one : wall.stretches(first_listed, end_listed)) {
            ASSERT_EQ(place.local(oracle::instant(one.begin)), wall.shows(one.begin)) << name;
            ASSERT_EQ(place.local(oracle::instant(one.end - 1)), wall.shows(one.end - 1)) << name;
        }
        ++names;
    }
    EXPECT_GT(names, 20);
}

INSTANTIATE_TEST_SUITE_P(Parts, EveryZone, testing::Range<std::size_t>(0, 4));

}  // namespace
}  // namespace obol
