#include "sync/domain/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

#include "sync/core/ensure.hpp"

namespace obol {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

using LocalSeconds = std::chrono::local_seconds;

constexpr Instant forever = Instant::max();
// The calendar's years are 16 bits wide; instants beyond these have no date.
constexpr Instant earliest = sys_days{std::chrono::year{-9999} / 1 / 1};
constexpr Instant latest = sys_days{std::chrono::year{19999} / 1 / 1};

year_month_day to_chrono(LocalDate date) {
    return {std::chrono::year{date.year}, std::chrono::month{date.month},
            std::chrono::day{date.day}};
}

LocalDate from_chrono(year_month_day date) {
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day())};
}

Instant midnight_in_utc(LocalDate date) { return Instant{sys_days{to_chrono(date)}}; }

LocalDate date_of(sys_days day) { return from_chrono(year_month_day{day}); }

int year_of(Instant at) {
    return static_cast<int>(year_month_day{std::chrono::floor<days>(at)}.year());
}

// No clock has ever been this far from UTC, so none shows a time that much earlier or later.
constexpr hours farthest_offset{16};

// From some instant up to `end` the zone's offset is this; what follows may have the same.
struct Stretch {
    seconds offset{};
    Instant end = forever;
};

// ---- Years that the database does not list -----------------------------------------------------

// Debian's date 3.0.1 reads the changes that a zone file lists, which end in 2037, and ignores the
// rule behind them (the POSIX footer): from 2038 on it shows no summer time. Such a rule depends on
// the calendar alone, so a year from 2038 on is mapped to a listed one with the same calendar.
//
// The years 2010 to 2037 hold all fourteen calendars, but the older ones also hold rules that are
// no longer in force: 2012, the twin of 2040, shows Cairo no summer time, and until November of
// 2027, the twin of 2038, Havana still keeps that of 2026. The latest years serve best, so years
// are compared by the weekday of 1 March alone, and those from 2030 on hold all seven cases. Where
// only one of the two has a leap day the days before it keep their weekdays and miss their dates by
// one; no zone's rule changes a clock in January or February.
//
// Gaza and Hebron are listed to 2086, for the sake of Ramadan; after that they stand still here.
constexpr int last_listed_year = 2037;

sys_days first_of(int year, std::chrono::month month) {
    return std::chrono::year{year} / month / 1;
}

days shift_to_twin(int year) {
    const sys_days march = first_of(year, std::chrono::March);
    int twin = last_listed_year;
    while ((first_of(twin, std::chrono::March) - march) % days{7} != days{0}) --twin;
    return first_of(twin, std::chrono::March) - march;
}

bool is_open_ended(const date::sys_info& info) {
    return info.end.time_since_epoch() > hours{24} * 5'000'000;
}

date::sys_info look_up(const date::time_zone& zone, Instant at) {
    return zone.get_info(std::chrono::floor<seconds>(at));
}

Stretch beyond_the_list(const date::time_zone& zone, Instant at) {
    const int year = year_of(at);
    const days shift = shift_to_twin(year);
    const date::sys_info info = look_up(zone, at + shift);
    const sys_days next_year = first_of(year + 1, std::chrono::January);
    return {info.offset, std::min<Instant>(info.end - shift, next_year)};
}

Stretch stretch_at(const date::time_zone& zone, Instant at) {
    const date::sys_info info = look_up(zone, std::clamp(at, earliest, latest));
    if (at >= latest) return {info.offset, forever};
    if (!is_open_ended(info)) return {info.offset, info.end};
    // A zone whose last listed change lies in 2037 has a rule behind its list; any other stands
    // still.
    const bool has_rule = year_of(info.begin) == last_listed_year;
    return has_rule ? beyond_the_list(zone, at) : Stretch{info.offset, forever};
}

// ------------------------------------------------------------------------------------------------

const date::time_zone& deref(const void* zone) {
    return *static_cast<const date::time_zone*>(zone);
}

// RFC 3339 has no seconds in an offset; those of local mean time, before zones were, are cut off.
minutes whole_minutes(seconds offset) { return std::chrono::duration_cast<minutes>(offset); }

Fault unknown_zone() { return {"zone_unknown", "not a time zone of the IANA database"}; }

// The library looks for the version in files that Debian does not ship. It is also the first line
// of tzdata.zi: "# version 2025b".
std::string read_version() {
    constexpr std::string_view mark = "# version ";
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string line;
    std::getline(file, line);
    std::string version = "unknown";
    if (line.starts_with(mark)) version = line.substr(mark.size());
    return version;
}

}  // namespace

