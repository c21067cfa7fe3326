#include "sync/journal/replay.hpp"

#include <algorithm>
#include <set>

#include "sync/core/overloaded.hpp"
#include "sync/journal/replay_limits.hpp"

namespace obol::journal {
namespace {

using Found = std::vector<Mismatch>;

std::string at(std::string_view list, std::size_t i) {
    return std::string(list) + "[" + std::to_string(i) + "]";
}

std::string text_of(Amount amount) { return std::to_string(amount.minor); }

class Compare {
public:
    explicit Compare(Found& found) : found_(found) {}

    void add(std::string where, std::string detail) {
        found_.push_back({std::move(where), std::move(detail)});
    }
    void require(bool holds, std::string_view where, std::string_view detail) {
        if (!holds) add(std::string(where), std::string(detail));
    }
    void amount(const std::string& where, Amount stated, Amount right) {
        if (stated != right) add(where, "is " + text_of(stated) + ", must be " + text_of(right));
    }
    // Same length and each item the same, by `same(where, stated, right)`, which reports by itself.
    template <class Stated, class Right, class Same>
    void list(const std::string& where, const std::vector<Stated>& stated,
              const std::vector<Right>& right, Same same) {
        if (stated.size() != right.size()) {
            return add(where, "has " + std::to_string(stated.size()) + " items, must have " +
                                  std::to_string(right.size()));
        }
        for (std::size_t i = 0; i < stated.size(); ++i) same(at(where, i), stated[i], right[i]);
    }

private:
    Found& found_;
};

// The wording of a reason is no rule. With another time-zone database the next opening may differ,
// though whether the window is open does not.
void compare_reasons(Compare& compare, const std::string& where, const std::vector<Reason>& stated,
                     const std::vector<Reason>& right, bool same_zones) {
    compare.list(where, stated, right, [&](const std::string& here, Reason a, Reason b) {
        a.detail = b.detail = {};
        if (!same_zones && a.code == Code::outside_time_window && b.code == a.code) {
            a.moment = b.moment = std::nullopt;
            a.moment_offset = b.moment_offset = {};
        }
        if (a == b) return;
        compare.add(here, a.code == b.code
                              ? "differs in what comes with " + std::string(name_of(a.code))
                              : "is " + std::string(name_of(a.code)) + ", must be " +
                                    std::string(name_of(b.code)));
    });
}

void compare_paid(Compare& compare, const std::string& where, const std::vector<PaidFrom>& stated,
                  const std::vector<PaidFrom>& right) {
    compare.list(where, stated, right,
                 [&](const std::string& here, const PaidFrom& a, const PaidFrom& b) {
                     compare.require(a.pocket == b.pocket && a.lot == b.lot && a.pool == b.pool,
                                     here, "another source pays");
                     compare.require(a.pool_version == b.pool_version, here + ".pool_version",
                                     "another version");
                     compare.amount(here + ".amount", a.amount, b.amount);
                     compare.amount(here + ".at_risk", a.at_risk, b.at_risk);
                     compare.require(a.lines == b.lines, here + ".lines",
                                     "other lines, or other amounts on them");
                 });
}

void compare_refused(Compare& compare, const std::vector<RefusedLot>& stated,
                     const std::vector<RefusedLot>& right, bool same_zones) {
    compare.list("decision.refused", stated, right,
                 [&](const std::string& here, const RefusedLot& a, const RefusedLot& b) {
                     compare.require(a.lot == b.lot && a.pool == b.pool, here, "another lot");
                     compare.amount(here + ".amount", a.amount, b.amount);
                     compare_reasons(compare, here + ".reasons", a.reasons, b.reasons, same_zones);
                 });
}

void compare_awards(Compare& compare, const std::vector<Award>& stated,
                    const std::vector<Award>& right) {
    compare.list("decision.awards", stated, right,
                 [&](const std::string& here, const Award& a, const Award& b) {
                     compare.require(a.offer == b.offer && a.version == b.version, here,
                                     "another offer, or another version of it");
                     compare.amount(here + ".amount", a.amount, b.amount);
                     compare.require(a.instant == b.instant && a.counted == b.counted, here,
                                     "given in another way than the offer says");
                     compare.require(a.pass == b.pass, here + ".pass", "another pass");
                     compare.require(a.lot == b.lot, here + ".lot", "another lot");
                 });
}

void compare_undone(Compare& compare, const std::vector<AwardUndone>& stated,
                    const std::vector<AwardUndone>& right) {
    compare.list("decision.undone", stated, right,
                 [&](const std::string& here, const AwardUndone& a, const AwardUndone& b) {
                     compare.require(a.offer == b.offer && a.lot == b.lot, here, "another award");
                     compare.amount(here + ".from_lot", a.from_lot, b.from_lot);
                     compare.amount(here + ".from_business", a.from_business, b.from_business);
                     compare.amount(here + ".owed", a.owed, b.owed);
                     compare.require(a.pass == b.pass && a.use_back == b.use_back, here,
                                     "another use comes back");
                 });
}

void compare_decision(Compare& compare, const PurchaseDecision& stated,
                      const PurchaseDecision& right, bool same_zones) {
    compare.require(stated.accepted == right.accepted, "decision.accepted",
                    "the rules say otherwise");
    compare_reasons(compare, "decision.reasons", stated.reasons, right.reasons, same_zones);
    compare.amount("decision.basket_total", stated.basket_total, right.basket_total);
    compare.amount("decision.spent", stated.spent, right.spent);
    compare.amount("decision.due", stated.due, right.due);
    compare_paid(compare, "decision.allocations", stated.allocations, right.allocations);
    compare_refused(compare, stated.refused, right.refused, same_zones);
    compare_awards(compare, stated.awards, right.awards);
    compare.require(stated.policy == right.policy, "decision.policy", "not a policy known here");
}

// A pool that travelled is believed only when it is the one that the ledger issued.
void check_pool(Compare& compare, const std::string& where, const Pool& pool,
                const KnownRules& known) {
    const auto own = known.pool(pool.id, pool.version);
    if (!own) return compare.add(where, "no such version of pool " + pool.id.text);
    compare.require(*own == pool, where, "differs from the ledger's version");
}

template <class T, class IdOf>
void check_distinct(Compare& compare, const std::string& where, const std::vector<T>& items,
                    IdOf id_of) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        compare.require(seen.insert(id_of(items[i])).second, at(where, i), "named twice");
    }
}

