#pragma once
// Who pays: the wallet that the customer named, and the passes that are redeemed into it first. Codes
// and PINs are looked at here, once, before anything is decided.

#include <string>
#include <vector>

#include "agent/app/purchase_order.hpp"

namespace obol::agent {

// A promotion code of the purchase: what it claims is judged with the purchase's own facts.
struct Claimed {
    OfferId offer{};                // none: the pass is no promotion
    std::optional<PassRow> pass{};  // none: the offer's own code was given
};

struct Tender {
    std::optional<WalletRow> wallet{};   // none: a new, nameless one
    std::vector<PassRow> passes{};       // in the order of the request
    std::vector<Claimed> claims{};       // by its promotion codes, in the order of the request
    // A reason of the first two groups of the order of precedence, or an unknown wallet, worded: nothing
    // is quoted and nothing shown.
    std::optional<Answer> refused{};
};

// `order` must outlive the call. Wrong PINs are counted; the first refusal ends it, so that one request
// tries no more than one wrong PIN.
awaitable<Tender> present_tender(Context& context, Caller caller, const PurchaseOrder& order);

}  // namespace obol::agent
