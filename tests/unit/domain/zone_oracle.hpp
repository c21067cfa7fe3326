#pragma once
// What wall clocks show, without the library that the rules use: the changes of a zone come from
// the raw data of its file, what its clock shows comes from the C library, and windows are laid out
// as intervals from the day they start (the rules go the other way, from the moment to the day).

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "sync/domain/pool.hpp"

namespace obol::oracle {

using Seconds = std::int64_t;  // since 1970, in UTC or as shown on a wall
constexpr Seconds day = 86'400;

inline Instant instant(Seconds at) { return Instant{std::chrono::seconds{at}}; }
inline Seconds seconds(Instant at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}
inline Seconds utc(std::string_view text) { return seconds(parse_rfc3339(text).value()); }

struct Stretch {  // [begin, end) of one offset
    Seconds begin, end, offset;
};
struct Interval {  // [begin, end)
    Seconds begin, end;
    bool operator==(const Interval&) const = default;
};

// The names in the text form of the database; a link is another name of a zone.
inline std::vector<std::string> names(char kind) {
    std::vector<std::string> found;
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    for (std::string line; std::getline(file, line);) {
        if (line.size() < 2 || line[0] != kind || line[1] != ' ') continue;
        std::istringstream words(line.substr(2));
        std::string name;
        words >> name;
        if (kind == 'L') words >> name;
        if (name != "Factory") found.push_back(name);
    }
    return found;
}

// One at a time: the C library keeps one zone for the whole process.
class WallClock {
public:
    explicit WallClock(const std::string& name) : listed_(listed_changes(name)) {
        setenv("TZ", (":" + name).c_str(), 1);
        tzset();
    }
    ~WallClock() {
        unsetenv("TZ");
        tzset();
    }
    WallClock(const WallClock&) = delete;
    WallClock& operator=(const WallClock&) = delete;

    LocalTime shows(Seconds at) const {
        const std::tm tm = broken_down(at);
        return {{tm.tm_year + 1900, static_cast<unsigned>(tm.tm_mon + 1),
                 static_cast<unsigned>(tm.tm_mday)},
                (tm.tm_wday + 6) % 7,
                tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec};
    }
    Seconds offset(Seconds at) const { return broken_down(at).tm_gmtoff; }

    // The stretches that the zone's file lists, as far as they reach into [from, to).
    std::vector<Stretch> stretches(Seconds from, Seconds to) const {
        std::vector<Stretch> found{{from, to, offset(from)}};
        for (const Seconds change : listed_) {
            if (change <= from || change >= to || offset(change) == found.back().offset) continue;
            found.back().end = change;
            found.push_back({change, to, offset(change)});
        }
        return found;
    }

private:
    static std::tm broken_down(Seconds at) {
        const std::time_t time = at;
        std::tm shown{};
        localtime_r(&time, &shown);
        return shown;
    }

    // RFC 8536: a header and a block in 32 bits, then, from version 2 on, both again in 64 bits.
    static std::vector<Seconds> listed_changes(const std::string& name) {
        std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const auto number = [&](std::size_t at, int size) {
            std::uint64_t value = 0;
            for (int i = 0; i < size; ++i)
                value = value << 8U | static_cast<std::uint8_t>(bytes.at(at++));
            return value;
        };
        if (!bytes.starts_with("TZif") || bytes.at(4) < '2')
            throw std::runtime_error("no zone file: " + name);
        constexpr std::size_t header = 44;
        const auto count = [&](std::size_t block, std::size_t which) {
            return static_cast<std::size_t>(number(block + 20 + 4 * which, 4));
        };
        enum { utc_marks, standard_marks, leaps, changes, types, letters };
        const std::size_t second = header + count(0, changes) * 5 + count(0, types) * 6 +
                                   count(0, letters) + count(0, leaps) * 8 +
                                   count(0, standard_marks) + count(0, utc_marks);
        std::vector<Seconds> found;
        for (std::size_t i = 0; i < count(second, changes); ++i) {
            found.push_back(static_cast<Seconds>(number(second + header + 8 * i, 8)));
        }
        return found;
    }

    std::vector<Seconds> listed_;
};

// When the windows are open, sorted and joined: each window from each day that it may start on, as
// the wall shows it, cut to each stretch in which the wall shows any of that.
inline std::vector<Interval> open_intervals(const std::vector<TimeWindow>& windows,
                                            const std::vector<Stretch>& stretches) {
    std::vector<Interval> found;
    for (const Stretch& stretch : stretches) {
        const Seconds first = (stretch.begin + stretch.offset) / day - 1;
        const Seconds last = (stretch.end + stretch.offset) / day;
        for (Seconds date = first; date <= last; ++date) {
            const std::time_t midnight = date * day;
            std::tm tm{};
            gmtime_r(&midnight, &tm);
            for (const TimeWindow& window : windows) {
                const auto weekday = static_cast<std::size_t>((tm.tm_wday + 6) % 7);
                if (window.days.any() && !window.days[weekday]) continue;
                if (window.months.any() && !window.months[static_cast<std::size_t>(tm.tm_mon)])
                    continue;
                const int to =
                    window.to_minute + (window.to_minute <= window.from_minute ? 1440 : 0);
                const Seconds shown_as_utc = midnight - stretch.offset;
                const Interval open{std::max(stretch.begin, shown_as_utc + window.from_minute * 60),
                                    std::min(stretch.end, shown_as_utc + to * 60)};
                if (open.begin < open.end) found.push_back(open);
            }
        }
    }
    std::sort(found.begin(), found.end(),
              [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
    std::vector<Interval> joined;
    for (const Interval& open : found) {
        if (joined.empty() || open.begin > joined.back().end) {
            joined.push_back(open);
        } else {
            joined.back().end = std::max(joined.back().end, open.end);
        }
    }
    return joined;
}

inline bool is_open(const std::vector<Interval>& intervals, Seconds at) {
    return std::any_of(intervals.begin(), intervals.end(),
                       [&](const Interval& open) { return open.begin <= at && at < open.end; });
}

// At or after `at`; the intervals must reach that far.
inline Seconds next_opening(const std::vector<Interval>& intervals, Seconds at) {
    for (const Interval& open : intervals) {
        if (at < open.end) return std::max(at, open.begin);
    }
    throw std::out_of_range("the intervals end before the next opening");
}

}  // namespace obol::oracle