LocalDate add_days(LocalDate date, int count) {
    return date_of(sys_days{to_chrono(date)} + days{count});
}

LocalDate add_months(LocalDate date, int count) {
    const year_month_day moved = to_chrono(date) + std::chrono::months{count};
    if (moved.ok()) return from_chrono(moved);
    return from_chrono(year_month_day{moved.year() / moved.month() / std::chrono::last});
}

int weekday_of(LocalDate date) {
    return static_cast<int>(std::chrono::weekday{sys_days{to_chrono(date)}}.iso_encoding()) - 1;
}

std::string to_iso_date(LocalDate date) {
    return obol::to_rfc3339(Instant{sys_days{to_chrono(date)}}).substr(0, 10);
}

Result<LocalDate> parse_iso_date(std::string_view text) {
    // A date is the front of an instant; "…T00:00:00Z" spares a second parser.
    const Fault malformed{"date_malformed", "not a date such as 2026-12-31"};
    if (text.size() != 10) return malformed;
    const Result<Instant> midnight = parse_rfc3339(std::string{text} + "T00:00:00Z");
    if (!midnight) return malformed;
    return date_of(std::chrono::floor<days>(*midnight));
}

Result<Zone> Zone::find(std::string_view iana_name) {
    // These name whatever this machine is set to, or nothing at all.
    if (iana_name == "localtime" || iana_name == "posixrules" || iana_name == "Factory") {
        return unknown_zone();
    }
    try {
        const date::time_zone* zone = date::locate_zone(iana_name);
        // The library reads the zone's file at the first question; ask now, so that none fails
        // later.
        look_up(*zone, Instant{});
        return Zone{zone};
    } catch (const std::runtime_error&) {
        return unknown_zone();
    }
}

const std::string& Zone::name() const { return deref(zone_).name(); }

LocalTime Zone::local(Instant at) const {
    at = std::clamp(at, earliest, latest);
    const Instant shown = at + stretch_at(deref(zone_), at).offset;
    const sys_days day = std::chrono::floor<days>(shown);
    const auto second = std::chrono::floor<seconds>(shown - day);
    const LocalDate date = date_of(day);
    return {date, static_cast<int>(std::chrono::weekday{day}.iso_encoding()) - 1,
            static_cast<int>(second.count())};
}

Instant Zone::start_of_day(LocalDate date) const { return first_instant(date, 0); }

Instant Zone::first_instant(LocalDate date, int second_of_day) const {
    const Instant wanted = midnight_in_utc(date) + seconds{second_of_day};
    // The stretches are walked until one shows what is wanted, or begins beyond it (a gap).
    Instant from = wanted - farthest_offset;
    while (true) {
        const Stretch stretch = stretch_at(deref(zone_), from);
        if (stretch.end == forever || stretch.end + stretch.offset > wanted) {
            return std::max(from, wanted - stretch.offset);
        }
        from = stretch.end;
    }
}

Instant Zone::end_of_day(LocalDate date) const {
    const Instant wanted = midnight_in_utc(date) + days{1};
    Instant end;
    // Of the stretches that still show the day or an earlier one, the last counts.
    for (Instant from = wanted - farthest_offset; from < wanted + farthest_offset;) {
        const Stretch stretch = stretch_at(deref(zone_), from);
        if (from + stretch.offset < wanted) end = std::min(stretch.end, wanted - stretch.offset);
        from = stretch.end;
    }
    return end;
}

Instant Zone::next_transition(Instant at) const {
    const Stretch now = stretch_at(deref(zone_), at);
    // The database also lists changes of name alone, which no wall clock shows.
    Instant end = now.end;
    while (end != forever) {
        const Stretch next = stretch_at(deref(zone_), end);
        if (next.offset != now.offset) return end;
        end = next.end;
    }
    return forever;
}

std::string Zone::offset_text(Instant at) const {
    return to_offset_text(whole_minutes(stretch_at(deref(zone_), at).offset));
}

std::string to_rfc3339(Instant at, const Zone& zone) {
    const std::string offset = zone.offset_text(at);
    const int sign = offset[0] == '-' ? -1 : 1;
    const minutes ahead =
        hours{std::stoi(offset.substr(1, 2))} + minutes{std::stoi(offset.substr(4, 2))};
    return to_rfc3339(at, sign * ahead);
}

std::string zone_database_version() {
    static const std::string version = read_version();
    return version;
}

}  // namespace obol
