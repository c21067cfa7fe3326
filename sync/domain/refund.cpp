#include "sync/domain/refund.hpp"

#include <algorithm>
#include <map>

namespace obol {
namespace {

// What is left of a purchase after its earlier refunds: goods value per line, wallet money per
// share, and the same two in all. Of the total, what the wallet did not pay came by another tender;
// no more than that may leave by it, whichever lines come back.
class Left {
public:
    explicit Left(const RefundFacts& facts) : facts_(facts), total_(facts.basket.total()) {
        for (std::size_t i = 0; i < facts.basket.lines.size(); ++i) {
            const Line& line = facts.basket.lines[i];
            line_at_.try_emplace(line.id, i);
            goods_.push_back(std::max(line.amount, Amount{}));
        }
        total_ = std::max(total_, Amount{});
        for (const PaidFrom& paid : facts.paid) {
            shares_.emplace_back();
            for (const LineShare& share : paid.lines) {
                shares_.back().push_back(share.amount);
                wallet_ += share.amount;
            }
        }
        for (const RefundDecision& earlier : facts.before) subtract(earlier);
        // Only books that were tampered with show less than nothing.
        total_ = std::max(total_, Amount{});
        wallet_ = std::clamp(wallet_, Amount{}, total_);
    }

    Amount total() const { return total_; }
    Amount other_tender() const { return total_ - wallet_; }
    const std::vector<Amount>& goods() const { return goods_; }
    std::vector<std::vector<Amount>>& shares() { return shares_; }

    std::optional<std::size_t> line_at(const LineId& id) const {
        const auto found = line_at_.find(id);
        if (found == line_at_.end()) return std::nullopt;
        return found->second;
    }

private:
    void subtract(const RefundDecision& earlier) {
        for (const RefundLine& back : earlier.goods) {
            total_ -= back.amount;
            if (const auto at = line_at(back.line)) lower(goods_[*at], back.amount);
        }
        for (const PaidFrom& back : earlier.allocations) {
            for (const LineShare& share : back.lines) {
                wallet_ -= share.amount;
                if (Amount* left = share_of(back, share.line)) lower(*left, share.amount);
            }
        }
    }

    static void lower(Amount& left, Amount by) { left = left > by ? left - by : Amount{}; }

    Amount* share_of(const PaidFrom& back, const LineId& line) {
        for (std::size_t p = 0; p < facts_.paid.size(); ++p) {
            const PaidFrom& paid = facts_.paid[p];
            if (paid.pocket != back.pocket || paid.lot != back.lot) continue;
            for (std::size_t i = 0; i < paid.lines.size(); ++i) {
                if (paid.lines[i].line == line) return &shares_[p][i];
            }
        }
        return nullptr;
    }

