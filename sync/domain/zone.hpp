#pragma once
// Wall-clock time of an IANA zone. The only place that knows the time-zone library.

#include <memory>
#include <string>
#include <string_view>

#include "sync/core/time.hpp"

namespace obol {

struct LocalDate {
    int year = 1970;
    unsigned month = 1;  // 1..12
    unsigned day = 1;    // 1..31
    auto operator<=>(const LocalDate&) const = default;
};

struct LocalTime {
    LocalDate date;
    int weekday = 0;      // 0 = Monday … 6 = Sunday (ISO order, not the C encoding)
    int second_of_day = 0;  // what the wall clock shows, 0..86399
    auto operator<=>(const LocalTime&) const = default;
};

LocalDate add_days(LocalDate date, int days);
LocalDate add_months(LocalDate date, int months);  // month ends clamp: 31 Jan + 1 = 28/29 Feb
int weekday_of(LocalDate date);                    // 0 = Monday
std::string to_iso_date(LocalDate date);
Result<LocalDate> parse_iso_date(std::string_view text);

class Zone {
public:
    // Fault zone_unknown.
    static Result<Zone> find(std::string_view iana_name);

    const std::string& name() const;
    LocalTime local(Instant at) const;
    // The first instant at which `date` or a later day shows on the wall clock (zones exist whose clock
    // change skips midnight).
    Instant start_of_day(LocalDate date) const;
    // The first instant from which on the wall clock shows later days alone. Where a clock goes back
    // over midnight, this is later than the next day's start.
    Instant end_of_day(LocalDate date) const;
    // The first instant that shows `second_of_day` or later on `date`; in a gap, the end of the gap.
    Instant first_instant(LocalDate date, int second_of_day) const;
    // The next change of offset strictly after `at`, or Instant::max() if the database names none.
    Instant next_transition(Instant at) const;
    std::string offset_text(Instant at) const;  // "+02:00"

private:
    explicit Zone(const void* zone) : zone_(zone) {}
    const void* zone_;  // date::time_zone, which lives as long as the process
};

// RFC 3339 with the zone's offset: "2026-11-27T18:00:00+02:00".
std::string to_rfc3339(Instant at, const Zone& zone);
// The version of the time-zone database, e.g. "2025b" (from tzdata.zi); recorded with each decision.
std::string zone_database_version();

}  // namespace obol
