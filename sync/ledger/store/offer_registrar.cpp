// Offers: their terms by version, the code that claims one, and the cap on its uses.

#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "sync/ledger/store/passes.hpp"
#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

namespace {

// What was ever issued of an offer's uses, by import and admin calls: taken uses are the venues'.
Amount issued_uses(Books& books, const OfferId& offer) {
    return Amount{books.db()
                      .value<std::int64_t>(
                          "SELECT sum(p.minor) FROM posting p JOIN transfer t ON t.id = p.transfer "
                          "WHERE p.account = ? AND t.holder IS NULL",
                          offer_subject(offer))
                      .value_or(0)};
}

}  // namespace

std::optional<Offer> current_offer(Books& books, const OfferId& id) {
    const auto document = books.fact("offer", id.text);
    if (!document) return std::nullopt;
    auto offer = journal::offer_from(Value{*document});
    ENSURE(offer);
    return *offer;
}

bool Registrar::refers_well(const Placed<OfferShape>& placed) {
    const Offer& offer = placed.shape.offer;
    if (!business_known(offer.business, placed.pointer)) return false;
    const std::size_t faults_before = faults_.size();
    places_known(offer.venues, offer.businesses, placed.pointer);
    const auto pool = current_pool(books_, offer.pool);
    if (!pool || pool->business != offer.business) {
        refuse(placed.pointer, "pool", "the business has no pool " + offer.pool.text);
    }
    const auto business = books_.fact("business", offer.business.text);
    const auto currency = business->find("currency");
    if (currency == business->end() || !currency->second.text() ||
        *currency->second.text() != offer.currency.code()) {
        refuse(placed.pointer, "currency", "not that of the business");
    }
    const auto before = current_offer(books_, offer.id);
    if (before && before->business != offer.business) {
        refuse(placed.pointer, "business", "an offer cannot change its business");
    }
    if (before && before->claim != offer.claim) {
        refuse(placed.pointer, "claim", "an offer cannot change how it is claimed");
    }
    if (!before && offer.claim == Claim::code && !placed.shape.code) {
        refuse(placed.pointer, "code", "an offer that is claimed by a code has one");
    }
    return faults_.size() == faults_before;
}

// No pass and no other offer may read the same.
bool Registrar::set_code(const Placed<OfferShape>& placed) {
    if (!placed.shape.code) return true;
    const std::string& id = placed.shape.offer.id.text;
    const Bytes hmac = code_hmac(keys_, digest_of_code(placed.shape.code->reveal()));
    const auto mine =
        books_.db().value<Bytes>("SELECT code_hmac FROM offer_code WHERE offer = ?", id);
    if (mine && *mine == hmac) return true;
    if (code_taken(books_, keys_, placed.shape.code->reveal())) {
        refuse(placed.pointer, "code", "a pass or another offer has this code");
        return false;
    }
    const Bytes sealed = crypto::seal(keys_.seal, as_bytes(placed.shape.code->reveal()),
                                      "offer-code:" + id, random_);
    books_.db().run(
        "INSERT INTO offer_code (offer, code_hmac, code_sealed) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (offer) DO UPDATE SET code_hmac = ?2, code_sealed = ?3",
        id, hmac, sealed);
    return true;
}

// The centre gets what is more, or gives up what is less, as far as it has it.
bool Registrar::set_uses(const Placed<OfferShape>& placed) {
    const Offer& offer = placed.shape.offer;
    if (!offer.uses) return true;
    const Amount more = Amount{*offer.uses} - issued_uses(books_, offer.id);
    if (more == Amount{}) return true;
    const Subject subject = offer_subject(offer.id);
    books_.ensure_subject(subject, offer.business, VenueId{}, Currency::none());
    const std::vector<journal::Posting> postings{
        {"issue:" + offer.business.text, -more, Currency::none()},
        {subject, more, Currency::none()}};
    if (books_.transfer(now_, source_, "offer " + offer.id.text, postings)) return true;
    refuse(placed.pointer, "uses", "more uses than that are taken, or held by venues");
    return false;
}

Outcome Registrar::put(const Placed<OfferShape>& placed) {
    if (!refers_well(placed)) return Outcome::refused;
    Offer offer = placed.shape.offer;
    const auto zone = zone_of(books_, offer.business);
    ENSURE(zone);
    offer.valid =
        resolve({.from = placed.shape.from, .until = placed.shape.until}, now_, *zone);
    const auto document = books_.fact("offer", offer.id.text);
    const auto before = current_offer(books_, offer.id);
    offer.version = before ? before->version : 1;

    Map body = *journal::to_value(offer).map();
    if (placed.shape.code) {
        body["digest"] = digest_of_code(placed.shape.code->reveal());
    } else if (document && document->contains("digest")) {
        body["digest"] = document->at("digest");
    }
    if (document && *document == body) return Outcome::same;
    if (!set_code(placed) || !set_uses(placed)) return Outcome::refused;
    // Books keeps every version: a purchase awarded under an old one is replayed under it.
    if (before) body["version"] = std::int64_t{before->version} + 1;
    books_.put_fact("offer", offer.id.text, offer.business, body);
    return before ? Outcome::changed : Outcome::created;
}

}  // namespace obol::ledger
