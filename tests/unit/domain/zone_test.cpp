#include "sync/domain/zone.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>

namespace obol {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) { return parse_rfc3339(text).value(); }
Zone zone(std::string_view name) { return Zone::find(name).value(); }
// The C library reads the same zone files with its own code, and knows the rule behind their lists.
class CLibrary {
public:
    explicit CLibrary(const char* name) {
        setenv("TZ", (std::string(":") + name).c_str(), 1);
        tzset();
    }
    ~CLibrary() {
        unsetenv("TZ");
        tzset();
    }
    std::string shows(Instant instant) const {
        const std::time_t seconds =
            std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
        std::tm shown{};
        localtime_r(&seconds, &shown);
        return text(shown.tm_year + 1900, shown.tm_mon + 1, shown.tm_mday, (shown.tm_wday + 6) % 7,
                    shown.tm_hour * 3600 + shown.tm_min * 60 + shown.tm_sec);
    }
    static std::string text(int year, int month, int day, int weekday, int second) {
        return std::to_string(year) + "-" + std::to_string(month) + "-" + std::to_string(day) +
               " day " + std::to_string(weekday) + " second " + std::to_string(second);
    }
    static std::string text(const LocalTime& shown) {
        return text(shown.date.year, static_cast<int>(shown.date.month),
                    static_cast<int>(shown.date.day), shown.weekday, shown.second_of_day);
    }
};

constexpr const char* many_zones[] = {"Asia/Nicosia",
                                      "Europe/London",
                                      "Australia/Lord_Howe",
                                      "Asia/Kathmandu",
                                      "Africa/Cairo",
                                      "America/New_York",
                                      "America/Santiago",
                                      "Pacific/Chatham",
                                      "Pacific/Apia",
                                      "Asia/Tokyo",
                                      "Asia/Amman",
                                      "America/St_Johns",
                                      "Africa/Casablanca",
                                      "Asia/Beirut",
                                      "Europe/Dublin",
                                      "Asia/Jerusalem",
                                      "Pacific/Easter",
                                      "America/Nuuk",
                                      "UTC",
                                      "Asia/Gaza"};

