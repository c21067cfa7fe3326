#include "sync/policy/limits_then.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

Amount sum_of(const PurchaseDecision& decision) {
    Amount sum;
    for (const PaidFrom& part : decision.allocations) sum += part.amount;
    return sum;
}

int counts(Amount amount) { return amount != Amount{} ? 1 : 0; }

bool lies_in(const std::vector<Activity>& periods, const Activity& period) {
    return std::ranges::any_of(periods, [&](const Activity& each) {
        return each.period == period.period && each.resets_at == period.resets_at;
    });
}

}  // namespace

void LimitsThen::add(std::size_t chain, const journal::Purchase& recorded,
                     const PurchaseDecision& simulated) {
    if (recorded.facts.limits.activity.empty()) return;
    debits_[{recorded.wallet, recorded.facts.place.business}].push_back(
        {chain, recorded.id, recorded.facts.limits.activity, sum_of(recorded.decision), sum_of(simulated)});
}

void LimitsThen::forget(const PurchaseId& purchase) {
    for (auto& [whose, debits] : debits_) std::erase_if(debits, [&](const Debit& each) { return each.id == purchase; });
}

void LimitsThen::adjust(LimitFacts& facts, std::size_t chain, const journal::Purchase& purchase,
                        const Holdings& holdings) const {
    const auto found = debits_.find({purchase.wallet, purchase.facts.place.business});
    if (found == debits_.end()) return;
    for (Activity& period : facts.activity) {
        for (const Debit& each : found->second) {
            if (!lies_in(each.periods, period)) continue;
            const bool seen = each.chain == chain || !(holdings.is_cut(chain) || holdings.is_cut(each.chain));
            period.count -= counts(each.recorded);
            period.amount -= each.recorded;
            if (!seen) continue;
            period.count += counts(each.simulated);
            period.amount += each.simulated;
        }
    }
}

}  // namespace obol::policy
