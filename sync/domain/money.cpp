#include "sync/domain/money.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "sync/core/ensure.hpp"

namespace obol {
namespace {

// ISO 4217, list one: currencies and funds that are active and have a minor unit. Metals, XTS and
// baskets of currencies have none and are no money for a till. Sorted, for the search.
struct Entry {
    char code[4];
    int exponent;
};
constexpr Entry active[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
    {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
    {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2},
    {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2},
    {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2},
    {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2},
    {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2},
    {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3},
    {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2},
    {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2},
    {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2},
    {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2},
    {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2},
    {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2},
    {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2},
    {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2},
    {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0},
    {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2},
    {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0},
    {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};

constexpr std::string_view code_of(const Entry& entry) { return {entry.code, 3}; }
constexpr bool in_order() {
    for (std::size_t i = 1; i < std::size(active); ++i) {
        if (!(code_of(active[i - 1]) < code_of(active[i]))) return false;
    }
    return true;
}
static_assert(in_order());

const Entry* find(std::string_view code) {
    const auto* at = std::lower_bound(
        std::begin(active), std::end(active), code,
        [](const Entry& entry, std::string_view wanted) { return code_of(entry) < wanted; });
    return at != std::end(active) && code_of(*at) == code ? at : nullptr;
}

// Pedantic C++ has no 128-bit integer; the product of two int64 needs one.
__extension__ typedef __int128 Wide;

}  // namespace

Amount Amount::operator-() const { return Amount{} - *this; }

Amount& Amount::operator+=(Amount other) {
    ENSURE(!__builtin_add_overflow(minor, other.minor, &minor));
    return *this;
}

Amount& Amount::operator-=(Amount other) {
    ENSURE(!__builtin_sub_overflow(minor, other.minor, &minor));
    return *this;
}

Amount scaled_down(Amount amount, std::int64_t numerator, std::int64_t denominator) {
    ENSURE(amount.minor >= 0 && numerator >= 0 && denominator > 0);
    const Wide part = Wide{amount.minor} * numerator / denominator;
    ENSURE(part <= Wide{INT64_MAX});
    return Amount{static_cast<std::int64_t>(part)};
}

Result<Currency> Currency::parse(std::string_view code) {
    if (find(code) == nullptr) {
        return Fault{"currency_unknown", "not an active ISO 4217 currency code"};
    }
    Currency currency;
    std::copy(code.begin(), code.end(), currency.code_);
    return currency;
}

Currency Currency::none() { return Currency{}; }

int Currency::exponent() const {
    const Entry* entry = find(code());
    return entry == nullptr ? 0 : entry->exponent;  // XXX counts rights, which have no parts
}

std::string to_decimal(Amount amount, Currency currency) {
    // The magnitude is taken unsigned: the least int64 has no positive twin.
    const bool negative = amount.minor < 0;
    const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.minor)
                                             : static_cast<std::uint64_t>(amount.minor);
    std::string digits = std::to_string(magnitude);
    const auto places = static_cast<std::size_t>(currency.exponent());
    if (places > 0) {
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
    }
    return negative ? "-" + digits : digits;
}

}  // namespace obol
