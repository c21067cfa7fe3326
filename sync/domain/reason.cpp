#include "sync/domain/reason.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "sync/core/ensure.hpp"

namespace obol {
namespace {

// What one code is called and what it says. To the customer there are few sentences, so that they
// tell nothing of a code, a PIN or a pass; all of groups one to three share the first.
enum class Say { ask_staff, no_reward, limit, not_enough, not_now, refund, part_unusable };

struct Text {
    Code code;
    std::string_view name;
    std::string_view detail;  // for the cashier
    Say say;
};

constexpr Text texts[] = {
    {Code::storage_full, "storage_full", "The disk of this machine is full; nothing is sold.",
     Say::ask_staff},
    {Code::device_quarantined, "device_quarantined",
     "This device was stopped because its data may be a copy; it must be enrolled again.",
     Say::ask_staff},
    {Code::clock_untrusted, "clock_untrusted",
     "The clock of this machine cannot be trusted, and this depends on the time.", Say::ask_staff},
    {Code::cache_too_old, "cache_too_old",
     "The link was down for so long that what this venue knows is too old.", Say::ask_staff},

    {Code::code_malformed, "code_malformed", "This does not read as a code.", Say::ask_staff},
    {Code::too_many_attempts, "too_many_attempts",
     "Too many codes were not found; wait before trying again.", Say::ask_staff},
    {Code::pass_unknown, "pass_unknown", "No pass has this code.", Say::ask_staff},
    {Code::link_required, "link_required", "Only the centre can decide this, and the link is down.",
     Say::ask_staff},
    {Code::pass_locked, "pass_locked",
     "The pass is locked after too many wrong PINs; a manager can unlock it.", Say::ask_staff},
    {Code::pin_required, "pin_required", "The pass needs its PIN.", Say::ask_staff},
    {Code::pin_incorrect, "pin_incorrect", "The PIN is wrong.", Say::ask_staff},

    {Code::pass_draft, "pass_draft", "The pass has not been sold yet.", Say::ask_staff},
    {Code::pass_already_active, "pass_already_active", "The pass was sold already.",
     Say::ask_staff},
    {Code::pass_blocked, "pass_blocked", "The pass is blocked.", Say::ask_staff},
    {Code::pass_cancelled, "pass_cancelled", "The pass was cancelled.", Say::ask_staff},
    {Code::pass_redeemed, "pass_redeemed", "The pass was redeemed already.", Say::ask_staff},
    {Code::pass_expired, "pass_expired", "The pass has expired.", Say::ask_staff},
    {Code::pass_not_yet_valid, "pass_not_yet_valid", "The pass is not valid yet.", Say::ask_staff},
    {Code::wrong_business, "wrong_business", "The pass belongs to another business.",
     Say::ask_staff},
    {Code::wrong_currency, "wrong_currency", "The currencies do not agree.", Say::ask_staff},
    {Code::promotion_needs_purchase, "promotion_needs_purchase",
     "A promotion pass is redeemed with a purchase, not by itself.", Say::ask_staff},
    {Code::not_a_promotion, "not_a_promotion", "The pass is not a promotion.", Say::ask_staff},
    {Code::wallet_unknown, "wallet_unknown", "No such wallet is known here.", Say::ask_staff},
    {Code::wallet_required, "wallet_required",
     "A top-up pass goes into an existing named wallet only.", Say::ask_staff},
    {Code::wallet_blocked, "wallet_blocked", "The wallet is blocked.", Say::ask_staff},

    {Code::offer_not_met, "offer_not_met", "The purchase does not meet the offer's conditions.",
     Say::no_reward},
    {Code::offer_used_up, "offer_used_up", "The offer has been used up.", Say::no_reward},
    {Code::limit_reached, "limit_reached", "A limit of the business has been reached.", Say::limit},
    {Code::below_minimum, "below_minimum", "The amount is below the least that is allowed.",
     Say::limit},
    {Code::above_maximum, "above_maximum", "The amount is above the most that is allowed.",
     Say::limit},
    {Code::insufficient_funds, "insufficient_funds",
     "The wallet cannot pay that much for this basket.", Say::not_enough},
    {Code::not_fully_covered, "not_fully_covered", "The wallet does not cover the whole basket.",
     Say::not_enough},
    {Code::authority_elsewhere, "authority_elsewhere",
     "Another venue or the centre holds the right to spend this.", Say::not_now},
    {Code::allowance_exhausted, "allowance_exhausted",
     "What this venue may spend at its own risk is used up.", Say::not_now},

    {Code::purchase_unknown, "purchase_unknown", "No such purchase is known.", Say::refund},
    {Code::already_voided, "already_voided", "The purchase was voided already.", Say::refund},
    {Code::already_refunded, "already_refunded", "Nothing is left to refund.", Say::refund},
    {Code::void_too_late, "void_too_late",
     "A purchase is voided on its own business day only, before any refund.", Say::refund},
    {Code::refund_exceeds_purchase, "refund_exceeds_purchase",
     "The refund is more than what is left of the purchase.", Say::refund},

    {Code::not_yet_valid, "not_yet_valid", "The money is not valid yet.", Say::part_unusable},
    {Code::expired, "expired", "The money has expired.", Say::part_unusable},
    {Code::location_not_allowed, "location_not_allowed", "The money cannot be spent at this venue.",
     Say::part_unusable},
    {Code::outside_time_window, "outside_time_window", "The money cannot be spent at this time.",
     Say::part_unusable},
    {Code::no_matching_product, "no_matching_product",
     "Nothing in the basket is what the money is for.", Say::part_unusable},
    {Code::not_needed, "not_needed", "The basket was covered before its turn.", Say::part_unusable},
};

// The table is indexed by the enumerator.
constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(texts); ++i) {
        if (static_cast<std::size_t>(texts[i].code) != i) return false;
    }
    return std::size(texts) == static_cast<std::size_t>(Code::not_needed) + 1;
}
static_assert(in_order());

