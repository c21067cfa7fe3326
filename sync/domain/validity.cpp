#include "sync/domain/validity.hpp"

#include <algorithm>

namespace obol {
namespace {

// A century: more is a mistake in typing, and keeps sums far from overflow.
constexpr int most_months = 1'200;
constexpr int most_days = 36'525;

// The number in front of a designator; -1 where there is none or it has more than five digits.
int take_number(std::string_view& rest) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') {
        if (digits == 5) return -1;
        value = value * 10 + (rest[digits++] - '0');
    }
    rest.remove_prefix(digits);
    return digits == 0 ? -1 : value;
}

// The latest day that the wall clock has shown by then. It is the day shown, but for an hour where
// a clock goes back over midnight; so what is credited later never ends earlier.
LocalDate day_of(Instant at, const Zone& zone) {
    const LocalDate shown = zone.local(at).date;
    const LocalDate next = add_days(shown, 1);
    return zone.start_of_day(next) <= at ? next : shown;
}

}  // namespace

Result<Period> parse_period(std::string_view text) {
    const Fault malformed{
        "period_malformed",
        "not a calendar period such as P1Y, P6M, P2W or P30D of at most a century"};
    if (!text.starts_with('P') || text.size() < 3) return malformed;
    std::string_view rest = text.substr(1);
    std::string_view designators = "YMWD";  // each once at most, in this order
    Period period;
    while (!rest.empty()) {
        const int number = take_number(rest);
        if (number < 0 || rest.empty()) return malformed;
        const std::size_t at = designators.find(rest.front());
        if (at == std::string_view::npos) return malformed;
        switch (rest.front()) {
            case 'Y':
                period.months += number * 12;
                break;
            case 'M':
                period.months += number;
                break;
            case 'W':
                period.days += number * 7;
                break;
            default:
                period.days += number;
                break;
        }
        designators.remove_prefix(at + 1);
        rest.remove_prefix(1);
    }
    if (period.months > most_months || period.days > most_days) return malformed;
    return period;
}

std::string to_text(Period period) {
    std::string text = "P";
    if (const int years = period.months / 12; years != 0) text += std::to_string(years) + "Y";
    if (const int months = period.months % 12; months != 0) text += std::to_string(months) + "M";
    if (period.days != 0 || period.months == 0) text += std::to_string(period.days) + "D";
    return text;
}

Span resolve(const Validity& validity, Instant credited_at, const Zone& business_zone) {
    Span span;
    if (const auto& from = validity.from) {
        span.from = from->date ? business_zone.start_of_day(*from->date) : from->instant;
    }
    if (const auto& until = validity.until) {
        span.until = until->date ? business_zone.end_of_day(*until->date) : until->instant;
    }
    if (const auto& period = validity.period) {
        const LocalDate first = day_of(credited_at, business_zone);
        const LocalDate last = add_days(add_months(first, period->months), period->days);
        const Instant end = business_zone.end_of_day(last);
        span.until = span.until ? std::min(*span.until, end) : end;
    }
    return span;
}

}  // namespace obol
