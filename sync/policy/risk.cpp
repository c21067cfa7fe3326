#include "sync/policy/risk.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

Amount rest_of(Amount cap, Amount used) { return cap > used ? cap - used : Amount{}; }

template <class Each>
void each_fund(PurchaseFacts& facts, const WalletId& wallet, Each each) {
    const BusinessId& here = facts.place.business;
    for (LotFacts& lot : facts.lots) each(lot_subject(lot.lot.id), lot.funds);
    each(business_subject(wallet, here), facts.business);
    each(personal_subject(wallet), facts.personal);
}

PurchaseFacts with_all_in_hand(PurchaseFacts facts, const WalletId& wallet) {
    each_fund(facts, wallet, [](const Subject&, Funds& funds) {
        funds.held = std::max(funds.held, funds.shown);
    });
    for (OfferFacts& each : facts.offers) each.uses.held = std::max(each.uses.held, each.uses.shown);
    return facts;
}

// Lots in the policy's order, then the pockets: money that is shown and not held. Another business's lots
// are never spent at risk.
std::vector<std::pair<Subject, Amount>> not_held(const PurchaseFacts& facts, const WalletId& wallet) {
    const auto pool_of = [&](const LotFacts* lot) {
        return std::ranges::find(facts.pools, lot->lot.pool, &Pool::id);
    };
    std::vector<const LotFacts*> lots;
    for (const LotFacts& lot : facts.lots) {
        if (lot.lot.business == facts.place.business && pool_of(&lot) != facts.pools.end()) lots.push_back(&lot);
    }
    std::ranges::sort(lots, [&](const LotFacts* a, const LotFacts* b) {
        return comes_before(a->lot, *pool_of(a), b->lot, *pool_of(b));
    });
    std::vector<std::pair<Subject, Amount>> out;
    const auto add = [&out](Subject subject, const Funds& funds) {
        const Amount more = funds.shown - std::max(funds.held, Amount{});
        if (more > Amount{}) out.emplace_back(std::move(subject), more);
    };
    for (const LotFacts* lot : lots) add(lot_subject(lot->lot.id), lot->funds);
    add(business_subject(wallet, facts.place.business), facts.business);
    add(personal_subject(wallet), facts.personal);
    return out;
}

void hold_more(PurchaseFacts& facts, const WalletId& wallet, const Subject& subject, Amount more) {
    each_fund(facts, wallet, [&](const Subject& each, Funds& funds) {
        if (each == subject) funds.held += more;
    });
}

// What is held goes first: of each source no more is put at risk than brings the whole nearer to what the
// wallet could pay.
PurchaseFacts with_room(PurchaseFacts facts, const SpendRequest& request, const WalletId& wallet,
                        Amount wanted, const RiskCaps& caps, const RiskUse& use) {
    SpendRequest most = request;
    most.mode = SpendMode::max;
    most.amount = {};
    const auto reach = [&](const PurchaseFacts& with) { return std::min(decide_purchase(with, most).spent, wanted); };
    Amount room = use.room(caps, wallet, facts.now), reached = reach(facts);
    for (const auto& [subject, more] : not_held(facts, wallet)) {
        const Amount part = std::min({more, room, use.room(caps, subject), wanted - reached});
        if (part <= Amount{}) continue;
        PurchaseFacts with = facts;
        hold_more(with, wallet, subject, part);
        const Amount gain = reach(with) - reached;
        hold_more(facts, wallet, subject, gain);
        reached += gain;
        room -= gain;
    }
    return facts;
}

std::map<Subject, Amount> beyond(PurchaseFacts held, const PurchaseDecision& decision,
                                 const WalletId& wallet) {
    std::map<Subject, Amount> paid;
    for (const PaidFrom& part : decision.allocations) {
        paid[part.pocket == Pocket::commerce   ? lot_subject(part.lot)
             : part.pocket == Pocket::business ? business_subject(wallet, held.place.business)
                                               : personal_subject(wallet)] += part.amount;
    }
    std::map<Subject, Amount> out;
    each_fund(held, wallet, [&](const Subject& subject, const Funds& funds) {
        const auto at = paid.find(subject);
        const Amount here = std::max(funds.held, Amount{});
        if (at != paid.end() && at->second > here) out[subject] = at->second - here;
    });
    return out;
}

}  // namespace

Amount RiskUse::room(const RiskCaps& caps, const WalletId& wallet, Instant now) const {
    if (!caps.in_force() || static_cast<std::int64_t>(parts_.size()) >= caps.count) return {};
    Amount recent, all;
    for (const Part& part : parts_) {
        all += part.amount;
        if (part.wallet == wallet && part.at > now - split_sale_window) recent += part.amount;
    }
    return std::min(rest_of(caps.per_transaction, recent), rest_of(caps.per_outage, all));
}

Amount RiskUse::room(const RiskCaps& caps, const Subject& subject) const {
    const auto at = of_.find(subject);
    return rest_of(caps.per_subject, at == of_.end() ? Amount{} : at->second);
}

void RiskUse::use(const WalletId& wallet, Instant now, const std::map<Subject, Amount>& at_risk) {
    if (at_risk.empty()) return;
    Part part{wallet, now, {}};
    for (const auto& [subject, amount] : at_risk) {
        of_[subject] += amount;
        part.amount += amount;
    }
    parts_.push_back(std::move(part));
}

Settled settle(const PurchaseFacts& facts, const SpendRequest& request, const WalletId& wallet,
               const RiskCaps& caps, const RiskUse& use) {
    Settled out{decide_purchase(facts, request), {}, {}};
    const PurchaseDecision whole = decide_purchase(with_all_in_hand(facts, wallet), request);
    if (whole.spent <= out.decision.spent) return out;
    if (caps.in_force()) {
        const PurchaseFacts risky = with_room(facts, request, wallet, whole.spent, caps, use);
        PurchaseDecision more = decide_purchase(risky, request);
        if (more.spent > out.decision.spent) {
            out.at_risk = beyond(facts, more, wallet);
            out.decision = std::move(more);
        }
    }
    out.lacking = whole.spent - out.decision.spent;
    return out;
}

}  // namespace obol::policy