TEST(Zone, ShowsWhatTheCLibraryShowsAlsoAfter2037) {
    for (const auto* name : many_zones) {
        const CLibrary reference{name};
        const Zone ours = zone(name);
        std::mt19937_64 dice{5};
        std::uniform_int_distribution<std::int64_t> any{-1'000'000'000,
                                                        3'660'000'000};  // 1938 to 2085
        for (int i = 0; i < 3000; ++i) {
            const Instant instant{std::chrono::seconds{any(dice)}};
            ASSERT_EQ(CLibrary::text(ours.local(instant)), reference.shows(instant))
                << name << " " << to_rfc3339(instant);
        }
    }
}

TEST(Zone, SummerTimeGoesOnTurningAfter2037AlsoInLeapYears) {
    // 2040 is a leap year that begins on a Sunday: between 2027 and 2037 there is none.
    for (const auto* name :
         {"Asia/Nicosia", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Chatham"}) {
        const CLibrary reference{name};
        const Zone ours = zone(name);
        int changes = 0;
        const Instant end = at("2045-01-01T00:00:00Z");
        for (Instant t = at("2037-06-01T00:00:00Z"); t < end;
             t = ours.next_transition(t), ++changes) {
            const Instant change = ours.next_transition(t);
            ASSERT_NE(change, Instant::max()) << name;
            ASSERT_EQ(CLibrary::text(ours.local(change)), reference.shows(change));
            const Instant before = change - std::chrono::seconds{1};
            ASSERT_EQ(CLibrary::text(ours.local(before)), reference.shows(before));
            ASSERT_EQ(ours.offset_text(before), ours.offset_text(t));
            ASSERT_NE(ours.offset_text(change), ours.offset_text(before));
        }
        EXPECT_GE(changes, 15) << name;
    }
}

TEST(Zone, UnknownNamesAreAFault) {
    for (const auto* bad :
         {"", "Mars/Olympus", "asia/nicosia", "../etc/passwd", "posix/UTC", "right/UTC",
          "localtime", "posixrules", "Factory", "Europe", "Asia/Nicosia ", "zone.tab"}) {
        const Result<Zone> found = Zone::find(bad);
        ASSERT_FALSE(found) << bad;
        EXPECT_EQ(found.error().code, "zone_unknown");
    }
    EXPECT_EQ(zone("Asia/Nicosia").name(), "Asia/Nicosia");
    EXPECT_EQ(zone("Europe/Nicosia").name(), "Europe/Nicosia");
}

TEST(Zone, StartOfDayIsTheFirstInstantOfItsDateForEveryDayAndZone) {
    for (const auto* name : many_zones) {
        const Zone ours = zone(name);
        for (LocalDate date{2010, 10, 1}; date < LocalDate{2012, 1, 5}; date = add_days(date, 1)) {
            const Instant start = ours.start_of_day(date);
            ASSERT_GE(ours.local(start).date, date) << name;
            ASSERT_LT(ours.local(start - Millis{1}).date, date) << name;
            // No earlier instant shows it either, also where the clock went back over midnight.
            for (Instant t = start - hours{26}; t < start; t += minutes{15})
                ASSERT_LT(ours.local(t).date, date);
        }
    }
}

TEST(Zone, FirstInstantTakesTheFirstOfTwoAndTheEndOfAGap) {
    const Zone nicosia = zone("Asia/Nicosia");
    const int half_past_three = 3 * 3600 + 1800;
    // 29 March 2026 jumps from 03:00 to 04:00; 25 October 2026 falls from 04:00 to 03:00.
    EXPECT_EQ(to_rfc3339(nicosia.first_instant({2026, 3, 29}, half_past_three), nicosia),
              "2026-03-29T04:00:00+03:00");
    EXPECT_EQ(to_rfc3339(nicosia.first_instant({2026, 10, 25}, half_past_three), nicosia),
              "2026-10-25T03:30:00+03:00");
    EXPECT_EQ(to_rfc3339(nicosia.first_instant({2026, 6, 1}, 0), nicosia),
              "2026-06-01T00:00:00+03:00");
    EXPECT_EQ(to_rfc3339(nicosia.first_instant({2050, 7, 1}, 3600), nicosia),
              "2050-07-01T01:00:00+03:00");
}

TEST(Zone, NextTransitionNamesTheChangesOfTheWallClock) {
    EXPECT_EQ(to_rfc3339(zone("Asia/Nicosia").next_transition(at("2026-01-01T00:00:00Z"))),
              "2026-03-29T01:00:00Z");
    EXPECT_EQ(to_rfc3339(zone("Asia/Nicosia").next_transition(at("2026-03-29T01:00:00Z"))),
              "2026-10-25T01:00:00Z");
    EXPECT_EQ(zone("UTC").next_transition(at("2026-01-01T00:00:00Z")), Instant::max());
    EXPECT_EQ(zone("Asia/Tokyo").next_transition(at("2026-01-01T00:00:00Z")), Instant::max());
}

TEST(Zone, InstantsCarryTheOffsetOfTheWallClock) {
    EXPECT_EQ(to_rfc3339(at("2026-11-27T16:00:00Z"), zone("Asia/Nicosia")),
              "2026-11-27T18:00:00+02:00");
    EXPECT_EQ(to_rfc3339(at("2026-11-27T16:00:00.250Z"), zone("Asia/Kathmandu")),
              "2026-11-27T21:45:00.250+05:45");
    EXPECT_EQ(to_rfc3339(at("2026-11-27T16:00:00Z"), zone("America/St_Johns")),
              "2026-11-27T12:30:00-03:30");
    EXPECT_EQ(zone("Europe/London").offset_text(at("2026-12-01T00:00:00Z")), "+00:00");
    // Offsets with seconds, of the time before zones, still name the same instant.
    const Instant old = at("1890-01-01T00:00:00Z");
    EXPECT_EQ(parse_rfc3339(to_rfc3339(old, zone("America/New_York"))).value(), old);
}

TEST(Zone, InstantsBeyondTheCalendarAreHarmless) {
    const Zone nicosia = zone("Asia/Nicosia");
    EXPECT_EQ(nicosia.local(Instant::max()).date.year, 19999);
    EXPECT_EQ(nicosia.local(Instant::min()).date.year, -9999);
    EXPECT_EQ(nicosia.next_transition(Instant::max()), Instant::max());
}

TEST(Zone, ADayEndsWhenTheWallClockShowsLaterDaysAlone) {
    const auto end_of = [](std::string_view name, LocalDate date) {
        return to_rfc3339(zone(name).end_of_day(date), zone(name));
    };
    EXPECT_EQ(end_of("Asia/Nicosia", {2026, 11, 21}), "2026-11-22T00:00:00+02:00");
    EXPECT_EQ(end_of("UTC", {2026, 12, 31}), "2027-01-01T00:00:00+00:00");
    EXPECT_EQ(end_of("Asia/Nicosia", {2050, 6, 30}), "2050-07-01T00:00:00+03:00");
    EXPECT_EQ(end_of("Africa/Cairo", {2025, 4, 24}), "2025-04-25T01:00:00+03:00");
    EXPECT_EQ(end_of("America/St_Johns", {2010, 11, 6}), "2010-11-07T00:00:00-03:30");
    EXPECT_EQ(end_of("Pacific/Apia", {2011, 12, 30}), "2011-12-31T00:00:00+14:00");
}

TEST(Dates, ReadOneFormOnly) {
    EXPECT_EQ(parse_iso_date("2026-12-31").value(), (LocalDate{2026, 12, 31}));
    EXPECT_EQ(parse_iso_date("2024-02-29").value(), (LocalDate{2024, 2, 29}));
    for (const auto* bad :
         {"", "2026-02-29", "2026-1-01", "20261231", "2026-12-32", "2026-12-31T00:00:00Z",
          "2026/12/31", "2026-12-3x", "26-12-31", " 2026-12-3"}) {
        const Result<LocalDate> read = parse_iso_date(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, "date_malformed");
    }
}

TEST(Zone, TheDatabaseNamesItsVersion) {
    const std::string version = zone_database_version();
    EXPECT_EQ(version.size(), 5u) << version;  // 2025b
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string line;
    std::getline(file, line);
    EXPECT_EQ(line, "# version " + version);
}

}  // namespace
}  // namespace obol
