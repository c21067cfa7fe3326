#include "sync/domain/allowance.hpp"

#include <algorithm>

namespace obol {
namespace {

constexpr Amount nothing{};

Amount rest_of(Amount cap, Amount used) { return cap > used ? cap - used : nothing; }

}  // namespace

Amount RiskRoom::of(Amount risked) const { return std::min(in_all, rest_of(per_subject, risked)); }

RiskRoom risk_room(const AllowanceFacts& facts, bool manager) {
    const AllowanceCaps& caps =
        manager ? facts.allowance.with_manager : facts.allowance.any_till;
    if (facts.count >= caps.count) return {};
    return {std::min(rest_of(caps.per_transaction, facts.recent),
                     rest_of(caps.per_outage, facts.spent)),
            caps.per_subject};
}

RiskRoom risk_room(const AllowanceFacts& facts) { return risk_room(facts, facts.manager); }

Reason allowance_exhausted(const AllowanceFacts& facts, Amount available) {
    Reason reason = because(Code::allowance_exhausted);
    reason.available = available;
    const RiskRoom here = risk_room(facts), most = risk_room(facts, true);
    if (most.in_all > here.in_all || most.per_subject > here.per_subject) {
        reason.detail = "This is more than a till may spend at the venue's own risk; a manager may "
                        "allow more.";
        reason.wanted = {"manager"};
    }
    return reason;
}

AllowanceFacts after(AllowanceFacts facts, Amount at_risk) {
    if (at_risk == nothing) return facts;
    facts.spent += at_risk;
    facts.recent += at_risk;
    ++facts.count;
    return facts;
}

Amount most_at_risk(const Allowance& allowance, Amount spent, std::int64_t count) {
    const AllowanceCaps& caps = allowance.with_manager;
    const std::int64_t entries = std::max<std::int64_t>(caps.count - count, 0);
    Amount left = rest_of(caps.per_outage, spent);
    // So many entries of the largest kind come to less, if the product is not beyond measure.
    const Amount each = std::min(caps.per_transaction, left);
    if (entries == 0 || each == nothing) return spent;
    if (left.minor / each.minor >= entries) left = std::min(left, Amount{each.minor * entries});
    return spent + left;
}

}  // namespace obol
