#pragma once
// An allowance tried out, by the rule that tills decide with: how much a venue that is cut off may spend
// of a wallet's money without authority. Passes stay out of it: no entry says whether one has a PIN.

#include <deque>
#include <map>

#include "sync/domain/purchase.hpp"

namespace obol::policy {

// Any zero among the caps allows nothing.
bool in_force(const AllowanceCaps& caps);

// What one venue has spent at risk in one outage.
class RiskUse {
public:
    // What an entry of this wallet would be decided on.
    AllowanceFacts facts(const AllowanceCaps& caps, const WalletId& wallet, Instant now) const;
    Amount of(const Subject& subject) const;
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
               const AllowanceCaps& caps, const RiskUse& use);

}  // namespace obol::policy
