#include "agent/app/purchase_words.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace obol::agent {
namespace {

Words pool_of(const PoolId& id, int version, const std::vector<Pool>& pools) {
    const auto found = std::ranges::find(pools, id, &Pool::id);
    Words words = object_of(3);
    words["id"] = id.text;
    words["name"] = found != pools.end() ? found->name : id.text;
    if (version > 0) words["version"] = version;
    return words;
}

Words refused_in_words(const std::vector<RefusedLot>& refused, const std::vector<Pool>& pools) {
    Words words = Words::array();
    for (const RefusedLot& lot : refused) {
        Words each = object_of(4);
        each["lot"] = lot.lot.text;
        each["pool"] = pool_of(lot.pool, 0, pools);
        each["amount"] = lot.amount.minor;
        each["reasons"] = reasons_in_words(lot.reasons);
        words.push_back(std::move(each));
    }
    return words;
}

Words awards_in_words(const std::vector<Award>& awards, const std::vector<OfferFacts>& offers) {
    Words words = Words::array();
    for (const Award& award : awards) {
        const auto terms = std::ranges::find(offers, award.offer,
                                             [](const OfferFacts& each) { return each.offer.id; });
        Words each;
        each["offer"] = award.offer.text;
        if (terms != offers.end()) each["name"] = terms->offer.name;
        each["version"] = award.version;
        each["amount"] = award.amount.minor;
        each["lot"] = award.lot.id.text;
        each["instant"] = award.instant;
        if (award.lot.valid.from) each["valid_from"] = instant_in_words(*award.lot.valid.from);
        if (award.lot.valid.until) each["valid_until"] = instant_in_words(*award.lot.valid.until);
        words.push_back(std::move(each));
    }
    return words;
}

void add_split(Words& words, const PurchaseFacts& facts, const PurchaseDecision& decision) {
    words["allocations"] = allocations_in_words(decision.allocations, facts.pools);
    words["refused"] = refused_in_words(decision.refused, facts.pools);
    words["awards"] = awards_in_words(decision.awards, facts.offers);
    words["policy"] = decision.policy;
}

}  // namespace

Words allocations_in_words(const std::vector<PaidFrom>& paid, const std::vector<Pool>& pools) {
    Words words = Words::array();
    for (const PaidFrom& from : paid) {
        Words each = object_of(5);
        each["pocket"] = name_of(from.pocket);
        if (from.pocket == Pocket::commerce) {
            each["lot"] = from.lot.text;
            each["pool"] = pool_of(from.pool, from.pool_version, pools);
        }
        each["amount"] = from.amount.minor;
        Words lines = Words::array();
        for (const LineShare& share : from.lines) {
            Words line = object_of(2);
            line["line"] = share.line.text;
            line["amount"] = share.amount.minor;
            lines.push_back(std::move(line));
        }
        each["lines"] = std::move(lines);
        if (from.at_risk > Amount{}) each["at_risk"] = from.at_risk.minor;
        words.push_back(std::move(each));
    }
    return words;
}

Words basket_in_words(const Basket& basket) {
    Words words = object_of(3);
    words["currency"] = basket.currency.code();
    if (!basket.ticket.empty()) words["ticket"] = basket.ticket;
    Words lines = Words::array();
    for (const Line& line : basket.lines) {
        Words each = object_of(8);
        each["id"] = line.id.text;
        each["sku"] = line.sku;
        each["quantity"] = line.quantity;
        each["amount"] = line.amount.minor;
        if (!line.name.empty()) each["name"] = line.name;
        if (!line.brand.empty()) each["brand"] = line.brand;
        if (!line.family.empty()) each["family"] = line.family;
        if (!line.type.empty()) each["type"] = line.type;
        lines.push_back(std::move(each));
    }
    words["lines"] = std::move(lines);
    return words;
}

void add_undone(Words& words, const RefundDecision& decision) {
    Words undone = Words::array();
    for (const AwardUndone& award : decision.undone) {
        Words each;
        each["offer"] = award.offer.text;
        each["amount"] = award.total().minor;
        each["lot"] = award.lot.text;
        undone.push_back(std::move(each));
    }
    words["awards_undone"] = std::move(undone);
    words["award_owed"] = decision.award_owed.minor;
}

Amount passes_at_risk(const std::vector<PassCredit>& credits) {
    Amount sum;
    for (const PassCredit& pass : credits) sum += pass.at_risk;
    return sum;
}

Words quote_in_words(const Settlement& settlement, bool online) {
    const PurchaseDecision& decision = settlement.decision;
    Words words = object_of(13);
    words["accepted"] = decision.accepted;
    words["reasons"] = reasons_in_words(decision.reasons);
    words["currency"] = settlement.facts.basket.currency.code();
    words["basket_total"] = decision.basket_total.minor;
    words["spendable"] = decision.spent.minor;
    words["due"] = decision.due.minor;
    words["online"] = online;
    words["at_risk"] = (decision.at_risk() + passes_at_risk(settlement.credits)).minor;
    if (const AllowanceFacts& allowance = settlement.facts.allowance; allowance.in_force()) {
        words["allowance"] = {{"left", risk_room(allowance, false).in_all.minor},
                              {"left_with_manager", risk_room(allowance, true).in_all.minor}};
    }
    add_split(words, settlement.facts, decision);
    return words;
}

void add_outcome(Words& words, const PurchaseFacts& facts, const PurchaseDecision& decision) {
    words["currency"] = facts.basket.currency.code();
    words["basket_total"] = decision.basket_total.minor;
    words["spent"] = decision.spent.minor;
    words["due"] = decision.due.minor;
    words["at_risk"] = decision.at_risk().minor;
    // Only a limit has something to say of a purchase that was made.
    if (!decision.reasons.empty()) words["reasons"] = reasons_in_words(decision.reasons);
    add_split(words, facts, decision);
}

Words redeemed_in_words(const std::vector<PassCredit>& credits) {
    Words words = Words::array();
    for (const PassCredit& pass : credits) {
        Words each;
        each["pass"] = pass.row.pass.id.text;
        each["display"] = pass.row.pass.display;
        each["credited"] = credited_in_words(pass.credit);
        words.push_back(std::move(each));
    }
    return words;
}

}  // namespace obol::agent
