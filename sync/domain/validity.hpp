#pragma once
// From when and until when: of a pool's lots (spend-by) and of a plan's passes (redeem-by).

#include <optional>
#include <string>
#include <string_view>

#include "sync/domain/zone.hpp"

namespace obol {

// ISO 8601 calendar period: P1Y, P6M, P2W, P30D and sums of them. No times of day.
struct Period {
    int months = 0;
    int days = 0;
    bool operator==(const Period&) const = default;
};
Result<Period> parse_period(std::string_view text);
std::string to_text(Period period);

// A point that a person wrote: an instant, or a date that includes its whole day at the business.
struct Boundary {
    std::optional<LocalDate> date{};
    std::optional<Instant> instant{};
    bool operator==(const Boundary&) const = default;
};

struct Validity {
    std::optional<Boundary> from{};
    std::optional<Boundary> until{};
    std::optional<Period> period{};  // counted from the day of the credit
    bool operator==(const Validity&) const = default;
};

// Lots made under it begin or end at some time.
inline bool bound_in_time(const Validity& validity) { return validity != Validity{}; }

// [from, until): until is the first instant that is too late. Empty means unbounded.
struct Span {
    std::optional<Instant> from{};
    std::optional<Instant> until{};
    bool operator==(const Span&) const = default;
};

// Resolves a rule to instants when a lot or pass is made; they do not move when tzdata changes later.
// With both `until` and `period` the earlier end counts.
Span resolve(const Validity& validity, Instant credited_at, const Zone& business_zone);

}  // namespace obol