    const RefundFacts& facts_;
    std::map<LineId, std::size_t> line_at_;
    std::vector<Amount> goods_;                // per line of the basket
    std::vector<std::vector<Amount>> shares_;  // per allocation and share
    Amount total_, wallet_{};
};

Reason exceeds(Amount available) {
    return {.code = Code::refund_exceeds_purchase,
            .detail = "That is more than is left to refund.",
            .available = available};
}

// The goods value that comes back per line; nullopt: more than is left.
std::optional<std::vector<Amount>> goods_of(const Left& left, const RefundRequest& request) {
    std::vector<Amount> goods(left.goods().size());
    if (!request.lines.empty()) {
        Amount sum;
        for (const RefundLine& line : request.lines) {
            const auto at = left.line_at(line.line);
            if (!at || line.amount.minor <= 0) return std::nullopt;
            if (line.amount > left.goods()[*at] - goods[*at]) return std::nullopt;
            goods[*at] += line.amount;
            sum += line.amount;
        }
        if (sum > left.total()) return std::nullopt;
        return goods;
    }
    Amount rest = request.amount.value_or(left.total());
    if (rest > left.total() || (request.amount && rest.minor <= 0)) return std::nullopt;
    for (std::size_t i = goods.size(); i-- > 0 && rest.minor > 0;) {
        goods[i] = std::min(rest, left.goods()[i]);
        rest -= goods[i];
    }
    return goods;
}

// Takes the wallet's part back out of the shares, last paid first. First what the wallet paid on
// the lines that come back; then, where negative lines made the basket cheaper than its lines, what
// other tender cannot account for.
std::vector<PaidFrom> give_back(Left& left, const RefundFacts& facts,
                                const std::vector<Amount>& goods) {
    std::vector<std::vector<Amount>> back;
    for (const auto& shares : left.shares()) back.emplace_back(shares.size());
    const auto move = [&](std::size_t p, std::size_t i, Amount most) {
        const Amount x = std::min(most, left.shares()[p][i]);
        left.shares()[p][i] -= x;
        back[p][i] += x;
        return x;
    };

    std::vector<Amount> open = goods;
    Amount by_other;
    for (std::size_t p = facts.paid.size(); p-- > 0;) {
        for (std::size_t i = 0; i < facts.paid[p].lines.size(); ++i) {
            const auto at = left.line_at(facts.paid[p].lines[i].line);
            if (at) open[*at] -= move(p, i, open[*at]);
        }
    }
    for (const Amount amount : open) by_other += amount;

    Amount excess = by_other - std::min(by_other, left.other_tender());
    for (std::size_t p = facts.paid.size(); p-- > 0 && excess.minor > 0;) {
        for (std::size_t i = facts.paid[p].lines.size(); i-- > 0;) excess -= move(p, i, excess);
    }

    std::vector<PaidFrom> out;
    for (std::size_t p = facts.paid.size(); p-- > 0;) {
        const PaidFrom& paid = facts.paid[p];
        PaidFrom part{.pocket = paid.pocket,
                      .lot = paid.lot,
                      .pool = paid.pool,
                      .pool_version = paid.pool_version};
        for (std::size_t i = 0; i < paid.lines.size(); ++i) {
            if (back[p][i] == Amount{}) continue;
            part.amount += back[p][i];
            part.lines.push_back({paid.lines[i].line, back[p][i]});
        }
        if (part.amount.minor > 0) out.push_back(std::move(part));
    }
    return out;
}

// --- awards ------------------------------------------------------------------------------------

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

// nullopt: done; else why a void cannot be whole.
std::optional<Reason> undo_awards(const RefundFacts& facts, const Left& left,
                                  const std::vector<Amount>& goods, bool whole,
                                  RefundDecision& decision) {
    std::vector<Amount> staying = left.goods();
    Amount total_staying = left.total();
    for (std::size_t i = 0; i < goods.size(); ++i) {
        staying[i] -= goods[i];
        total_staying -= goods[i];
    }
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

}  // namespace

bool RefundFacts::operator==(const RefundFacts& other) const {
    return basket == other.basket && paid == other.paid && before == other.before &&
           voided == other.voided && awards == other.awards && business == other.business &&
           award_undo == other.award_undo;
}

RefundDecision decide_refund(const RefundFacts& facts, const RefundRequest& request) {
    RefundDecision decision;
    const auto refuse = [&](Reason reason) {
        decision.accepted = false;
        decision.reasons.push_back(std::move(reason));
        return decision;
    };
    if (facts.voided) {
        return refuse({.code = Code::already_voided, .detail = "The purchase was voided."});
    }
    Left left(facts);
    if (left.total() == Amount{} && !facts.before.empty()) {
        return refuse({.code = Code::already_refunded, .detail = "All of it was refunded."});
    }
    const auto goods = goods_of(left, request);
    if (!goods) return refuse(exceeds(left.total()));

    Amount sum;
    for (std::size_t i = 0; i < goods->size(); ++i) {
        if ((*goods)[i].minor <= 0) continue;
        sum += (*goods)[i];
        decision.goods.push_back({facts.basket.lines[i].id, (*goods)[i]});
    }
    decision.allocations = give_back(left, facts, *goods);
    for (const PaidFrom& part : decision.allocations) decision.refunded += part.amount;
    decision.due_back = sum - decision.refunded;
    const bool whole = request.lines.empty() && !request.amount;
    if (auto spent = undo_awards(facts, left, *goods, whole, decision)) {
        decision = RefundDecision{};
        return refuse(std::move(*spent));
    }
    return decision;
}

std::vector<Refundable> refundable_lines(const RefundFacts& facts) {
    const Left left(facts);
    std::vector<Refundable> out;
    for (std::size_t i = 0; i < facts.basket.lines.size(); ++i) {
        const Line& line = facts.basket.lines[i];
        if (line.amount.minor <= 0) continue;
        const Amount amount = std::min(left.goods()[i], left.total());
        out.push_back({line.id, facts.voided ? Amount{} : amount});
    }
    return out;
}

std::vector<Want> award_authority_wanted(const RefundFacts& facts, const WalletId& wallet,
                                         const BusinessId& business) {
    std::vector<Want> wants;
    Amount awarded;
    for (const AwardFacts& each : facts.awards) {
        awarded += each.award.amount;
        const Amount most = std::min(each.left.shown, each.award.amount);
        if (most > each.left.held) {
            wants.push_back({lot_subject(each.award.lot.id), most - each.left.held});
        }
    }
    const Amount most = std::min(facts.business.shown, awarded);
    if (most > facts.business.held) {
        wants.push_back({business_subject(wallet, business), most - facts.business.held});
    }
    return wants;
}

Span revived(const Span& valid, Instant now, Period grace, const Zone& business_zone) {
    if (!valid.until || now < *valid.until) return valid;
    Validity rule;
    rule.period = grace;
    Span span = resolve(rule, now, business_zone);
    span.from = valid.from;
    return span;
}

}  // namespace obol
