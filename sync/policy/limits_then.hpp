#pragma once
// What a limit had counted before a purchase, in a world where purchases came out otherwise.

#include <map>
#include <vector>

#include "sync/policy/holdings.hpp"

namespace obol::policy {

class LimitsThen {
public:
    // A purchase that was decided anew.
    void add(std::size_t chain, const journal::Purchase& recorded, const PurchaseDecision& simulated);
    void forget(const PurchaseId& purchase);  // voided
    // The counters as this venue would have them: with what it could see, as that came out.
    void adjust(LimitFacts& facts, std::size_t chain, const journal::Purchase& purchase,
                const Holdings& holdings) const;

private:
    struct Debit {
        std::size_t chain;
        PurchaseId id;
        std::vector<Activity> periods;  // in which it lies, by when they end
        Amount recorded, simulated;
    };
    std::map<std::pair<WalletId, BusinessId>, std::vector<Debit>> debits_;
};

}  // namespace obol::policy
