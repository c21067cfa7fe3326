#include "sync/domain/conditions.hpp"

namespace obol {
namespace {

using std::chrono::days;
using std::chrono::seconds;

bool may_start_on(const TimeWindow& window, LocalDate date, int weekday) {
    return (window.days.none() || window.days.test(static_cast<std::size_t>(weekday))) &&
           (window.months.none() || window.months.test(date.month - 1));
}

constexpr int day_end = 86'400;  // a second of day that no wall clock shows

// The first second of this day, from the shown one on, that lies in the window; else day_end. A
// window belongs to the day it started: what shows after midnight is judged by the day before.
// Only what the wall clock shows counts, so a repeated hour is inside twice and a skipped one
// never.
int first_inside(const TimeWindow& window, const LocalTime& shown) {
    const int from = window.from_minute * 60;
    const int to = window.to_minute * 60;
    const bool overnight = to <= from;
    const int now = shown.second_of_day;
    if (overnight && now < to &&
        may_start_on(window, add_days(shown.date, -1), (shown.weekday + 6) % 7)) {
        return now;
    }
    const int first = std::max(now, from);
    const bool reached = first < (overnight ? day_end : to);
    return reached && may_start_on(window, shown.date, shown.weekday) ? first : day_end;
}

int first_inside(const std::vector<TimeWindow>& windows, const LocalTime& shown) {
    int first = day_end;
    for (const TimeWindow& window : windows) first = std::min(first, first_inside(window, shown));
    return first;
}

}  // namespace

bool is_open(const std::vector<TimeWindow>& windows, Instant at, const Zone& zone) {
    return windows.empty() || is_open(windows, zone.local(at));
}

bool is_open(const std::vector<TimeWindow>& windows, const LocalTime& shown) {
    return windows.empty() || first_inside(windows, shown) == shown.second_of_day;
}

std::optional<Instant> next_opening(const std::vector<TimeWindow>& windows, Instant at,
                                    const Zone& zone) {
    if (windows.empty()) return at;
    const Instant horizon = at + days{8 * 366};

    // Between two changes of the clock the wall runs evenly, so each such stretch is searched by
    // itself, day by day. A repeated hour lies in two stretches, a skipped one in none.
    for (Instant from = at; from < horizon;) {
        const Instant end = std::min(zone.next_transition(from), horizon);
        LocalTime shown = zone.local(from);
        Instant midnight = std::chrono::floor<seconds>(from) - seconds{shown.second_of_day};
        for (;; midnight += days{1}) {  // where this stretch has one, or would have had
            const int second = first_inside(windows, shown);
            const Instant opening = std::max(from, midnight + seconds{second});
            if (opening >= end) break;
            if (second != day_end) return opening;
            shown = {add_days(shown.date, 1), (shown.weekday + 1) % 7, 0};
        }
        from = end;
    }
    return std::nullopt;
}

Opening opening_at(const std::vector<TimeWindow>& windows, Instant now,
                   const std::string& zone_name) {
    const Result<Zone> zone = Zone::find(zone_name);
    if (!zone) return {};
    if (is_open(windows, now, *zone)) return {.open = true};
    Opening closed{.next = next_opening(windows, now, *zone)};
    if (closed.next) closed.next_offset = zone->offset_text(*closed.next);
    return closed;
}

}  // namespace obol
