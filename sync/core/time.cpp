#include "sync/core/time.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace obol {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// What the wall clock shows when UTC is `at`, without an offset behind it.
std::string date_and_time(Instant at) {
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{at - day};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    std::string out = text;
    if (const auto ms = clock.subseconds().count(); ms != 0) {
        std::snprintf(text, sizeof text, ".%03d", static_cast<int>(ms));
        out += text;
    }
    return out;
}

// Takes fixed pieces from the front of a text; the first that does not fit spoils the whole.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int number(std::size_t digits) {
        if (rest_.size() < digits) return spoil();
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char c = rest_[i];
            if (c < '0' || c > '9') return spoil();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }
    // Takes one character out of `allowed` and returns it.
    char one_of(std::string_view allowed) {
        if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
            spoil();
            return '\0';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
    bool next_is_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    bool at_end() const { return rest_.empty(); }
    bool good() const { return good_; }

private:
    int spoil() {
        good_ = false;
        return 0;
    }

    std::string_view rest_;
    bool good_ = true;
};

// One to nine digits, cut to milliseconds.
std::optional<Millis> fraction(Scanner& in) {
    int ms = 0;
    int count = 0;
    for (; in.next_is_digit(); ++count) {
        const int digit = in.number(1);
        if (count < 3) ms = ms * 10 + digit;
    }
    if (count < 1 || count > 9) return std::nullopt;
    for (; count < 3; ++count) ms *= 10;
    return Millis{ms};
}

std::optional<minutes> offset(Scanner& in) {
    const char sign = in.one_of("Zz+-");
    if (sign == 'Z' || sign == 'z' || sign == '\0') return minutes{0};
    const int hour = in.number(2);
    in.one_of(":");
    const int minute = in.number(2);
    if (hour > 23 || minute > 59) return std::nullopt;
    const minutes ahead = hours{hour} + minutes{minute};
    return sign == '-' ? -ahead : ahead;
}

std::optional<Instant> scan_rfc3339(std::string_view text) {
    Scanner in{text};
    const int year = in.number(4);
    in.one_of("-");
    const int month = in.number(2);
    in.one_of("-");
    const int day = in.number(2);
    in.one_of("Tt");
    const int hour = in.number(2);
    in.one_of(":");
    const int minute = in.number(2);
    in.one_of(":");
    const int second = in.number(2);
    std::optional<Millis> beyond{Millis{0}};
    if (in.next_is('.')) {
        in.one_of(".");
        beyond = fraction(in);
    }
    const auto ahead = offset(in);

    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!in.good() || !in.at_end() || !beyond || !ahead || !date.ok()) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    // Our instants have no leap seconds: second 60 is shown by its neighbour, not by the next
    // minute, which may belong to another day.
    const seconds clock = hours{hour} + minutes{minute} + seconds{std::min(second, 59)};
    return Instant{std::chrono::sys_days{date}} + clock + *beyond - *ahead;
}

}  // namespace

std::string to_rfc3339(Instant at) { return date_and_time(at) + "Z"; }

std::string to_rfc3339(Instant at, minutes offset) {
    return date_and_time(at + offset) + to_offset_text(offset);
}

std::string to_offset_text(minutes offset) {
    const auto distance = static_cast<int>(std::abs(offset.count()));
    const int hour = (distance / 60) % 100, minute = distance % 60;
    const auto digit = [](int value) { return static_cast<char>('0' + value); };
    return {offset.count() < 0 ? '-' : '+', digit(hour / 10), digit(hour % 10), ':',
            digit(minute / 10),             digit(minute % 10)};
}

Result<Instant> parse_rfc3339(std::string_view text) {
    const auto at = scan_rfc3339(text);
    if (!at) {
        return Fault{"instant_malformed",
                     "not an instant with offset such as 2026-11-21T18:00:00Z"};
    }
    return *at;
}

}  // namespace obol
