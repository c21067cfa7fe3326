#include "sync/domain/offer.hpp"

#include <array>

#include "sync/core/ensure.hpp"
#include "sync/domain/bounds.hpp"

namespace obol {
namespace {

bool bounded(const Span& span) { return span.from || span.until; }

constexpr std::array claims{Claim::automatic, Claim::passes, Claim::code};
constexpr std::array policies{AwardUndo::unspent, AwardUndo::within_balance, AwardUndo::below_zero};
constexpr Amount one_use{1};

Reason not_met(const Offer& offer, std::string criterion, std::string detail) {
    Reason reason = because(Code::offer_not_met);
    reason.offer = offer.id.text;
    reason.criterion = std::move(criterion);
    reason.detail = std::move(detail);
    return reason;
}

Reason used_up(const Offer& offer, std::string detail) {
    Reason reason = because(Code::offer_used_up);
    reason.offer = offer.id.text;
    reason.detail = std::move(detail);
    return reason;
}

void judge_validity(const Offer& offer, const OfferScene& scene, std::vector<Reason>& reasons) {
    const bool early = offer.valid.from && scene.now < *offer.valid.from;
    const bool late = offer.valid.until && scene.now >= *offer.valid.until;
    if (!early && !late) return;
    Reason reason = not_met(offer, early ? "from" : "until",
                            early ? "The offer has not begun." : "The offer has ended.");
    reason.moment = early ? offer.valid.from : offer.valid.until;
    reasons.push_back(std::move(reason));
}

void judge_place_and_time(const Offer& offer, const OfferScene& scene,
                          std::vector<Reason>& reasons) {
    if (!location_allowed(offer, scene.place)) {
        Reason reason = not_met(offer, "locations", "The offer is not for this venue.");
        reason.wanted = wanted_places(offer);
        reasons.push_back(std::move(reason));
    }
    if (!offer.restricts_time()) return;
    const Opening opening = opening_at(offer.time, scene.now, scene.zone);
    if (opening.open) return;
    Reason reason = not_met(offer, "time", "The offer is not for this time.");
    reason.moment = opening.next;
    reason.moment_offset = opening.next_offset;
    reasons.push_back(std::move(reason));
}

void judge_contact(const Offer& offer, const OfferScene& scene, std::vector<Reason>& reasons) {
    const bool member =
        std::any_of(offer.segments.begin(), offer.segments.end(),
                    [&](const std::string& segment) { return contains(scene.segments, segment); });
    if (offer.segments.empty() || member) return;
    Reason reason = not_met(offer, "segments", "The offer is for other customers.");
    reason.wanted = offer.segments;
    reasons.push_back(std::move(reason));
}

void judge_basket(const Offer& offer, const OfferScene& scene, std::vector<Reason>& reasons) {
    if (offer.currency != scene.basket.currency) {
        Reason reason = not_met(offer, "currency", "The offer is in another currency.");
        reason.wanted = {std::string(offer.currency.code())};
        reasons.push_back(std::move(reason));
        return;
    }
    if (scene.basket.total() <= Amount{}) {
        // Whoever brings back as much as is bought has bought nothing, and no refund could undo the award.
        reasons.push_back(not_met(offer, "total", "The basket comes to nothing."));
        return;
    }
    const Amount matching = matching_total(offer, scene.basket);
    if (matching == Amount{}) {
        Reason reason = not_met(offer, "products", "Nothing in the basket is what the offer is for.");
        reason.wanted = wanted_products(offer);
        reasons.push_back(std::move(reason));
    } else if (matching < offer.least_spend) {
        Reason reason = not_met(offer, "least_spend",
                                "The offer asks for at least " +
                                    to_decimal(offer.least_spend, offer.currency) + " " +
                                    std::string(offer.currency.code()) + " of what it is for.");
        reason.available = matching;
        reason.least = offer.least_spend;
        reasons.push_back(std::move(reason));
    } else if (award_of(offer.reward, matching) == Amount{}) {
        // Nobody gives a pass away for an award of nothing.
        Reason reason = not_met(offer, "reward", "The basket is too small for a reward.");
        reason.available = matching;
        reasons.push_back(std::move(reason));
    }
}

void judge_uses(const OfferFacts& facts, Uses uses, std::vector<Reason>& reasons) {
    const Offer& offer = facts.offer;
    if (offer.uses_per_contact && facts.uses_by_contact >= *offer.uses_per_contact) {
        reasons.push_back(used_up(offer, "The customer has used the offer as often as it may be."));
    }
    if (!offer.uses || facts.uses.held >= one_use) return;
    if (facts.uses.shown < one_use) {
        reasons.push_back(used_up(offer, "The offer has no uses left."));
    } else if (uses == Uses::held) {
        Reason elsewhere = because(Code::authority_elsewhere);
        elsewhere.offer = offer.id.text;
        elsewhere.detail = "The offer has uses left, but this venue holds none of them.";
        reasons.push_back(std::move(elsewhere));
    }
}

}  // namespace

std::string_view name_of(Claim claim) {
    switch (claim) {
        case Claim::automatic:
            return "automatic";
        case Claim::passes:
            return "passes";
        case Claim::code:
            return "code";
    }
    ENSURE(false);
}

std::optional<Claim> claim_named(std::string_view name) {
    for (const Claim claim : claims) {
        if (name_of(claim) == name) return claim;
    }
    return std::nullopt;
}

std::string_view name_of(AwardUndo policy) {
    switch (policy) {
        case AwardUndo::unspent:
            return "unspent";
        case AwardUndo::within_balance:
            return "within_balance";
        case AwardUndo::below_zero:
            return "below_zero";
    }
    ENSURE(false);
}

std::optional<AwardUndo> award_undo_named(std::string_view name) {
    for (const AwardUndo policy : policies) {
        if (name_of(policy) == name) return policy;
    }
    return std::nullopt;
}

std::vector<Reason> judge_offer(const OfferFacts& facts, const OfferScene& scene, Uses uses) {
    const Offer& offer = facts.offer;
    std::vector<Reason> reasons;
    judge_validity(offer, scene, reasons);
    judge_place_and_time(offer, scene, reasons);
    judge_contact(offer, scene, reasons);
    judge_basket(offer, scene, reasons);
    judge_uses(facts, uses, reasons);
    // What is awarded may end by the time too: an award made by a clock that stands still would be over at once.
    const bool needs_clock = offer.restricts_time() || bounded(offer.valid) || bounded(facts.lot.valid);
    if (needs_clock && !scene.clock_trusted) reasons.push_back(because(Code::clock_untrusted));
    sort_by_precedence(reasons);
    return reasons;
}

Amount matching_total(const Offer& offer, const Basket& basket) {
    Amount sum;
    for (const Line& line : basket.lines) {
        if (line_matches(offer, line)) sum += line.amount;
    }
    return sum;
}

Amount award_of(const Reward& reward, Amount matching) {
    const Amount whole = reward.basis_points > 0
                             ? scaled_down(matching, reward.basis_points, whole_in_basis_points)
                             : reward.amount;
    return std::min(whole, reward.cap.value_or(Amount{largest_credit}));
}

Award award_by(const OfferFacts& facts, const Basket& basket) {
    const Offer& offer = facts.offer;
    return {.offer = offer.id,
            .version = offer.version,
            .amount = award_of(offer.reward, matching_total(offer, basket)),
            .instant = offer.instant,
            .counted = offer.uses.has_value(),
            .pass = facts.pass,
            .lot = facts.lot};
}

}  // namespace obol
