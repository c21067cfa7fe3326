#include "sync/domain/pool.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace obol {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Zone zone(std::string_view name) { return Zone::find(name).value(); }
Instant at(std::string_view text) { return parse_rfc3339(text).value(); }

int minute(std::string_view clock) {  // "18:00"
    return std::stoi(std::string{clock.substr(0, 2)}) * 60 +
           std::stoi(std::string{clock.substr(3, 2)});
}

TimeWindow window(std::vector<int> days, std::string_view from, std::string_view to,
                  std::vector<int> months = {}) {
    TimeWindow made{.from_minute = minute(from), .to_minute = minute(to)};
    for (const int day : days) made.days.set(static_cast<std::size_t>(day));
    for (const int month : months) made.months.set(static_cast<std::size_t>(month - 1));
    return made;
}
enum { mon, tue, wed, thu, fri, sat, sun };

// Is a window open when the clock of Nicosia shows this?
bool open(const TimeWindow& one, std::string_view instant) {
    return is_open({one}, at(instant), zone("Asia/Nicosia"));
}
std::string next(const std::vector<TimeWindow>& windows, std::string_view from,
                 std::string_view name = "Asia/Nicosia") {
    const auto opening = next_opening(windows, at(from), zone(name));
    return opening ? to_rfc3339(*opening, zone(name)) : "never";
}

TEST(Windows, AnEmptyListIsAlwaysOpen) {
    EXPECT_TRUE(is_open({}, at("2026-11-27T18:00:00+02:00"), zone("Asia/Nicosia")));
    EXPECT_EQ(next({}, "2026-11-27T18:00:00+02:00"), "2026-11-27T18:00:00+02:00");
}

TEST(Windows, FromIsInsideAndToIsOutside) {
    const TimeWindow lunch = window({fri}, "12:00", "14:00");
    EXPECT_FALSE(open(lunch, "2026-11-27T11:59:59.999+02:00"));
    EXPECT_TRUE(open(lunch, "2026-11-27T12:00:00+02:00"));
    EXPECT_TRUE(open(lunch, "2026-11-27T13:59:59.999+02:00"));
    EXPECT_FALSE(open(lunch, "2026-11-27T14:00:00+02:00"));
    EXPECT_FALSE(open(lunch, "2026-11-26T13:00:00+02:00"));
}

TEST(NextOpening, IsTheMomentItselfWhileOpen) {
    EXPECT_EQ(next({window({fri}, "18:00", "22:00")}, "2026-11-27T19:30:00.500+02:00"),
              "2026-11-27T19:30:00.500+02:00");
}

TEST(NextOpening, FindsTheNextDayMonthAndYear) {
    EXPECT_EQ(next({window({fri}, "18:00", "22:00")}, "2026-11-23T12:00:00+02:00"),
              "2026-11-27T18:00:00+02:00");
    EXPECT_EQ(next({window({fri}, "18:00", "22:00")}, "2026-11-27T22:00:00+02:00"),
              "2026-12-04T18:00:00+02:00");
    EXPECT_EQ(next({window({mon}, "10:00", "11:00", {2})}, "2026-03-01T00:00:00+02:00"),
              "2027-02-01T10:00:00+02:00");
    // Of several windows the first that opens.
    EXPECT_EQ(next({window({sat}, "10:00", "11:00"), window({fri}, "20:00", "21:00")},
                   "2026-11-25T00:00:00+02:00"),
              "2026-11-27T20:00:00+02:00");
    EXPECT_EQ(next({window({sat}, "10:00", "11:00")}, "2040-07-01T00:00:00+03:00"),
              "2040-07-07T10:00:00+03:00");
}

TEST(NextOpening, FollowsADayThatTheCalendarSkipped) {
    // Apia went from 29 to 31 December 2011. A window of Friday the 30th that runs into Saturday
    // still shows its second half.
    EXPECT_EQ(next({window({fri}, "22:00", "02:00")}, "2011-12-29T12:00:00-10:00", "Pacific/Apia"),
              "2011-12-31T00:00:00+14:00");
}

TEST(NextOpening, WaitsForADayOnWhichTheClockShowsTheHour) {
    // In March 2026 only one Sunday is left, and that one skips the hour: a year goes by.
    EXPECT_EQ(next({window({sun}, "03:30", "03:40", {3})}, "2026-03-22T03:40:00+02:00"),
              "2027-03-07T03:30:00+02:00");
}

