#include "sync/domain/validity.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace obol {
namespace {

Instant at(std::string_view text) { return parse_rfc3339(text).value(); }
Zone zone(std::string_view name) { return Zone::find(name).value(); }

std::string until(std::string_view zone_name, std::string_view period,
                  std::string_view credited_at) {
    const Validity validity{.period = parse_period(period).value()};
    const Span span = resolve(validity, at(credited_at), zone(zone_name));
    EXPECT_FALSE(span.from);
    return to_rfc3339(span.until.value(), zone(zone_name));
}

TEST(Periods, AreReadAndWritten) {
    EXPECT_EQ(parse_period("P1Y").value(), (Period{12, 0}));
    EXPECT_EQ(parse_period("P6M").value(), (Period{6, 0}));
    EXPECT_EQ(parse_period("P2W").value(), (Period{0, 14}));
    EXPECT_EQ(parse_period("P30D").value(), (Period{0, 30}));
    EXPECT_EQ(parse_period("P1Y2M3W4D").value(), (Period{14, 25}));
    EXPECT_EQ(parse_period("P0D").value(), Period{});
    EXPECT_EQ(parse_period("P100Y").value(), (Period{1'200, 0}));
    EXPECT_EQ(parse_period("P36525D").value(), (Period{0, 36'525}));
    EXPECT_NE(parse_period("P1M").value(), parse_period("P2M").value());
    EXPECT_NE(parse_period("P1M1D").value(), parse_period("P1M").value());
    EXPECT_EQ(to_text({14, 25}), "P1Y2M25D");
    EXPECT_EQ(to_text({24, 0}), "P2Y");
    EXPECT_EQ(to_text({}), "P0D");
    EXPECT_TRUE(rc::check("what is written reads as the same period", [] {
        const Period any{*rc::gen::inRange(0, 1201), *rc::gen::inRange(0, 36526)};
        RC_ASSERT(parse_period(to_text(any)).value() == any);
    }));
}

TEST(Periods, RefuseTimesOfDayDisorderAndCenturies) {
    for (const auto* bad :
         {"",      "P",      "1Y",      "p1y",      "PT1H", "P1YT1H",       "P1D1Y", "P1M1M",
          "P1.5Y", "P-1D",   "P1",      "P12",      "P1Y6", "P000030D",     "PY",    "P1Y ",
          "P101Y", "P1201M", "P36526D", "P999999D", "P1H",  "P99999999999Y"}) {
        const Result<Period> read = parse_period(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, "period_malformed");
    }
}

TEST(Validity, APeriodTakesInItsWholeLastDay) {
    EXPECT_EQ(until("Asia/Nicosia", "P1Y", "2026-11-21T10:00:00Z"), "2027-11-22T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P30D", "2026-11-01T10:00:00Z"), "2026-12-02T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P2W", "2026-11-01T10:00:00Z"), "2026-11-16T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P0D", "2026-11-01T10:00:00Z"), "2026-11-02T00:00:00+02:00");
    // At the business it is already the next day.
    EXPECT_EQ(until("Asia/Nicosia", "P1M", "2026-11-30T22:30:00Z"), "2027-01-02T00:00:00+02:00");
    EXPECT_EQ(until("America/New_York", "P1M", "2026-12-01T03:00:00Z"),
              "2026-12-31T00:00:00-05:00");
}

TEST(Validity, InstantsStandAsTheyWereWritten) {
    const Instant first = at("2026-12-24T10:00:00Z");
    const Instant end = at("2026-12-24T12:00:00Z");
    const Validity exact{.from = Boundary{.instant = first}, .until = Boundary{.instant = end}};
    EXPECT_EQ(resolve(exact, first, zone("Asia/Nicosia")), (Span{first, end}));
    EXPECT_NE(resolve(exact, first, zone("Asia/Nicosia")), (Span{first, end + Millis{1}}));
    EXPECT_NE(resolve(exact, first, zone("Asia/Nicosia")), (Span{end, end}));
}

TEST(Validity, OfUntilAndPeriodTheEarlierEndCounts) {
    Validity both{.until = Boundary{.date = LocalDate{2026, 12, 31}}, .period = Period{1, 0}};
    const Zone nicosia = zone("Asia/Nicosia");
    EXPECT_EQ(to_rfc3339(*resolve(both, at("2026-03-10T09:00:00Z"), nicosia).until, nicosia),
              "2026-04-11T00:00:00+03:00");
    EXPECT_EQ(to_rfc3339(*resolve(both, at("2026-12-10T09:00:00Z"), nicosia).until, nicosia),
              "2027-01-01T00:00:00+02:00");
}

TEST(Validity, WithoutRulesNothingIsBounded) {
    EXPECT_EQ(resolve({}, at("2026-03-10T09:00:00Z"), zone("UTC")), Span{});
    const Validity hollow{.from = Boundary{}, .until = Boundary{}};
    EXPECT_EQ(resolve(hollow, at("2026-03-10T09:00:00Z"), zone("UTC")), Span{});
}

// ---- Near every kind of clock change ------------------------------------------------------------

struct Change {
    const char* zone;
    const char* at;
};
constexpr Change changes[] = {
    {"Asia/Nicosia", "2026-03-29T01:00:00Z"},        {"Asia/Nicosia", "2026-10-25T01:00:00Z"},
    {"Africa/Cairo", "2025-04-24T22:00:00Z"},        {"Africa/Cairo", "2025-10-30T21:00:00Z"},
    {"America/Havana", "2025-11-02T05:00:00Z"},      {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},
    {"America/St_Johns", "2010-11-07T02:31:00Z"},  // back over midnight, after a minute
    {"Antarctica/Casey", "2010-03-04T15:00:00Z"},  // back over midnight, by three hours
    {"Pacific/Apia", "2011-12-30T10:00:00Z"},      // over a whole day
    {"Australia/Lord_Howe", "2040-04-06T15:00:00Z"},
};

Change any_change() {
    return *rc::gen::elementOf(std::vector<Change>(std::begin(changes), std::end(changes)));
}
Instant any_near(const Change& change) {
    constexpr std::int64_t reach = 30 * 3'600'000LL;
    return at(change.at) + Millis{*rc::gen::inRange<std::int64_t>(-reach, reach)};
}

TEST(ValidityProperty, WhatIsCreditedLaterNeverEndsEarlier) {
    EXPECT_TRUE(rc::check([] {
        const Change change = any_change();
        const Zone here = zone(change.zone);
        const Instant one = any_near(change), other = any_near(change);
        const Period period{*rc::gen::inRange(0, 30), *rc::gen::inRange(0, 4)};
        const auto end = [&](Instant credited) {
            return *resolve({.period = period}, credited, here).until;
        };
        RC_ASSERT(end(std::min(one, other)) <= end(std::max(one, other)));
        RC_ASSERT(end(one) > one);
    }));
    EXPECT_TRUE(rc::check("over the ends of months too", [] {
        const Zone here = zone(any_change().zone);
        const Instant one = from_millis(*rc::gen::inRange<std::int64_t>(1e12, 4e12));
        const Instant other = one + Millis{*rc::gen::inRange<std::int64_t>(0, 5 * 86'400'000LL)};
        const Period period{*rc::gen::inRange(0, 1201), *rc::gen::inRange(0, 40)};
        RC_ASSERT(*resolve({.period = period}, one, here).until <=
                  *resolve({.period = period}, other, here).until);
    }));
}

TEST(ValidityProperty, ADateIncludesEveryInstantThatShowsItAndEndsForGood) {
    EXPECT_TRUE(rc::check([] {
        const Change change = any_change();
        const Zone here = zone(change.zone);
        const LocalDate date = here.local(any_near(change)).date;
        const Span span =
            resolve({.from = Boundary{.date = date}, .until = Boundary{.date = date}}, {}, here);
        RC_ASSERT(here.local(*span.from).date == date);
        RC_ASSERT(here.local(*span.until - Millis{1}).date == date);
        for (int i = 0; i < 200; ++i) {
            const Instant moment = any_near(change);
            const bool inside = *span.from <= moment && moment < *span.until;
            const LocalDate shown = here.local(moment).date;
            if (shown == date) RC_ASSERT(inside);
            if (moment >= *span.until) RC_ASSERT(shown > date);
            if (moment < *span.from) RC_ASSERT(shown < date);
        }
    }));
}

TEST(ValidityProperty, OfUntilAndPeriodTheEarlierEndCounts) {
    EXPECT_TRUE(rc::check([] {
        const Change change = any_change();
        const Zone here = zone(change.zone);
        const Instant credited = any_near(change);
        const Boundary end{.instant = any_near(change)};
        const Period period{0, *rc::gen::inRange(0, 3)};
        const Instant by_period = *resolve({.period = period}, credited, here).until;
        const Span both = resolve({.until = end, .period = period}, credited, here);
        RC_ASSERT(*both.until == std::min(*end.instant, by_period));
    }));
}

TEST(Validity, APeriodCountsFromTheLatestDayShownWhereTheClockGoesBackOverMidnight) {
    // In Saint John's 7 November 2010 showed for a minute, then 6 November for an hour again.
    EXPECT_EQ(until("America/St_Johns", "P1D", "2010-11-06T12:00:00Z"),
              "2010-11-08T00:00:00-03:30");
    EXPECT_EQ(until("America/St_Johns", "P1D", "2010-11-07T02:30:30Z"),
              "2010-11-09T00:00:00-03:30");
    EXPECT_EQ(until("America/St_Johns", "P1D", "2010-11-07T03:00:00Z"),
              "2010-11-09T00:00:00-03:30");
    // And it takes in the whole of a last day that comes back.
    EXPECT_EQ(until("America/St_Johns", "P1M", "2010-10-06T12:00:00Z"),
              "2010-11-07T00:00:00-03:30");
}

TEST(Validity, APeriodMayEndWithADayThatTheCalendarSkipped) {
    EXPECT_EQ(until("Pacific/Apia", "P1M", "2011-11-30T12:00:00-10:00"),
              "2011-12-31T00:00:00+14:00");
    EXPECT_EQ(until("Pacific/Apia", "P1D", "2011-12-29T12:00:00-10:00"),
              "2011-12-31T00:00:00+14:00");
    EXPECT_EQ(until("Pacific/Apia", "P2D", "2011-12-29T12:00:00-10:00"),
              "2012-01-01T00:00:00+14:00");
}

}  // namespace
}  // namespace obol
