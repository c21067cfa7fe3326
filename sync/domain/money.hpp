#pragma once
// Money is whole minor units and a currency, never a float and never a bare integer.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol {

// Minor units of the currency that the enclosing object names once (basket, wallet, lot).
// Sums are checked: decoders admit |minor| <= 2^53-1 and at most 1,000 lines, so a sum that
// overflows int64 is a broken invariant and stops the process.
struct Amount {
    std::int64_t minor = 0;

    auto operator<=>(const Amount&) const = default;
    Amount operator-() const;
    Amount& operator+=(Amount other);
    Amount& operator-=(Amount other);
    friend Amount operator+(Amount a, Amount b) { return a += b; }
    friend Amount operator-(Amount a, Amount b) { return a -= b; }
};

inline constexpr std::int64_t largest_amount = 9'007'199'254'740'991;  // 2^53-1: exact in JavaScript

// part = floor(amount * numerator / denominator) for amount >= 0, through 128 bits.
Amount scaled_down(Amount amount, std::int64_t numerator, std::int64_t denominator);

// ISO 4217. "XXX" (no currency) counts rights: a pass to be sold, a purchase to be refunded.
class Currency {
public:
    Currency() = default;
    // Fault currency_unknown: not in the list of active codes (retired ones are not).
    static Result<Currency> parse(std::string_view code);
    static Currency none();  // XXX

    std::string_view code() const { return {code_, 3}; }
    int exponent() const;  // EUR 2, JPY 0, KWD 3

    auto operator<=>(const Currency&) const = default;

private:
    char code_[3] = {'X', 'X', 'X'};
};

struct Money {
    Amount amount;
    Currency currency;

    auto operator<=>(const Money&) const = default;
};

// "25.30", "-0.05", "1200" (JPY): for people, never parsed again.
std::string to_decimal(Amount amount, Currency currency);

}  // namespace obol
