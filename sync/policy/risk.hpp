#pragma once
// An allowance tried out: how much a venue that is cut off may spend of a wallet's money without
// authority. Passes stay out of it: they are redeemed with authority alone.

#include <deque>
#include <map>

#include "sync/domain/purchase.hpp"

namespace obol::policy {

// A customer who pays in parts within this time is one transaction.
inline constexpr Millis split_sale_window{15 * 60 * 1000};

// Minor units of the business's currency. Each of them is zero by default, and any zero allows nothing.
struct RiskCaps {
    Amount per_transaction{};  // of one wallet within split_sale_window
    Amount per_subject{};      // of one lot or pocket in an outage
    Amount per_outage{};       // of all
    std::int64_t count = 0;    // so many spends in an outage
    bool in_force() const {
        return per_transaction > Amount{} && per_subject > Amount{} && per_outage > Amount{} && count > 0;
    }
};

// What one venue has spent at risk in one outage.
class RiskUse {
public:
    // What may be spent at risk by this wallet now, and of one subject by anybody.
    Amount room(const RiskCaps& caps, const WalletId& wallet, Instant now) const;
    Amount room(const RiskCaps& caps, const Subject& subject) const;
    void use(const WalletId& wallet, Instant now, const std::map<Subject, Amount>& at_risk);
    void clear() { *this = {}; }

private:
    struct Part {
        WalletId wallet;
        Instant at;
        Amount amount;
    };
    std::deque<Part> parts_;
    std::map<Subject, Amount> of_;
};

struct Settled {
    PurchaseDecision decision;
    Amount lacking{};                     // what it would have paid besides with all that is shown in hand
    std::map<Subject, Amount> at_risk{};  // above zero
};
// Decides with what is held, and beyond it where that does not do and there is room for it.
Settled settle(const PurchaseFacts& facts, const SpendRequest& request, const WalletId& wallet,
               const RiskCaps& caps, const RiskUse& use);

}  // namespace obol::policy