TEST(NextOpening, TakesTheWholeSecondAtWhichTheRuleSaysYes) {
    EXPECT_EQ(next({window({fri}, "18:00", "22:00")}, "2026-11-27T17:59:59.999+02:00"),
              "2026-11-27T18:00:00+02:00");
    EXPECT_EQ(next({window({fri}, "18:00", "22:00")}, "2026-11-27T22:00:00.001+02:00"),
              "2026-12-04T18:00:00+02:00");
}

TEST(NextOpening, IsNoneForAWindowThatNoClockShows) {
    const TimeWindow beyond{.from_minute = 1500, .to_minute = 1560};
    EXPECT_EQ(next({beyond}, "2026-11-27T12:00:00+02:00"), "never");
    EXPECT_EQ(next({beyond}, "2035-11-27T12:00:00+02:00"), "never");
    EXPECT_EQ(next({beyond}, "2026-11-27T12:00:00+02:00", "UTC"), "never");
}

// ---- Minute by minute against the definition, around every kind of clock change -----------------

struct Change {
    const char* zone;
    const char* from;  // a UTC day or two before
};
constexpr Change changes[] = {{"Asia/Nicosia", "2026-03-27T00:00:00Z"},
                              {"Asia/Nicosia", "2026-10-23T00:00:00Z"},
                              {"Europe/London", "2026-03-27T00:00:00Z"},
                              {"Europe/London", "2026-10-23T00:00:00Z"},
                              {"Australia/Lord_Howe", "2026-04-03T00:00:00Z"},
                              {"Australia/Lord_Howe", "2026-10-02T00:00:00Z"},
                              {"Asia/Kathmandu", "1985-12-30T00:00:00Z"},
                              {"Asia/Kathmandu", "2026-06-10T00:00:00Z"},
                              {"Africa/Cairo", "2025-04-23T00:00:00Z"},
                              {"Africa/Cairo", "2025-10-29T00:00:00Z"},
                              {"America/St_Johns", "2010-11-05T00:00:00Z"},
                              {"Pacific/Apia", "2011-12-28T00:00:00Z"},
                              {"Asia/Nicosia", "2040-03-23T00:00:00Z"},
                              {"Asia/Nicosia", "2040-10-26T00:00:00Z"}};

// The rule as the page states it, in other words than the code: the day of the start may be today
// or yesterday; count the minutes on the wall from there.
bool by_definition(const TimeWindow& one, const LocalTime& shown) {
    for (const int days_ago : {0, 1}) {
        const LocalDate start = add_days(shown.date, -days_ago);
        if (one.days.any() && !one.days[static_cast<std::size_t>(weekday_of(start))]) continue;
        if (one.months.any() && !one.months[start.month - 1]) continue;
        const int length = (one.to_minute - one.from_minute + 1440 - 1) % 1440 + 1;
        const int since = shown.second_of_day / 60 + 1440 * days_ago - one.from_minute;
        if (since >= 0 && since < length) return true;
    }
    return false;
}

TimeWindow any_window() {
    TimeWindow one;
    one.days = std::bitset<7>(static_cast<unsigned>(*rc::gen::element(0, 0, 1, 16, 32, 64, 96, 3)));
    one.months =
        std::bitset<12>(static_cast<unsigned>(*rc::gen::element(0, 0, 0, 0x204, 0xFFF, 8)));
    // Mostly near the hours at which clocks change.
    const auto any_minute = [] {
        return *rc::gen::oneOf(rc::gen::inRange(0, 300), rc::gen::inRange(0, 1440),
                               rc::gen::element(0, 60, 120, 150, 180, 240, 1380));
    };
    one.from_minute = any_minute();
    one.to_minute = *rc::gen::oneOf(rc::gen::just(1440), rc::gen::just(one.from_minute),
                                    rc::gen::exec(any_minute), rc::gen::exec(any_minute));
    return one;
}

TEST(WindowsProperty, AgreeWithTheDefinitionMinuteByMinuteAroundClockChanges) {
    EXPECT_TRUE(rc::check("is_open and next_opening against brute force", [] {
        const Change change =
            *rc::gen::elementOf(std::vector<Change>(std::begin(changes), std::end(changes)));
        const Zone place = zone(change.zone);
        std::vector<TimeWindow> windows;
        const int count = *rc::gen::inRange(1, 4);
        for (int i = 0; i < count; ++i) windows.push_back(any_window());

        const Instant from = at(change.from);
        constexpr int span = 5 * 1440;
        std::vector<bool> expected;
        for (int i = 0; i < span; ++i) {
            const LocalTime shown = place.local(from + minutes{i});
            bool is = false;
            for (const TimeWindow& one : windows) is = is || by_definition(one, shown);
            expected.push_back(is);
            RC_ASSERT(is_open(windows, from + minutes{i}, place) == is);
        }
        // The next opening from every quarter of an hour on, where brute force can see one.
        int opening = span;
        for (int i = span - 1; i >= 0; --i) {
            if (expected[static_cast<std::size_t>(i)]) opening = i;
            if (i % 15 != 0 || opening == span) continue;
            RC_ASSERT(next_opening(windows, from + minutes{i}, place) == from + minutes{opening});
        }
        if (opening == span) {
            const auto found = next_opening(windows, from, place);
            const bool beyond = !found || *found >= from + minutes{span};
            RC_ASSERT(beyond);
        }
    }));
}

