#pragma once
// Details of purchases and refunds: what was asked, the facts it was decided on, and the decision.

#include "sync/journal/documents_allowance.hpp"
#include "sync/journal/documents_limit.hpp"

namespace obol::journal {

template <class Io>
void members(Io& io, Ref<Io, SpendRequest> x) {
    io("mode", x.mode);
    io.sparse("amount", x.amount);
    io("pockets", x.pockets);
}

template <class Io>
void members(Io& io, Ref<Io, Place> x) {
    io("venue", x.venue);
    io("business", x.business);
}

template <class Io>
void members(Io& io, Ref<Io, Funds> x) {
    io("shown", x.shown);
    io("held", x.held);
    io.sparse("risked", x.risked);
    io.check(x.risked.minor >= 0, "risked", "below zero");
}

template <class Io>
void members(Io& io, Ref<Io, LotFacts> x) {
    io("lot", x.lot);
    io("funds", x.funds);
    io.sparse("from_pass", x.from_pass);
}

template <class Io>
void members(Io& io, Ref<Io, OfferFacts> x) {
    io("offer", x.offer);
    io.sparse("pass", x.pass);
    io.sparse("uses", x.uses);
    io.sparse("uses_by_contact", x.uses_by_contact);
    io("lot", x.lot);
}

template <class Io>
void members(Io& io, Ref<Io, PurchaseFacts> x) {
    io("place", x.place);
    io("zone", x.zone);
    io("zone_version", x.zone_version);
    io("now", x.now);
    io("clock_trusted", x.clock_trusted);
    io("basket", x.basket);
    io.sparse("lots", x.lots);
    io.sparse("pools", x.pools);
    io.sparse("business", x.business);
    io.sparse("personal", x.personal);
    io.sparse("offers", x.offers);
    io.check(x.offers.size() <= most_offers, "offers", "too many");
    io.sparse("segments", x.segments);
    io.sparse("limits", x.limits);
    io.sparse("allowance", x.allowance);
}

template <class Io>
void members(Io& io, Ref<Io, Purchase> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("wallet", x.wallet);
    io("request", x.request);
    io("facts", x.facts);
    io("decision", x.decision);
    io.sparse("redeemed", x.redeemed);
    io.sparse("receipt", x.receipt);
    io("facts_digest", x.digest);
}

template <class Io>
void members(Io& io, Ref<Io, RefundLine> x) {
    io("line", x.line);
    io.part("amount", x.amount);
}

template <class Io>
void members(Io& io, Ref<Io, RefundRequest> x) {
    io.sparse("lines", x.lines);
    io.total("amount", x.amount);
}

template <class Io>
void members(Io& io, Ref<Io, AwardUndone> x) {
    io("offer", x.offer);
    io("lot", x.lot);
    io.sparse("from_lot", x.from_lot);
    io.sparse("from_business", x.from_business);
    io.sparse("owed", x.owed);
    io.check(x.from_lot.minor >= 0 && x.from_business.minor >= 0 && x.owed.minor >= 0, "from_lot",
             "below zero");
    io.sparse("pass", x.pass);
    io.sparse("use_back", x.use_back);
}

template <class Io>
void members(Io& io, Ref<Io, AwardFacts> x) {
    io("offer", x.offer);
    io("award", x.award);
    io("left", x.left);
}

template <class Io>
void members(Io& io, Ref<Io, RefundDecision> x) {
    io("accepted", x.accepted);
    io.sparse("reasons", x.reasons);
    io.total("refunded", x.refunded);
    io.total("due_back", x.due_back);
    io.sparse("goods", x.goods);
    io.sparse("allocations", x.allocations);
    io.sparse("undone", x.undone);
    io.sparse("award_owed", x.award_owed);
    if constexpr (Io::reads) io.check(sums_fit({x}), "allocations", "too large");
}

template <class Io>
void members(Io& io, Ref<Io, RefundFacts> x) {
    io("basket", x.basket);
    io.sparse("paid", x.paid);
    io.sparse("before", x.before);
    io.sparse("voided", x.voided);
    io.sparse("awards", x.awards);
    io.check(x.awards.size() <= most_offers, "awards", "too many");
    io.sparse("business", x.business);
    io.sparse("award_undo", x.award_undo);
    if constexpr (Io::reads) {
        io.check(sums_fit(x.paid), "paid", "too large");
        io.check(sums_fit(x.before), "before", "too large");
    }
}

// Whether it is a void stands in the entry's kind.
template <class Io>
void members(Io& io, Ref<Io, Refund> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("purchase", x.purchase);
    io("wallet", x.wallet);
    io("venue", x.venue);
    io("business", x.business);
    io("currency", x.currency);
    io("request", x.request);
    io("facts", x.facts);
    io("decision", x.decision);
    io.sparse("revived", x.revived);
    io.sparse("receipt", x.receipt);
}

}  // namespace obol::journal
