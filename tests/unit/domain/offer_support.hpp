#pragma once
// A basket at Aroma in Nicosia on a Tuesday at noon, and offers that it may meet.

#include <gtest/gtest.h>

#include "sync/domain/refund.hpp"

namespace obol::offers {

inline const Currency eur = *Currency::parse("EUR");
inline const Instant noon = *parse_rfc3339("2026-11-24T10:00:00Z");

inline std::vector<std::string> codes(const std::vector<Reason>& reasons) {
    std::vector<std::string> out;
    for (const Reason& reason : reasons) {
        out.push_back(std::string(name_of(reason.code)) +
                      (reason.criterion.empty() ? "" : " " + reason.criterion));
    }
    return out;
}
using Codes = std::vector<std::string>;

inline Line line(const std::string& id, std::int64_t amount, const std::string& family = "Coffee") {
    Line line;
    line.id = LineId(id);
    line.sku = "sku-" + id;
    line.quantity = "1";
    line.amount = Amount{amount};
    line.family = family;
    return line;
}

// Ten per cent of coffee, credited under the pool "open".
inline OfferFacts ten_percent(const std::string& id = "ten") {
    OfferFacts facts;
    facts.offer.id = OfferId(id);
    facts.offer.business = BusinessId("aroma");
    facts.offer.name = id;
    facts.offer.currency = eur;
    facts.offer.families = {"Coffee"};
    facts.offer.reward.basis_points = 1000;
    facts.offer.pool = PoolId("open");
    facts.lot.id = LotId("award-" + id);
    facts.lot.wallet = WalletId("w1");
    facts.lot.business = BusinessId("aroma");
    facts.lot.pool = PoolId("open");
    facts.lot.currency = eur;
    facts.lot.credited_at = noon;
    facts.lot.source = "award";
    return facts;
}

inline OfferFacts fixed(std::int64_t amount, const std::string& id = "fixed") {
    OfferFacts facts = ten_percent(id);
    facts.offer.reward = {0, Amount{amount}, {}};
    return facts;
}

inline PurchaseFacts at_aroma(std::vector<Line> lines) {
    PurchaseFacts facts;
    facts.place = {VenueId("nic"), BusinessId("aroma")};
    facts.zone = "Asia/Nicosia";
    facts.zone_version = zone_database_version();
    facts.now = noon;
    facts.basket.currency = eur;
    facts.basket.lines = std::move(lines);
    Pool open;
    open.id = PoolId("open");
    open.business = BusinessId("aroma");
    facts.pools.push_back(open);
    return facts;
}

inline LotFacts lot(const std::string& id, std::int64_t amount, const std::string& pool = "open") {
    LotFacts facts;
    facts.lot = ten_percent().lot;
    facts.lot.id = LotId(id);
    facts.lot.pool = PoolId(pool);
    facts.lot.credited_at = noon - std::chrono::days{30};
    facts.lot.source = "pass";
    facts.funds = {Amount{amount}, Amount{amount}};
    return facts;
}

inline std::string show(const PurchaseDecision& decision) {
    if (!decision.accepted) return std::string(name_of(decision.reasons.at(0).code));
    std::string out;
    for (const PaidFrom& paid : decision.allocations) {
        out += (paid.lot.empty() ? std::string(name_of(paid.pocket)) : paid.lot.text) + " " +
               std::to_string(paid.amount.minor) + ", ";
    }
    out += "due " + std::to_string(decision.due.minor);
    for (const Award& award : decision.awards) {
        out += ", " + award.offer.text + " +" + std::to_string(award.amount.minor);
    }
    return out;
}

// The purchase as a refund finds it, with its award lots and pocket as the purchase left them.
inline RefundFacts bought(const PurchaseFacts& facts, const PurchaseDecision& decision) {
    RefundFacts out;
    out.basket = facts.basket;
    out.paid = decision.allocations;
    out.business = facts.business;
    for (const PaidFrom& paid : decision.allocations) {
        if (paid.pocket != Pocket::business) continue;
        out.business.held -= paid.amount;
        out.business.shown -= paid.amount;
    }
    for (const Award& award : decision.awards) {
        AwardFacts each;
        for (const OfferFacts& offer : facts.offers) {
            if (offer.offer.id == award.offer) each.offer = offer.offer;
        }
        each.award = award;
        if (!award.instant) each.left = {award.amount, award.amount};
        out.business.held += left_of(award, decision.allocations);
        out.business.shown += left_of(award, decision.allocations);
        out.awards.push_back(std::move(each));
    }
    return out;
}

inline std::string show(const RefundDecision& decision) {
    if (!decision.accepted) return std::string(name_of(decision.reasons.at(0).code));
    std::string out = "back " + std::to_string(decision.refunded.minor);
    for (const AwardUndone& undone : decision.undone) {
        out += ", " + undone.offer.text + " lot " + std::to_string(undone.from_lot.minor) + " pocket " +
               std::to_string(undone.from_business.minor) + " owed " + std::to_string(undone.owed.minor);
    }
    return out;
}

inline RefundRequest of_line(const std::string& id, std::int64_t amount) {
    return {{{LineId(id), Amount{amount}}}, {}};
}
inline RefundRequest of_amount(std::int64_t amount) { return {{}, Amount{amount}}; }

}  // namespace obol::offers
