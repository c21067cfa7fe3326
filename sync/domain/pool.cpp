#include "sync/domain/pool.hpp"

#include <algorithm>

namespace obol {
namespace {

using std::chrono::days;
using std::chrono::seconds;

bool may_start_on(const TimeWindow& window, LocalDate date, int weekday) {
    return (window.days.none() || window.days.test(static_cast<std::size_t>(weekday))) &&
           (window.months.none() || window.months.test(date.month - 1));
}

// A window belongs to the day it started: what shows after midnight is judged by the day before.
// Only what the wall clock shows counts, so a repeated hour is inside twice and a skipped one
// never.
bool covers(const TimeWindow& window, const LocalTime& shown) {
    const int from = window.from_minute * 60;
    const int to = window.to_minute * 60;
    const bool starts_today = may_start_on(window, shown.date, shown.weekday);
    if (from < to) return starts_today && from <= shown.second_of_day && shown.second_of_day < to;

    if (starts_today && from <= shown.second_of_day) return true;
    return shown.second_of_day < to &&
           may_start_on(window, add_days(shown.date, -1), (shown.weekday + 6) % 7);
}

bool covers_any(const std::vector<TimeWindow>& windows, const LocalTime& shown) {
    return windows.empty() ||
           std::any_of(windows.begin(), windows.end(),
                       [&](const TimeWindow& window) { return covers(window, shown); });
}

// Where is_open may turn from no to yes within a day: where a window starts, and at midnight, since
// the day before may have been skipped by the calendar.
std::vector<int> openings_of_day(const std::vector<TimeWindow>& windows) {
    std::vector<int> seconds_of_day{0};
    for (const TimeWindow& window : windows) seconds_of_day.push_back(window.from_minute * 60);
    std::sort(seconds_of_day.begin(), seconds_of_day.end());
    seconds_of_day.erase(std::unique(seconds_of_day.begin(), seconds_of_day.end()),
                         seconds_of_day.end());
    return seconds_of_day;
}

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

bool is_open(const std::vector<TimeWindow>& windows, Instant at, const Zone& zone) {
    return windows.empty() || covers_any(windows, zone.local(at));
}

std::optional<Instant> next_opening(const std::vector<TimeWindow>& windows, Instant at,
                                    const Zone& zone) {
    if (is_open(windows, at, zone)) return at;
    const std::vector<int> openings = openings_of_day(windows);
    const Instant horizon = at + days{8 * 366};

    // Between two changes of the clock the wall runs evenly, so each such stretch is searched by
    // itself: its first instant, then the openings of each day. A repeated hour is two stretches.
    for (Instant from = at; from < horizon;) {
        const Instant end = std::min(zone.next_transition(from), horizon);
        if (is_open(windows, from, zone)) return from;

        LocalTime shown = zone.local(from);
        const Instant whole = std::chrono::floor<seconds>(from);
        Instant midnight = whole - seconds{shown.second_of_day};  // as this stretch would show it
        while (midnight < end) {
            for (const int second : openings) {
                const Instant opening = midnight + seconds{second};
                if (opening <= from) continue;
                if (opening >= end) break;
                shown.second_of_day = second;
                if (covers_any(windows, shown)) return opening;
            }
            midnight += days{1};
            shown.date = add_days(shown.date, 1);
            shown.weekday = (shown.weekday + 1) % 7;
        }
        from = end;
    }
    return std::nullopt;
}

bool location_allowed(const Pool& pool, const Place& place) {
    return !pool.restricts_location() || contains(pool.venues, place.venue) ||
           contains(pool.businesses, place.business);
}

bool line_matches(const Pool& pool, const Line& line) {
    if (line.amount <= Amount{}) return false;
    return !pool.restricts_product() || contains(pool.brands, line.brand) ||
           contains(pool.families, line.family) || contains(pool.skus, line.sku) ||
           contains(pool.types, line.type);
}

}  // namespace obol
