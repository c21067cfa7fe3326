#include "sync/policy/risk.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

Amount rest_of(Amount cap, Amount used) { return cap > used ? cap - used : Amount{}; }

template <class Each>
void each_fund(PurchaseFacts& facts, const WalletId& wallet, Each each) {
    const BusinessId& here = facts.place.business;
    for (LotFacts& lot : facts.lots) each(lot_subject(lot.lot.id), lot.funds, lot.lot.business == here);
    each(business_subject(wallet, here), facts.business, true);
    each(personal_subject(wallet), facts.personal, true);
}

PurchaseFacts with_all_in_hand(PurchaseFacts facts, const WalletId& wallet) {
    each_fund(facts, wallet, [](const Subject&, Funds& funds, bool) {
        funds.held = std::max(funds.held, funds.shown);
    });
    for (OfferFacts& each : facts.offers) each.uses.held = std::max(each.uses.held, each.uses.shown);
    return facts;
}

// What the wants may have of the room that there is, in their order.
PurchaseFacts with_room(PurchaseFacts facts, const SpendRequest& request, const WalletId& wallet,
                        const RiskCaps& caps, const RiskUse& use) {
    std::map<Subject, Amount> more;
    Amount room = use.room(caps, wallet, facts.now);
    for (const Want& want : authority_wanted(facts, request, wallet)) {
        if (want.count) continue;
        const Amount part = std::min({want.amount, room, use.room(caps, want.subject)});
        more[want.subject] += part;
        room -= part;
    }
    each_fund(facts, wallet, [&](const Subject& subject, Funds& funds, bool own) {
        const auto at = more.find(subject);
        if (own && at != more.end()) funds.held += at->second;
    });
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
    each_fund(held, wallet, [&](const Subject& subject, const Funds& funds, bool) {
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
        const PurchaseFacts risky = with_room(facts, request, wallet, caps, use);
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
