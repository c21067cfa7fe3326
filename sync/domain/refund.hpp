#pragma once
// Refunds go back to what paid, from the stored allocation, last paid first, never more than was paid.

#include <optional>
#include <vector>

#include "sync/domain/purchase.hpp"

namespace obol {

struct RefundLine {
    LineId line;
    Amount amount{};  // goods value, > 0
    bool operator==(const RefundLine&) const = default;
};

struct RefundRequest {  // exactly one is set; neither: everything that is left (void)
    std::vector<RefundLine> lines{};
    std::optional<Amount> amount{};
    bool operator==(const RefundRequest&) const = default;
};

// An award of the purchase, by which terms it was given, and what is left of it before the refund.
struct AwardFacts {
    Offer offer;
    Award award;
    Funds left{};  // in its lot
    bool operator==(const AwardFacts&) const = default;
};

// What goes back to the business of an award that the purchase as it is now would not earn.
struct AwardUndone {
    OfferId offer;
    LotId lot;
    Amount from_lot{}, from_business{};
    Amount owed{};          // spent already, and claimed from the wallet
    PassId pass{};          // of a void: active again
    bool use_back = false;  // of a void: the offer's use, too
    Amount total() const { return from_lot + from_business + owed; }
    bool operator==(const AwardUndone&) const = default;
};

struct RefundDecision {
    bool accepted = true;
    std::vector<Reason> reasons{};
    Amount refunded{};                     // back to the wallet
    Amount due_back{};                     // the rest of the goods value, by the other tender
    std::vector<RefundLine> goods{};       // goods value taken back per line
    std::vector<PaidFrom> allocations{};   // to where the wallet's part goes, last paid first
    std::vector<AwardUndone> undone{};     // out of what the wallet has then, in the order of the awards
    Amount award_owed{};                   // of it, what became a claim on the wallet
    bool operator==(const RefundDecision&) const = default;
};

struct RefundFacts {
    Basket basket;
    std::vector<PaidFrom> paid{};             // the purchase's allocations
    std::vector<RefundDecision> before{};     // its earlier refunds, in order
    bool voided = false;
    std::vector<AwardFacts> awards{};
    Funds business{};                         // with awards: the wallet's pocket at the business
    AwardUndo award_undo = AwardUndo::unspent;
    bool operator==(const RefundFacts&) const = default;
};

// Awards: what comes back is judged as if it had never been bought. An offer that would not be met any
// more takes its whole award back; else the award shrinks to what the rest earns. A void takes all of
// every award, or is refused (insufficient_funds, authority_elsewhere) where the wallet has spent it.
RefundDecision decide_refund(const RefundFacts& facts, const RefundRequest& request);

struct Refundable {
    LineId line;
    Amount amount{};  // goods value that may still come back
    bool operator==(const Refundable&) const = default;
};
std::vector<Refundable> refundable_lines(const RefundFacts& facts);

// What undoing may take out of each lot and the pocket: authority to be asked for where less is held
// than shown. Without awards nothing.
// `shown_is_old`: another venue had the right to refund and may have put money back that no page has
// told of yet, so all that was awarded is asked for.
std::vector<Want> award_authority_wanted(const RefundFacts& facts, const WalletId& wallet,
                                         const BusinessId& business, bool shown_is_old = false);

// A lot that expired meanwhile comes back with a grace period: its new end of validity.
Span revived(const Span& valid, Instant now, Period grace, const Zone& business_zone);

}  // namespace obol