// What an award would be credited as follows from the offer, but for its id and for the end of its
// validity: the zone of the business is not among the facts.
void check_award_lot(Compare& compare, const std::string& where, const OfferFacts& x,
                     const Purchase& purchase) {
    const PurchaseFacts& facts = purchase.facts;
    compare.require(x.lot.wallet == purchase.wallet, where, "of another wallet");
    compare.require(x.lot.business == x.offer.business, where, "of another business");
    compare.require(x.lot.currency == facts.basket.currency, where, "another currency");
    compare.require(x.lot.pool == x.offer.pool, where, "not the offer's pool");
    compare.require(x.lot.source == "award" && x.lot.credited_at == facts.now, where,
                    "not an award of this purchase");
    const auto pool = std::find_if(facts.pools.begin(), facts.pools.end(),
                                   [&](const Pool& each) { return each.id == x.lot.pool; });
    if (pool == facts.pools.end()) return compare.add(where, "its pool is missing");
    if (pool->validity == Validity{}) {
        compare.require(x.lot.valid == Span{}, where + ".valid", "the pool sets no end");
    }
}

void check_offers(Compare& compare, const Purchase& x, const KnownRules& known) {
    const std::vector<OfferFacts>& offers = x.facts.offers;
    check_distinct(compare, "facts.offers", offers,
                   [](const OfferFacts& each) { return std::string_view(each.offer.id.text); });
    std::set<LotId> lots;
    for (const LotFacts& lot : x.facts.lots) lots.insert(lot.lot.id);
    for (std::size_t i = 0; i < offers.size(); ++i) {
        const Offer& offer = offers[i].offer;
        const std::string where = at("facts.offers", i);
        const auto own = known.offer(offer.id, offer.version);
        if (!own) {
            compare.add(where, "no such version of offer " + offer.id.text);
        } else {
            compare.require(*own == offer, where, "differs from the ledger's version");
        }
        compare.require(offer.business == x.facts.place.business, where, "of another business");
        compare.require(offers[i].pass.empty() == (offer.claim != Claim::passes), where + ".pass",
                        "does not go with how the offer is claimed");
        compare.require(lots.insert(offers[i].lot.id).second, where + ".lot", "named twice");
        check_award_lot(compare, where + ".lot", offers[i], x);
    }
}

void check_facts(Compare& compare, const Purchase& x, const KnownRules& known) {
    const PurchaseFacts& facts = x.facts;
    compare.require(Zone::find(facts.zone).has_value(), "facts.zone", "unknown zone");
    check_distinct(compare, "facts.basket.lines", facts.basket.lines,
                   [](const Line& line) { return std::string_view(line.id.text); });
    check_distinct(compare, "facts.lots", facts.lots,
                   [](const LotFacts& lot) { return std::string_view(lot.lot.id.text); });
    check_distinct(compare, "facts.pools", facts.pools,
                   [](const Pool& pool) { return std::string_view(pool.id.text); });
    for (std::size_t i = 0; i < facts.pools.size(); ++i) {
        check_pool(compare, at("facts.pools", i), facts.pools[i], known);
    }
    for (std::size_t i = 0; i < facts.lots.size(); ++i) {
        const Lot& lot = facts.lots[i].lot;
        compare.require(lot.wallet == x.wallet, at("facts.lots", i), "of another wallet");
        compare.require(lot.currency == facts.basket.currency, at("facts.lots", i),
                        "another currency");
        const bool known_pool = std::any_of(facts.pools.begin(), facts.pools.end(),
                                            [&](const Pool& pool) { return pool.id == lot.pool; });
        compare.require(known_pool, at("facts.lots", i), "its pool is missing");
    }
    check_offers(compare, x, known);
}

