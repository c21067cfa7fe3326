#include "sync/domain/refund.hpp"

#include <algorithm>
#include <map>

#include "sync/domain/award_undo.hpp"

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

}  // namespace

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
    std::vector<Amount> staying = left.goods();
    for (std::size_t i = 0; i < staying.size(); ++i) staying[i] -= (*goods)[i];
    if (auto spent = undo_awards(facts, staying, left.total() - sum, whole, decision)) {
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

Span revived(const Span& valid, Instant now, Period grace, const Zone& business_zone) {
    if (!valid.until || now < *valid.until) return valid;
    Validity rule;
    rule.period = grace;
    Span span = resolve(rule, now, business_zone);
    span.from = valid.from;
    return span;
}

}  // namespace obol