TEST(WindowsProperty, NextOpeningIsOpenAndTheInstantBeforeIsNot) {
    EXPECT_TRUE(rc::check([] {
        const Zone place =
            zone(*rc::gen::element(std::string{"Asia/Nicosia"}, std::string{"Australia/Lord_Howe"},
                                   std::string{"Africa/Cairo"}, std::string{"Asia/Kathmandu"}));
        const std::vector<TimeWindow> windows{any_window()};
        const Instant from =
            from_millis(*rc::gen::inRange<std::int64_t>(1'700'000'000'000, 2'600'000'000'000));
        const auto found = next_opening(windows, from, place);
        RC_ASSERT(found.has_value());
        RC_ASSERT(*found >= from);
        RC_ASSERT(is_open(windows, *found, place));
        if (*found > from) RC_ASSERT(!is_open(windows, *found - Millis{1}, place));
    }));
}

// ---- Locations and products
// --------------------------------------------------------------------------

Pool pool_at(const std::vector<std::string>& venues, const std::vector<std::string>& businesses) {
    Pool pool;
    for (const auto& venue : venues) pool.venues.emplace_back(venue);
    for (const auto& business : businesses) pool.businesses.emplace_back(business);
    return pool;
}

struct Products {
    std::vector<std::string> brands{}, families{}, skus{}, types{};
};
Pool pool_for(const Products& products) {
    Pool pool;
    pool.brands = products.brands;
    pool.families = products.families;
    pool.skus = products.skus;
    pool.types = products.types;
    return pool;
}

TEST(Locations, VenuesOrWholeBusinessesSuffice) {
    const Place here{VenueId{"nic"}, BusinessId{"aroma"}};
    EXPECT_TRUE(location_allowed(Pool{}, here));
    EXPECT_TRUE(location_allowed(pool_at({"lim", "nic"}, {}), here));
    EXPECT_TRUE(location_allowed(pool_at({}, {"aroma"}), here));
    EXPECT_TRUE(location_allowed(pool_at({"lim"}, {"aroma"}), here));
    EXPECT_FALSE(location_allowed(pool_at({"lim"}, {}), here));
    EXPECT_FALSE(location_allowed(pool_at({}, {"other"}), here));
}

Line line(std::int64_t amount) {
    return {LineId{"1"}, "C1", "1", Amount{amount}, "Freddo", "Aroma", "Coffee", "goods"};
}

TEST(Products, AnyBrandFamilySkuOrTypeSuffices) {
    EXPECT_TRUE(line_matches(Pool{}, line(1)));
    EXPECT_TRUE(line_matches(pool_for({.brands = {"Aroma"}}), line(1)));
    EXPECT_TRUE(line_matches(pool_for({.families = {"Tea", "Coffee"}}), line(1)));
    EXPECT_TRUE(line_matches(pool_for({.skus = {"C1"}}), line(1)));
    EXPECT_TRUE(line_matches(pool_for({.types = {"goods"}}), line(1)));
    EXPECT_TRUE(line_matches(pool_for({.brands = {"Other"}, .skus = {"C1"}}), line(1)));
    EXPECT_FALSE(line_matches(pool_for({.brands = {"Other"}, .skus = {"C2"}}), line(1)));
    EXPECT_FALSE(line_matches(pool_for({.brands = {"Coffee"}}), line(1)));
}

TEST(Products, ALineOfZeroOrLessMatchesNothing) {
    EXPECT_FALSE(line_matches(Pool{}, line(0)));
    EXPECT_FALSE(line_matches(pool_for({.brands = {"Aroma"}}), line(-100)));
}

TEST(Products, ALineWithoutABrandMatchesNoBrand) {
    Line plain = line(1);
    plain.brand.clear();
    EXPECT_FALSE(line_matches(pool_for({.brands = {"Aroma"}}), plain));
}

}  // namespace
}  // namespace obol