void check(Compare& compare, const Purchase& x, const KnownRules& known) {
    compare.require(x.digest == facts_digest(x), "facts_digest", "not the digest of these facts");
    check_facts(compare, x, known);
    compare.require(x.decision.accepted, "decision.accepted", "a refused purchase moves nothing");
    const bool same_zones = x.facts.zone_version == zone_database_version();
    compare_decision(compare, x.decision, decide_purchase(x.facts, x.request), same_zones);
}

// Each award of the purchase, by the terms that it was given by.
void check_awards(Compare& compare, const Refund& x, const Purchase& purchase) {
    compare.list("facts.awards", x.facts.awards, purchase.decision.awards,
                 [&](const std::string& here, const AwardFacts& stated, const Award& award) {
                     compare.require(stated.award == award, here + ".award",
                                     "not what the purchase was awarded");
                     const auto& offers = purchase.facts.offers;
                     const bool same = std::any_of(
                         offers.begin(), offers.end(), [&](const OfferFacts& each) {
                             return each.offer.id == award.offer && each.offer == stated.offer;
                         });
                     compare.require(same, here + ".offer", "not the terms it was given by");
                 });
}

// The facts of a refund are the ledger's own books, so they need no belief.
void check_refund_facts(Compare& compare, const Refund& x, const KnownRules& known) {
    const auto purchase = known.purchase(x.purchase);
    if (!purchase) return compare.add("purchase", "not in the books");
    compare.require(x.facts.basket == purchase->facts.basket, "facts.basket",
                    "not the basket sold");
    compare_paid(compare, "facts.paid", x.facts.paid, purchase->decision.allocations);
    compare.require(x.facts.before == known.refunds(x.purchase), "facts.before",
                    "not the refunds booked before");
    check_awards(compare, x, *purchase);
    compare.require(x.wallet == purchase->wallet, "wallet", "not the wallet that paid");
    compare.require(x.business == purchase->facts.place.business, "business",
                    "not the one that sold");
    compare.require(x.currency == purchase->facts.basket.currency, "currency",
                    "not that of the sale");
}

void check_revived(Compare& compare, const Refund& x) {
    for (std::size_t i = 0; i < x.revived.size(); ++i) {
        const Lot& lot = x.revived[i];
        const bool paid =
            std::any_of(x.decision.allocations.begin(), x.decision.allocations.end(),
                        [&](const PaidFrom& part) {
                            return part.pocket == Pocket::commerce && part.lot == lot.id;
                        });
        compare.require(paid && lot.wallet == x.wallet && lot.currency == x.currency,
                        at("revived", i), "not a lot that gets money back");
    }
}

void check(Compare& compare, const Refund& x, const KnownRules& known) {
    check_refund_facts(compare, x, known);
    const bool whole = x.request.lines.empty() && !x.request.amount;
    compare.require(!(x.is_void && !(whole && x.facts.before.empty())), "request",
                    "a void takes back all, before any refund");
    compare.require(x.request.lines.empty() || !x.request.amount, "request",
                    "lines and amount at once");

    const RefundDecision right = decide_refund(x.facts, x.request);
    const RefundDecision& stated = x.decision;
    compare.require(stated.accepted, "decision.accepted", "a refused refund moves nothing");
    compare.require(stated.accepted == right.accepted, "decision.accepted",
                    "the rules say otherwise");
    compare_reasons(compare, "decision.reasons", stated.reasons, right.reasons, true);
    compare.amount("decision.refunded", stated.refunded, right.refunded);
    compare.amount("decision.due_back", stated.due_back, right.due_back);
    compare.require(stated.goods == right.goods, "decision.goods", "other lines, or other amounts");
    compare_paid(compare, "decision.allocations", stated.allocations, right.allocations);
    compare_undone(compare, stated.undone, right.undone);
    compare.amount("decision.award_owed", stated.award_owed, right.award_owed);
    check_revived(compare, x);
}

void check_value(Compare& compare, const Plan& plan, const Money& value) {
    compare.require(value.currency == plan.currency, "value.currency", "not that of the plan");
    compare.require(value.amount >= plan.value_min && value.amount <= plan.value_max,
                    "value.amount", "outside what the plan allows");
}

