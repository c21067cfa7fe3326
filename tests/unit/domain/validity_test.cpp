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
         {"", "P", "1Y", "p1y", "PT1H", "P1YT1H", "P1D1Y", "P1M1M", "P1.5Y", "P-1D", "P1", "PY",
          "P1Y ", "P101Y", "P1201M", "P36526D", "P999999D", "P1H", "P99999999999Y"}) {
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

TEST(Validity, Trap10PeriodsClampAtMonthEndsAndLeapDays) {
    EXPECT_EQ(until("Asia/Nicosia", "P1M", "2026-01-31T10:00:00Z"), "2026-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P1M", "2024-01-31T10:00:00Z"), "2024-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P1Y", "2024-02-29T10:00:00Z"), "2025-03-01T00:00:00+02:00");
    EXPECT_EQ(until("Asia/Nicosia", "P4Y", "2024-02-29T10:00:00Z"), "2028-03-01T00:00:00+02:00");
    // Months first, then days: 31 January + 1 month + 1 day ends with 1 March.
    EXPECT_EQ(until("Asia/Nicosia", "P1M1D", "2026-01-31T10:00:00Z"), "2026-03-02T00:00:00+02:00");
}

TEST(Validity, Trap7APeriodThatEndsBeforeADayWithoutMidnight) {
    EXPECT_EQ(until("Africa/Cairo", "P1M", "2025-03-24T10:00:00Z"), "2025-04-25T01:00:00+03:00");
    EXPECT_EQ(until("Asia/Beirut", "P1D", "2025-03-28T10:00:00Z"), "2025-03-30T01:00:00+03:00");
    EXPECT_EQ(until("America/Santiago", "P1Y", "2024-09-06T15:00:00Z"),
              "2025-09-07T01:00:00-03:00");
}

TEST(Validity, Trap9ADateIncludesItsWholeDayInTheZoneOfTheBusiness) {
    const Validity christmas{.from = Boundary{.date = LocalDate{2026, 12, 24}},
                             .until = Boundary{.date = LocalDate{2026, 12, 26}}};
    const Span here = resolve(christmas, at("2026-01-01T00:00:00Z"), zone("Asia/Nicosia"));
    EXPECT_EQ(to_rfc3339(*here.from), "2026-12-23T22:00:00Z");
    EXPECT_EQ(to_rfc3339(*here.until), "2026-12-26T22:00:00Z");  // no hole of a second before it
    const Span there = resolve(christmas, at("2026-01-01T00:00:00Z"), zone("Pacific/Apia"));
    EXPECT_EQ(to_rfc3339(*there.until), "2026-12-26T11:00:00Z");
}

TEST(Validity, InstantsStandAsTheyWereWritten) {
    const Instant first = at("2026-12-24T10:00:00Z");
    const Instant end = at("2026-12-24T12:00:00Z");
    const Validity exact{.from = Boundary{.instant = first}, .until = Boundary{.instant = end}};
    EXPECT_EQ(resolve(exact, first, zone("Asia/Nicosia")), (Span{first, end}));
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

TEST(Validity, Trap8TheEndIsAnInstantThatLaterRulesDoNotMove) {
    const Span made =
        resolve({.period = Period{12, 0}}, at("2026-11-21T10:00:00Z"), zone("Asia/Nicosia"));
    // What is kept is the instant alone; the zone of a venue that moves away is not asked again.
    EXPECT_EQ(made.until, at("2027-11-21T22:00:00Z"));
    EXPECT_FALSE(zone_database_version().empty());
}

}  // namespace
}  // namespace obol
