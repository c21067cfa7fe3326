// The traps of time, each under its number. What the rules alone cannot fall into is kept elsewhere
// under tests/unit:
//
//  8  a decision recomputed on another database: journal/replay_test.cpp
// 11  business days with a cut-off: T11_… in domain/limit_test.cpp
// 12  a clock set backwards: T12_… in agent/store_commit_test.cpp, where journal time never runs back
// 13, 14  a clock far ahead, or in 1970: T13_T14_… in domain/purchase_test.cpp says what a clock that is
//     not trusted stops; certificates: net/tls_test.cpp
// 15  time through suspend: host/host_test.cpp (boot clock); leap seconds are here
// 16  days, weeks and months of limits: T16_… in domain/limit_test.cpp
// 17  the time of the event, not of its booking: T17_… in journal/replay_test.cpp

#include <gtest/gtest.h>

#include <string>

#include "sync/domain/pool.hpp"
#include "sync/domain/validity.hpp"

namespace obol {
namespace {

using std::chrono::minutes;

Zone zone(std::string_view name) { return Zone::find(name).value(); }
Instant at(std::string_view text) { return parse_rfc3339(text).value(); }

int minute(std::string_view clock) {  // "18:00"
    return std::stoi(std::string{clock.substr(0, 2)}) * 60 +
           std::stoi(std::string{clock.substr(3, 2)});
}

TimeWindow window(const std::vector<int>& days, std::string_view from, std::string_view to,
                  const std::vector<int>& months = {}) {
    TimeWindow made{.from_minute = minute(from), .to_minute = minute(to)};
    for (const int day : days) made.days.set(static_cast<std::size_t>(day));
    for (const int month : months) made.months.set(static_cast<std::size_t>(month - 1));
    return made;
}
enum { mon, tue, wed, thu, fri, sat, sun };

// Is a window open at this moment, by the clock of Nicosia?
bool open(const TimeWindow& one, std::string_view instant) {
    return is_open({one}, at(instant), zone("Asia/Nicosia"));
}
std::string next(const std::vector<TimeWindow>& windows, std::string_view from) {
    const Zone nicosia = zone("Asia/Nicosia");
    return to_rfc3339(next_opening(windows, at(from), nicosia).value(), nicosia);
}
std::string start_of(std::string_view name, LocalDate date) {
    return to_rfc3339(zone(name).start_of_day(date), zone(name));
}

// The end of what is credited at some moment for a period, and of what ends with a date.
std::string until(std::string_view name, std::string_view period, std::string_view credited_at) {
    const Validity validity{.period = parse_period(period).value()};
    return to_rfc3339(resolve(validity, at(credited_at), zone(name)).until.value(), zone(name));
}
std::string until(std::string_view name, LocalDate date) {
    const Validity validity{.until = Boundary{.date = date}};
    return to_rfc3339(resolve(validity, {}, zone(name)).until.value(), zone(name));
}

// Nicosia jumps on 29 March 2026 from 03:00 to 04:00 and falls on 25 October 2026 from 04:00 to
// 03:00.
TEST(TrapTime, T01_AWindowInTheSkippedHourIsEmptyThatDay) {
    const TimeWindow gap = window({}, "03:00", "03:30");
    for (Instant t = at("2026-03-29T00:00:00+02:00"); t < at("2026-03-30T00:00:00+03:00");
         t += minutes{1}) {
        ASSERT_FALSE(is_open({gap}, t, zone("Asia/Nicosia"))) << to_rfc3339(t);
    }
    EXPECT_EQ(next({gap}, "2026-03-28T12:00:00+02:00"), "2026-03-30T03:00:00+03:00");
    // One that reaches beyond the gap opens where the clock lands.
    EXPECT_EQ(next({window({}, "03:15", "05:00")}, "2026-03-29T01:00:00+02:00"),
              "2026-03-29T04:00:00+03:00");
}

TEST(TrapTime, T02_ARepeatedHourCountsTwice) {
    const TimeWindow repeated = window({sun}, "03:15", "03:45");
    EXPECT_TRUE(open(repeated, "2026-10-25T03:30:00+03:00"));
    EXPECT_FALSE(open(repeated, "2026-10-25T03:50:00+03:00"));
    EXPECT_TRUE(open(repeated, "2026-10-25T03:30:00+02:00"));
    EXPECT_EQ(next({repeated}, "2026-10-25T03:50:00+03:00"), "2026-10-25T03:15:00+02:00");
    EXPECT_EQ(next({repeated}, "2026-10-25T03:05:00+02:00"), "2026-10-25T03:15:00+02:00");
    // Falling back into an open window opens it at that very instant.
    EXPECT_EQ(next({window({sun}, "02:00", "03:20")}, "2026-10-25T03:40:00+03:00"),
              "2026-10-25T03:00:00+02:00");
}

TEST(TrapTime, T03_AnOvernightWindowBelongsToTheDayItStarted) {
    const TimeWindow night = window({fri}, "22:00", "02:00");
    EXPECT_TRUE(open(night, "2026-11-27T22:00:00+02:00"));
    EXPECT_TRUE(open(night, "2026-11-28T00:30:00+02:00"));  // Saturday, from Friday
    EXPECT_TRUE(open(night, "2026-11-28T01:59:59+02:00"));
    EXPECT_FALSE(open(night, "2026-11-28T02:00:00+02:00"));
    EXPECT_FALSE(open(night, "2026-11-27T00:30:00+02:00"));  // Friday, from Thursday
    EXPECT_FALSE(open(night, "2026-11-28T22:30:00+02:00"));
    EXPECT_TRUE(open(window({sun}, "22:00", "02:00"), "2026-11-30T01:00:00+02:00"));  // into Monday
}

TEST(TrapTime, T04_EqualEndsMean24HoursAndMidnightMayBeWritten24) {
    const TimeWindow whole = window({fri}, "18:00", "18:00");
    EXPECT_FALSE(open(whole, "2026-11-27T17:59:59+02:00"));
    EXPECT_TRUE(open(whole, "2026-11-27T18:00:00+02:00"));
    EXPECT_TRUE(open(whole, "2026-11-28T17:59:59+02:00"));
    EXPECT_FALSE(open(whole, "2026-11-28T18:00:00+02:00"));

    const TimeWindow day = window({fri}, "00:00", "00:00");
    EXPECT_TRUE(open(day, "2026-11-27T00:00:00+02:00"));
    EXPECT_TRUE(open(day, "2026-11-27T23:59:59+02:00"));
    EXPECT_FALSE(open(day, "2026-11-28T00:00:00+02:00"));
    EXPECT_FALSE(open(day, "2026-11-26T23:59:59+02:00"));

    for (const auto* midnight : {"24:00", "00:00"}) {
        const TimeWindow evening = window({fri}, "18:00", midnight);
        EXPECT_TRUE(open(evening, "2026-11-27T23:59:59.999+02:00")) << midnight;
        EXPECT_FALSE(open(evening, "2026-11-28T00:00:00+02:00")) << midnight;
        EXPECT_FALSE(open(evening, "2026-11-27T00:00:00+02:00")) << midnight;
    }
    EXPECT_TRUE(open(window({fri}, "00:00", "24:00"), "2026-11-27T23:59:59+02:00"));
}

TEST(TrapTime, T05_DaysAreCountedFromMondayInTheVenuesZone) {
    const TimeWindow sunday = window({sun}, "00:00", "24:00");
    EXPECT_TRUE(open(sunday, "2026-11-28T22:00:00Z"));  // Sunday 00:00 in Nicosia, Saturday in UTC
    EXPECT_FALSE(open(sunday, "2026-11-29T22:00:00Z"));
    EXPECT_FALSE(is_open({sunday}, at("2026-11-28T22:00:00Z"), zone("Europe/London")));
}

TEST(TrapTime, T05_WeekdaysCountFromMonday) {
    EXPECT_EQ(weekday_of({2026, 11, 23}), 0);  // a Monday
    EXPECT_EQ(weekday_of({2026, 11, 22}), 6);  // a Sunday
    EXPECT_EQ(zone("Asia/Nicosia").local(at("2026-11-22T22:00:00Z")).weekday, 0);
    EXPECT_EQ(zone("Asia/Nicosia").local(at("2026-11-22T21:59:59Z")).weekday, 6);
}

TEST(TrapTime, T06_TheMonthIsThatOfTheDayItStarted) {
    const TimeWindow december = window({}, "22:00", "02:00", {12});
    EXPECT_TRUE(open(december, "2027-01-01T01:00:00+02:00"));   // from 31 December
    EXPECT_FALSE(open(december, "2026-12-01T01:00:00+02:00"));  // from 30 November
    EXPECT_TRUE(open(december, "2026-12-01T22:00:00+02:00"));
    EXPECT_FALSE(open(december, "2027-01-01T22:00:00+02:00"));
    EXPECT_TRUE(
        open(window({}, "23:00", "01:00", {2}), "2028-03-01T00:30:00+02:00"));  // from 29 February
}

TEST(TrapTime, T07_ADayWithoutMidnightStartsAtItsFirstInstant) {
    EXPECT_EQ(start_of("Asia/Nicosia", {2026, 11, 21}), "2026-11-21T00:00:00+02:00");
    // Cairo: 25 April 2025 began at 01:00. Beirut: 30 March 2025. Santiago: 7 September 2025.
    EXPECT_EQ(start_of("Africa/Cairo", {2025, 4, 25}), "2025-04-25T01:00:00+03:00");
    EXPECT_EQ(start_of("Asia/Beirut", {2025, 3, 30}), "2025-03-30T01:00:00+03:00");
    EXPECT_EQ(start_of("America/Santiago", {2025, 9, 7}), "2025-09-07T01:00:00-03:00");
    // Cairo again: midnight of 31 October 2025 came once, after 23:00 to 24:00 had shown twice.
    EXPECT_EQ(start_of("Africa/Cairo", {2025, 10, 31}), "2025-10-31T00:00:00+02:00");
    // Havana fell back from 01:00 to 00:00: the first of the two midnights counts.
    EXPECT_EQ(start_of("America/Havana", {2025, 11, 2}), "2025-11-02T00:00:00-04:00");
    // Apia skipped 30 December 2011 altogether: a later day shows first.
    EXPECT_EQ(start_of("Pacific/Apia", {2011, 12, 30}), "2011-12-31T00:00:00+14:00");
    EXPECT_EQ(start_of("Pacific/Apia", {2011, 12, 31}), "2011-12-31T00:00:00+14:00");
    // Saint John's went back from 00:01 to 23:01: 7 November 2010 showed for a minute, and then
    // again.
    EXPECT_EQ(start_of("America/St_Johns", {2010, 11, 7}), "2010-11-07T00:00:00-02:30");
}

TEST(TrapTime, T07_ADateMayEndBeforeADayWithoutMidnightOrAtTheSecondOfTwo) {
    EXPECT_EQ(until("Africa/Cairo", LocalDate{2025, 4, 24}), "2025-04-25T01:00:00+03:00");
    EXPECT_EQ(until("America/Sao_Paulo", LocalDate{2017, 10, 14}), "2017-10-15T01:00:00-02:00");
    // The last hour of 17 February 2018 came twice, and all of it is inside.
    EXPECT_EQ(until("America/Sao_Paulo", LocalDate{2018, 2, 17}), "2018-02-18T00:00:00-03:00");
    EXPECT_EQ(until("America/St_Johns", LocalDate{2010, 11, 6}), "2010-11-07T00:00:00-03:30");
    // A day that was skipped ends when the day before it does.
    EXPECT_EQ(until("Pacific/Apia", LocalDate{2011, 12, 29}), "2011-12-31T00:00:00+14:00");
    EXPECT_EQ(until("Pacific/Apia", LocalDate{2011, 12, 30}), "2011-12-31T00:00:00+14:00");
    EXPECT_EQ(until("Pacific/Apia", LocalDate{2011, 12, 31}), "2012-01-01T00:00:00+14:00");
}

TEST(TrapTime, T07_APeriodMayEndBeforeADayWithoutMidnight) {
    EXPECT_EQ(until("Africa/Cairo", "P1M", "2025-03-24T10:00:00Z"), "2025-04-25T01:00:00+03:00");
    EXPECT_EQ(until("Asia/Beirut", "P1D", "2025-03-28T10:00:00Z"), "2025-03-30T01:00:00+03:00");
    EXPECT_EQ(until("America/Santiago", "P1Y", "2024-09-06T15:00:00Z"),
              "2025-09-07T01:00:00-03:00");
}

// Nothing of a zone is left in what is kept; and each decision names the database it was made with.
static_assert(std::is_same_v<decltype(Span::until), std::optional<Instant>>);
TEST(TrapTime, T08_TheEndIsAnInstantThatLaterRulesDoNotMove) {
    const Span made =
        resolve({.period = Period{12, 0}}, at("2026-11-21T10:00:00Z"), zone("Asia/Nicosia"));
    EXPECT_EQ(made.until, at("2027-11-21T22:00:00Z"));
    // A venue that moves shows another hour for the same instant.
    EXPECT_EQ(to_rfc3339(*made.until, zone("Europe/London")), "2027-11-21T22:00:00+00:00");
    EXPECT_EQ(zone_database_version().size(), 5U) << zone_database_version();  // 2026f
}

TEST(TrapTime, T09_ADateIncludesItsWholeDayInTheZoneOfTheBusiness) {
    const Validity christmas{.from = Boundary{.date = LocalDate{2026, 12, 24}},
                             .until = Boundary{.date = LocalDate{2026, 12, 26}}};
    const Span here = resolve(christmas, at("2026-01-01T00:00:00Z"), zone("Asia/Nicosia"));
    EXPECT_EQ(to_rfc3339(*here.from), "2026-12-23T22:00:00Z");
    EXPECT_EQ(to_rfc3339(*here.until), "2026-12-26T22:00:00Z");  // no hole of a second before it
    const Span there = resolve(christmas, at("2026-01-01T00:00:00Z"), zone("Pacific/Apia"));
    EXPECT_EQ(to_rfc3339(*there.until), "2026-12-26T11:00:00Z");
}

TEST(TrapTime, T09_TheLastSecondOfTheLastDayIsInside) {
    const Zone nicosia = zone("Asia/Nicosia");
    const Instant end = at(until("Asia/Nicosia", LocalDate{2026, 12, 31}));
    EXPECT_EQ(nicosia.local(end - Millis{1}).date, (LocalDate{2026, 12, 31}));
    EXPECT_EQ(nicosia.local(end - Millis{1}).second_of_day, 86'399);
    EXPECT_EQ(nicosia.local(end), (LocalTime{{2027, 1, 1}, fri, 0}));
}

TEST(TrapTime, T10_MonthEndsClamp) {
    EXPECT_EQ(to_iso_date(add_months({2026, 1, 31}, 1)), "2026-02-28");
    EXPECT_EQ(to_iso_date(add_months({2024, 1, 31}, 1)), "2024-02-29");
    EXPECT_EQ(to_iso_date(add_months({2024, 2, 29}, 12)), "2025-02-28");
    EXPECT_EQ(to_iso_date(add_months({2024, 2, 29}, 48)), "2028-02-29");
    EXPECT_EQ(to_iso_date(add_months({2026, 10, 31}, 1)), "2026-11-30");
    EXPECT_EQ(to_iso_date(add_months({2026, 11, 30}, 3)), "2027-02-28");
    EXPECT_EQ(to_iso_date(add_months({2026, 3, 31}, -1)), "2026-02-28");
    EXPECT_EQ(to_iso_date(add_days({2026, 12, 31}, 1)), "2027-01-01");
    EXPECT_EQ(to_iso_date(add_days({2024, 3, 1}, -1)), "2024-02-29");
}

TEST(TrapTime, T10_PeriodsClampAtMonthEndsAndLeapDays) {
    EXPECT_EQ(until("Asia/Nicosia", "P1M", "2026-01-31T10:00:00Z"), "2026-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P1M", "2024-01-31T10:00:00Z"), "2024-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P1Y", "2024-02-29T10:00:00Z"), "2025-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P4Y", "2024-02-29T10:00:00Z"), "2028-03-01T00:00:00+02:00");
    // Months first, then days: 30 January + 1 month + 1 day ends with 1 March.
    EXPECT_EQ(until("Asia/Nicosia", "P1M1D", "2026-01-30T10:00:00Z"), "2026-03-02T00:00:00+02:00");
}