// Common to all money that comes in: the new lot is the wallet's own, under a pool that the ledger
// knows.
void check_credit(Compare& compare, const Credit& credit, const std::optional<Pool>& pool,
                  std::string_view source, const KnownRules& known) {
    compare.require(pool.has_value() == credit.lot.has_value(), "pool", "does not go with the lot");
    if (pool) check_pool(compare, "pool", *pool, known);
    if (!credit.lot) return;
    const Lot& lot = *credit.lot;
    compare.require(lot.wallet == credit.wallet, "credit.lot.wallet", "of another wallet");
    compare.require(lot.business == credit.business, "credit.lot.business", "of another business");
    compare.require(lot.currency == credit.money.currency, "credit.lot.currency",
                    "not that of the money");
    compare.require(lot.source == source, "credit.lot.source", "not where it came from");
    if (!pool) return;
    compare.require(lot.pool == pool->id, "credit.lot.pool", "of another pool");
    // The business's zone is not among the facts; a rule without days needs none.
    if (pool->validity == Validity{}) {
        compare.require(lot.valid == Span{}, "credit.lot.valid", "the pool sets no end");
    }
}

// What held the pass is not among the facts: only what was taken at risk is judged, like any other
// redeeming without authority.
void check_risk(Compare& compare, const PassRedeemed& x, const std::optional<Plan>& plan) {
    compare.require(x.allowance.in_force() == (x.at_risk > Amount{}), "allowance",
                    "does not go with what is at risk");
    if (x.at_risk == Amount{}) return;
    compare.require(x.at_risk <= risk_room(x.allowance).of(Amount{}), "at_risk",
                    "more than the allowance has left");
    compare.require(!plan || !plan->pin, "at_risk", "a pass with a PIN");
}

void check(Compare& compare, const PassRedeemed& x, const KnownRules& known) {
    compare.require(x.credit.money == x.value, "credit.money", "not the value of the pass");
    check_credit(compare, x.credit, x.pool, "pass", known);
    const auto plan = known.plan(x.plan);
    check_risk(compare, x, plan);
    if (!plan) return compare.add("plan", "no such plan");
    check_value(compare, *plan, x.value);
    compare.require(x.credit.business == plan->business, "credit.business", "not that of the plan");
    compare.require(x.credit.pocket == (plan->pool ? Pocket::commerce : Pocket::business),
                    "credit.pocket", "not where the plan says");
    if (plan->pool && x.credit.lot) {
        compare.require(x.credit.lot->pool == *plan->pool, "credit.lot.pool",
                        "not that of the plan");
    }
}

void check(Compare& compare, const PassActivated& x, const KnownRules& known) {
    const auto plan = known.plan(x.plan);
    if (!plan) return compare.add("plan", "no such plan");
    check_value(compare, *plan, x.value);
}

void check(Compare& compare, const TopUp& x, const KnownRules& known) {
    check_credit(compare, x.credit, x.pool, "top_up", known);
}

void compare_postings(Compare& compare, const std::vector<Posting>& stated,
                      const std::vector<Posting>& right) {
    compare.list("postings", stated, right,
                 [&](const std::string& here, const Posting& a, const Posting& b) {
                     compare.require(a.account == b.account, here,
                                     "on " + a.account + ", must be " + b.account);
                     compare.amount(here, a.amount, b.amount);
                     compare.require(a.currency == b.currency, here, "another currency");
                 });
}

}  // namespace

std::vector<Mismatch> replay(const Record& record, const std::vector<Posting>& postings,
                             const KnownRules& known) {
    Found found;
    Compare compare(found);
    std::visit(overloaded{
                   [&](const Purchase& x) { check(compare, x, known); },
                   [&](const Refund& x) { check(compare, x, known); },
                   [&](const PassRedeemed& x) { check(compare, x, known); },
                   [&](const PassActivated& x) { check(compare, x, known); },
                   [&](const TopUp& x) { check(compare, x, known); },
                   [](const auto&) {},
               },
               record);
    std::visit(overloaded{
                   [&](const Purchase& x) {
                       check_limits(found, "facts.limits", x.facts.limits, x.facts.place.business,
                                    x.wallet, LimitKind::debit, known);
                   },
                   [&](const PassRedeemed& x) {
                       check_credit_limits(found, x.limits, x.credit, LimitKind::credit, known);
                   },
                   [&](const TopUp& x) {
                       check_credit_limits(found, x.limits, x.credit, LimitKind::top_up, known);
                   },
                   [](const auto&) {},
               },
               record);
    compare_postings(compare, postings, postings_of(record));
    return found;
}

}  // namespace obol::journal
