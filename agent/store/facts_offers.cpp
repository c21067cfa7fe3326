// Offers as the cache knows them, and what own purchases were awarded.

#include <algorithm>
#include <stdexcept>

#include "agent/store/facts.hpp"

namespace obol::agent {

namespace {

Offer offer_in(ByteView body) {
    const Result<journal::Value> value = journal::decode(body);
    const Result<Offer> offer = value ? journal::offer_from(*value) : value.error();
    if (!offer) throw std::runtime_error("the fact cache is damaged: " + offer.error().detail);
    return *offer;
}

}  // namespace

std::string party_of(const Wallet& wallet) { return wallet.contact ? wallet.contact->text : wallet.id.text; }

std::optional<Offer> Facts::offer(const OfferId& id) {
    std::vector<Offer> all = offers();
    for (Offer& each : all) {
        if (each.id == id) return std::move(each);
    }
    return std::nullopt;
}

std::optional<Offer> Facts::offer_by_code(std::string_view normalised_code) {
    const auto id = found("code", "offer", lookup_key("code", normalised_code));
    return id ? offer(OfferId{*id}) : std::nullopt;
}

std::vector<Offer> Facts::offers() {
    if (memory_ && memory_->all_offers) return *memory_->all_offers;
    std::vector<Offer> out;
    db_.each("SELECT body FROM fact WHERE kind = 'offer' ORDER BY id",
             [&](sql::Statement& row) { out.push_back(offer_in(row.blob_view(0))); });
    if (memory_) memory_->all_offers = out;
    return out;
}

std::vector<Offer> Facts::automatic_offers(const BusinessId& business) {
    std::vector<Offer> out = offers();
    std::erase_if(out, [&](const Offer& offer) {
        return offer.business != business || offer.claim != Claim::automatic;
    });
    return out;
}

std::int64_t Facts::uses_by_contact(const Offer& offer, const Wallet& wallet) {
    const std::int64_t by_others =
        db_.value<std::int64_t>("SELECT count(*) FROM award WHERE offer = ? AND party = ? AND wallet <> ?",
                                offer.id.text, party_of(wallet), wallet.id.text)
            .value_or(0);
    return by_others + tallied(wallet.id, offer.business, journal::uses_kind(offer.id), std::nullopt).count;
}

std::vector<AwardFacts> Facts::awards_of(const journal::Purchase& purchase) {
    std::vector<AwardFacts> out;
    for (const Award& award : purchase.decision.awards) {
        const auto terms = std::ranges::find(purchase.facts.offers, award.offer,
                                             [](const OfferFacts& each) { return each.offer.id; });
        // A decision follows from its facts; but who knows what another venue's device wrote.
        if (terms == purchase.facts.offers.end()) continue;
        out.push_back({terms->offer, award, funds(lot_subject(award.lot.id))});
    }
    return out;
}

}  // namespace obol::agent