const Text& text_of(Code code) {
    const auto index = static_cast<std::size_t>(code);
    ENSURE(index < std::size(texts));
    return texts[index];
}

struct Sentence {
    std::string_view en, el;
};
Sentence sentence_of(Say say) {
    switch (say) {
        case Say::ask_staff:
            return {"This cannot be done now. Please ask at the till.",
                    "Αυτό δεν μπορεί να γίνει τώρα. Παρακαλούμε ρωτήστε στο ταμείο."};
        case Say::no_reward:
            return {"The offer does not apply to this purchase.",
                    "Η προσφορά δεν ισχύει για αυτή την αγορά."};
        case Say::limit:
            return {"This amount is not possible.", "Αυτό το ποσό δεν είναι δυνατό."};
        case Say::not_enough:
            return {"The available balance is not enough.", "Το διαθέσιμο υπόλοιπο δεν επαρκεί."};
        case Say::not_now:
            return {"This balance cannot be used here at the moment.",
                    "Αυτό το υπόλοιπο δεν μπορεί να χρησιμοποιηθεί εδώ αυτή τη στιγμή."};
        case Say::refund:
            return {"This refund is not possible.", "Αυτή η επιστροφή δεν είναι δυνατή."};
        case Say::part_unusable:
            return {"Part of the balance cannot be used for this purchase.",
                    "Μέρος του υπολοίπου δεν μπορεί να χρησιμοποιηθεί για αυτή την αγορά."};
    }
    ENSURE(false);
}

}  // namespace

std::string_view name_of(Code code) { return text_of(code).name; }

int http_status_of(Code code) {
    switch (code) {
        case Code::pass_unknown:
        case Code::wallet_unknown:
        case Code::purchase_unknown:
            return 404;
        case Code::pass_locked:
            return 423;
        case Code::too_many_attempts:
            return 429;
        case Code::device_quarantined:
        case Code::clock_untrusted:
        case Code::cache_too_old:
        case Code::link_required:
            return 503;
        case Code::storage_full:
            return 507;
        default:
            return 422;
    }
}

std::optional<Code> code_named(std::string_view name) {
    const auto* at = std::find_if(std::begin(texts), std::end(texts),
                                  [&](const Text& text) { return text.name == name; });
    if (at == std::end(texts)) return std::nullopt;
    return at->code;
}

Reason because(Code code) {
    return Reason{.code = code, .detail = std::string{text_of(code).detail}};
}

void sort_by_precedence(std::vector<Reason>& reasons) {
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const Reason& a, const Reason& b) { return a.code < b.code; });
}

std::string customer_text(Code code, std::string_view language) {
    const Sentence sentence = sentence_of(text_of(code).say);
    return std::string{language == "el" ? sentence.el : sentence.en};
}

}  // namespace obol
