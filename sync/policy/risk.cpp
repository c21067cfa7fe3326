#include "sync/policy/risk.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

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

std::map<Subject, Amount> at_risk_of(const PurchaseDecision& decision, const WalletId& wallet,
                                     const BusinessId& business) {
    std::map<Subject, Amount> out;
    for (const PaidFrom& part : decision.allocations) {
        if (part.at_risk == Amount{}) continue;
        out[part.pocket == Pocket::commerce   ? lot_subject(part.lot)
            : part.pocket == Pocket::business ? business_subject(wallet, business)
                                              : personal_subject(wallet)] += part.at_risk;
    }
    return out;
}

}  // namespace

bool in_force(const AllowanceCaps& caps) {
    return caps.per_transaction > Amount{} && caps.per_subject > Amount{} && caps.per_outage > Amount{} &&
           caps.count > 0;
}

AllowanceFacts RiskUse::facts(const AllowanceCaps& caps, const WalletId& wallet, Instant now) const {
    AllowanceFacts out;
    out.allowance = {caps, caps};
    out.since = now - split_sale_window;
    for (const Part& part : parts_) {
        out.spent += part.amount;
        if (part.wallet == wallet && part.at > out.since) out.recent += part.amount;
    }
    out.count = static_cast<std::int64_t>(parts_.size());
    return out;
}

Amount RiskUse::of(const Subject& subject) const {
    const auto at = of_.find(subject);
    return at == of_.end() ? Amount{} : at->second;
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

Settled settle(const PurchaseFacts& recorded, const SpendRequest& request, const WalletId& wallet,
               const AllowanceCaps& caps, const RiskUse& use) {
    PurchaseFacts facts = recorded;
    facts.allowance = {};
    Settled out{decide_purchase(facts, request), {}, {}};
    const PurchaseDecision whole = decide_purchase(with_all_in_hand(facts, wallet), request);
    if (whole.spent <= out.decision.spent) return out;
    if (in_force(caps)) {
        facts.allowance = use.facts(caps, wallet, facts.now);
        each_fund(facts, wallet, [&](const Subject& subject, Funds& funds) { funds.risked = use.of(subject); });
        PurchaseDecision more = decide_purchase(facts, request);
        if (more.spent > out.decision.spent) {
            out.at_risk = at_risk_of(more, wallet, facts.place.business);
            out.decision = std::move(more);
        }
    }
    out.lacking = whole.spent - out.decision.spent;
    return out;
}

}  // namespace obol::policy
