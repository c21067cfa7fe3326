#pragma once
// The ledger's second look: the same domain functions over the facts in the entry must give the same
// decision, and the postings must be the ones that follow from it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::journal {

// How the ledger's own books disagree with an entry. `where` is the path of the member at fault.
struct Mismatch {
    std::string where;
    std::string detail;
    bool operator==(const Mismatch&) const = default;
};

// What the replay compares against: the ledger's own version of a pool, plan or offer, or nullopt if it never
// had one. Rules that travel in the entry are believed only when they equal the ledger's.
struct KnownRules {
    std::function<std::optional<Pool>(const PoolId&, int version)> pool;
    std::function<std::optional<Plan>(const PlanId&)> plan;
    std::function<std::optional<Offer>(const OfferId&, int version)> offer;
    // The stored purchase entry of the same holder, for refunds.
    std::function<std::optional<Purchase>(const PurchaseId&)> purchase;
    // Refunds and voids of it booked so far, in order.
    std::function<std::vector<RefundDecision>(const PurchaseId&)> refunds;
    // This version of a limit; and the limits of this kind on a wallet at a business that a venue
    // with so much of the feed must know of, by id, none that is lifted.
    std::function<std::optional<Limit>(std::string_view id, int version)> limit;
    std::function<std::vector<Limit>(const BusinessId&, const WalletId&, LimitKind,
                                     std::int64_t as_of)>
        limits;
};

// Empty: the entry says what the rules say.
std::vector<Mismatch> replay(const Record& record, const std::vector<Posting>& postings,
                             const KnownRules& known);

// A digest over the basket and the facts of a purchase, written into its detail as "facts_digest": a
// basket changed on the way no longer matches it even where the decision stays the same.
Bytes facts_digest(const Purchase& purchase);

}  // namespace obol::journal