TEST(TrapTime, T15_ALeapSecondIsReadAsTheSecondBefore) {
    EXPECT_EQ(at("2016-12-31T23:59:60Z"), at("2016-12-31T23:59:59Z"));
    EXPECT_EQ(at("2016-12-31T23:59:60.999Z"), at("2016-12-31T23:59:59.999Z"));
    // The databases of zones with leap seconds ("right/") are none of ours.
    EXPECT_FALSE(Zone::find("right/Asia/Nicosia"));
    const Zone nicosia = zone("Asia/Nicosia");
    EXPECT_EQ(nicosia.local(at("2016-12-31T23:59:60Z")).second_of_day, 2 * 3600 - 1);
    EXPECT_EQ(nicosia.local(at("2017-01-01T00:00:00Z")).second_of_day, 2 * 3600);
}

// ---- What users complain about ------------------------------------------------------------------

TEST(ComplaintTime, C18_AVoucherIsGoodThroughoutItsLastDayByTheClockOfTheBusiness) {
    // Not until its midnight begins, and not until midnight in UTC.
    for (const auto* name : {"Asia/Nicosia", "America/Los_Angeles", "Pacific/Auckland"}) {
        const Zone here = zone(name);
        const Instant end = at(until(name, LocalDate{2026, 12, 31}));
        EXPECT_EQ(here.local(end - Millis{1}).date, (LocalDate{2026, 12, 31})) << name;
        EXPECT_EQ(here.local(end).date, (LocalDate{2027, 1, 1})) << name;
    }
    EXPECT_EQ(until("America/Los_Angeles", LocalDate{2026, 12, 31}), "2027-01-01T00:00:00-08:00");
    EXPECT_EQ(until("Pacific/Auckland", "P1Y", "2026-06-30T12:00:00Z"),
              "2027-07-02T00:00:00+12:00");
}

TEST(ComplaintTime, C19_HappyHourHoldsOverMidnightAndOnDaysOfClockChange) {
    const TimeWindow late = window({sat}, "23:00", "05:00");
    // Six hours on the wall are five on the night of 28 March 2026 and seven on that of 24 October.
    const auto minutes_open = [&](std::string_view from) {
        int count = 0;
        for (int i = 0; i < 24 * 60; ++i)
            count += is_open({late}, at(from) + minutes{i}, zone("Asia/Nicosia")) ? 1 : 0;
        return count;
    };
    EXPECT_EQ(minutes_open("2026-11-21T12:00:00+02:00"), 6 * 60);
    EXPECT_EQ(minutes_open("2026-03-28T12:00:00+02:00"), 5 * 60);
    EXPECT_EQ(minutes_open("2026-10-24T12:00:00+03:00"), 7 * 60);
    EXPECT_TRUE(open(late, "2026-03-29T04:59:59+03:00"));
    EXPECT_FALSE(open(late, "2026-03-29T05:00:00+03:00"));
}

}  // namespace
}  // namespace obol
