#pragma once
// Why something was refused, with what was met and what would have passed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/core/time.hpp"
#include "sync/domain/money.hpp"

namespace obol {

// In the order of precedence of API.md: the enumerator's value is its rank.
enum class Code {
    // group 1
    storage_full, device_quarantined, clock_untrusted, cache_too_old,
    // group 2
    code_malformed, too_many_attempts, pass_unknown, link_required, pass_locked, pin_required,
    pin_incorrect,
    // group 3
    pass_draft, pass_already_active, pass_blocked, pass_cancelled, pass_redeemed, pass_expired,
    pass_not_yet_valid, wrong_business, wrong_currency, promotion_needs_purchase, not_a_promotion,
    wallet_unknown, wallet_required, wallet_blocked,
    // group 4
    offer_not_met, offer_used_up, limit_reached, below_minimum, above_maximum, insufficient_funds,
    not_fully_covered, authority_elsewhere, allowance_exhausted,
    // group 5
    purchase_unknown, already_voided, already_refunded, void_too_late, refund_exceeds_purchase,
    // reasons of a lot alone, in their own order
    not_yet_valid, expired, location_not_allowed, outside_time_window, no_matching_product,
    not_needed,
};

std::string_view name_of(Code code);
// HTTP status of a refusal with this code: 404 for ..._unknown, 423 pass_locked, 429, 503, 507, else 422.
int http_status_of(Code code);
std::optional<Code> code_named(std::string_view name);

struct Reason {
    Code code{};
    std::string detail{};                        // a sentence for the cashier; empty: the code's usual one
    std::optional<Instant> moment{};             // at | from | next | resets_at, by the code
    std::string moment_offset{};                 // the venue's offset for `next`, e.g. "+02:00"
    std::vector<std::string> wanted{};           // what would have passed: venues, families, SKUs…
    std::optional<Amount> available{};
    std::optional<int> attempts_left{};
    std::string venue{};
    // Of an offer that was claimed: which, what it wants (products, least_spend …), and where that is
    // an amount, the least that would do; `available` is what there was.
    std::string offer{};
    std::string criterion{};
    std::optional<Amount> least{};
    std::string limit{};                         // name of a limit: "debit per day"

    bool operator==(const Reason&) const = default;
};

// A reason with the code's usual sentence as its detail; who knows more sets the members.
Reason because(Code code);

// Sorted by precedence; the first is the answer's `code`.
void sort_by_precedence(std::vector<Reason>& reasons);

// One neutral sentence for a display that the customer sees: the same for every fault of code, PIN or
// state, so that it tells nothing. `language` is "en" or "el"; any other reads as "en".
std::string customer_text(Code code, std::string_view language);

}  // namespace obol
