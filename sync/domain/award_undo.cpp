#include "sync/domain/award_undo.hpp"

#include <algorithm>

namespace obol {
namespace {

Amount sum_back(const std::vector<PaidFrom>& allocations, Pocket pocket, const LotId& lot) {
    Amount sum;
    for (const PaidFrom& part : allocations) {
        if (part.pocket == pocket && part.lot == lot) sum += part.amount;
    }
    return sum;
}

// What the award would be for the goods that stay.
Amount still_earned(const AwardFacts& facts, const Basket& basket,
                    const std::vector<Amount>& staying, Amount total_staying) {
    if (total_staying == Amount{}) return {};
    Amount matching;
    for (std::size_t i = 0; i < basket.lines.size(); ++i) {
        if (line_matches(facts.offer, basket.lines[i])) matching += staying[i];
    }
    if (matching == Amount{} || matching < facts.offer.least_spend) return {};
    return std::min(award_of(facts.offer.reward, matching), facts.award.amount);
}

Amount undone_before(const RefundFacts& facts, const LotId& lot) {
    Amount sum;
    for (const RefundDecision& earlier : facts.before) {
        for (const AwardUndone& undone : earlier.undone) {
            if (undone.lot == lot) sum += undone.total();
        }
    }
    return sum;
}

// Takes awards back: first out of their own lots, then out of the pocket, then as a claim, as far as
// the policy goes. What this very refund gives back is there to be taken.
class Undoing {
public:
    Undoing(const RefundFacts& facts, const RefundDecision& decision, bool whole)
        : facts_(facts), decision_(decision), whole_(whole) {
        const Amount back = sum_back(decision.allocations, Pocket::business, LotId{});
        pocket_ = positive(facts.business.held) + back;
        pocket_shown_ = std::max(positive(facts.business.shown) + back, pocket_);
    }

    AwardUndone undo(const AwardFacts& award, Amount due) {
        AwardUndone out{.offer = award.award.offer, .lot = award.award.lot.id};
        const Amount back =
            sum_back(decision_.allocations, Pocket::commerce, award.award.lot.id);
        const Amount in_lot = positive(award.left.held) + back;
        out.from_lot = std::min(due, in_lot);
        Amount open = due - out.from_lot;
        elsewhere_ |= positive(award.left.shown) + back > in_lot && open.minor > 0;
        out.from_business = std::min({open, pocket_, most_from_pocket(award)});
        pocket_ -= out.from_business;
        pocket_shown_ -= out.from_business;
        open -= out.from_business;
        elsewhere_ |= pocket_shown_ > pocket_ && open.minor > 0;
        if (facts_.award_undo == AwardUndo::below_zero) {
            out.owed = open;
            open = {};
        }
        missing_ += open;
        if (whole_) {
            out.pass = award.award.pass;
            out.use_back = award.award.counted;
        }
        return out;
    }

    Amount missing() const { return missing_; }
    bool elsewhere() const { return elsewhere_; }

private:
    // Of an instant award, what the basket left went into the pocket, and is unspent as long as the
    // pocket has as much. What still pays for goods that stay comes with those goods.
    Amount most_from_pocket(const AwardFacts& award) const {
        if (whole_ || facts_.award_undo != AwardUndo::unspent) return pocket_;
        Amount rest = positive(left_of(award.award, facts_.paid));
        for (const RefundDecision& earlier : facts_.before) {
            for (const AwardUndone& undone : earlier.undone) {
                if (undone.lot == award.award.lot.id) rest -= undone.from_business;
            }
        }
        return positive(rest);
    }

    // Balances of hostile entries stay within 2^53, what comes back within the basket.
    static Amount positive(Amount amount) { return std::max(amount, Amount{}); }

    const RefundFacts& facts_;
    const RefundDecision& decision_;
    bool whole_;
    Amount pocket_, pocket_shown_, missing_{};
    bool elsewhere_ = false;
};

Reason award_spent(bool elsewhere) {
    if (elsewhere) {
        Reason reason = because(Code::authority_elsewhere);
        reason.detail = "Another venue holds the right to what this purchase was awarded.";
        return reason;
    }
    Reason reason = because(Code::insufficient_funds);
    reason.detail =
        "What this purchase was awarded has been spent; it can be refunded, not voided.";
    return reason;
}

}  // namespace

std::optional<Reason> undo_awards(const RefundFacts& facts, const std::vector<Amount>& staying,
                                  Amount total_staying, bool whole, RefundDecision& decision) {
    Undoing undoing(facts, decision, whole);
    std::vector<AwardUndone> all;
    for (const AwardFacts& each : facts.awards) {
        const Amount keeps =
            whole ? Amount{} : still_earned(each, facts.basket, staying, total_staying);
        const Amount due = each.award.amount - keeps - undone_before(facts, each.award.lot.id);
        if (due.minor <= 0 && !whole) continue;
        AwardUndone undone = undoing.undo(each, std::max(due, Amount{}));
        decision.award_owed += undone.owed;
        if (whole || undone.total().minor > 0) all.push_back(std::move(undone));
    }
    if (whole && undoing.missing().minor > 0) return award_spent(undoing.elsewhere());
    decision.undone = std::move(all);
    return std::nullopt;
}

std::vector<Want> award_authority_wanted(const RefundFacts& facts, const WalletId& wallet,
                                         const BusinessId& business, bool shown_is_old) {
    std::vector<Want> wants;
    Amount awarded;
    for (const AwardFacts& each : facts.awards) {
        awarded += each.award.amount;
        const Amount most = shown_is_old ? each.award.amount : std::min(each.left.shown, each.award.amount);
        if (most > each.left.held) {
            wants.push_back({lot_subject(each.award.lot.id), most - each.left.held});
        }
    }
    const Amount most = shown_is_old ? awarded : std::min(facts.business.shown, awarded);
    if (most > facts.business.held) {
        wants.push_back({business_subject(wallet, business), most - facts.business.held});
    }
    return wants;
}

}  // namespace obol
