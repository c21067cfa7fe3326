#include "sync/domain/pass.hpp"

#include <array>

#include "sync/core/ensure.hpp"

namespace obol {
namespace {

constexpr std::array types{PassType::gift, PassType::topup, PassType::promotion};
constexpr std::array states{PassState::draft,   PassState::active,    PassState::redeemed,
                            PassState::expired, PassState::cancelled, PassState::blocked};

constexpr Amount one_use{1};
bool is_late(const Pass& pass, Instant now) { return pass.redeem_by && now >= *pass.redeem_by; }

// The time runs against a pass until it is spent or called off.
bool has_expired(const Pass& pass, Instant now) {
    switch (pass.state) {
        case PassState::redeemed:
        case PassState::cancelled:
            return false;
        case PassState::expired:
            return true;
        case PassState::draft:
        case PassState::active:
        case PassState::blocked:
            return is_late(pass, now);
    }
    ENSURE(false);
}

Reason redeemed(const Pass& pass) {
    Reason reason = because(Code::pass_redeemed);
    reason.moment = pass.redeemed_at;
    reason.venue = pass.redeemed_venue.text;
    return reason;
}

Reason expired(const Pass& pass) {
    Reason reason = because(Code::pass_expired);
    reason.moment = pass.redeem_by;
    return reason;
}

// What stands in the way for good or until the centre changes it: blocked, cancelled, spent, too
// late, another business's. Draft and active are judged by the caller, who wants the one or the
// other.
std::vector<Reason> standing_reasons(const Pass& pass, const Plan& plan, const BusinessId& business,
                                     Instant now) {
    std::vector<Reason> reasons;
    if (pass.state == PassState::blocked) reasons.push_back(because(Code::pass_blocked));
    if (pass.state == PassState::cancelled) reasons.push_back(because(Code::pass_cancelled));
    if (pass.state == PassState::redeemed) reasons.push_back(redeemed(pass));
    if (has_expired(pass, now)) reasons.push_back(expired(pass));
    if (plan.business != business) reasons.push_back(because(Code::wrong_business));
    return reasons;
}

std::vector<Reason> state_reasons(const Pass& pass, const Plan& plan, const BusinessId& business,
                                  Instant now, bool promotion_allowed) {
    std::vector<Reason> reasons = standing_reasons(pass, plan, business, now);
    if (pass.state == PassState::draft) reasons.push_back(because(Code::pass_draft));
    if (plan.type == PassType::promotion && !promotion_allowed) {
        reasons.push_back(because(Code::promotion_needs_purchase));
    }
    return reasons;
}

Reason outside_of_plan(Code code, Amount bound, const Plan& plan) {
    Reason reason = because(code);
    reason.detail = "The plan sells passes of " +
                    std::string{code == Code::below_minimum ? "at least " : "at most "} +
                    to_decimal(bound, plan.currency) + " " + std::string{plan.currency.code()} +
                    ".";
    return reason;
}

std::vector<Reason> reasons_of_risk(const RedeemFacts& facts) {
    const Amount wanted = at_risk(facts);
    if (wanted == Amount{}) return {};
    std::vector<Reason> reasons{because(Code::authority_elsewhere)};
    if (facts.plan.pin || !facts.allowance.in_force()) return reasons;
    const Amount room = risk_room(facts.allowance).of(Amount{});
    if (wanted <= room) return {};
    reasons.push_back(allowance_exhausted(facts.allowance, room));
    return reasons;
}

}  // namespace

std::string_view name_of(PassType type) {
    switch (type) {
        case PassType::gift:
            return "gift";
        case PassType::topup:
            return "topup";
        case PassType::promotion:
            return "promotion";
    }
    ENSURE(false);
}

std::string_view name_of(PassState state) {
    switch (state) {
        case PassState::draft:
            return "draft";
        case PassState::active:
            return "active";
        case PassState::redeemed:
            return "redeemed";
        case PassState::expired:
            return "expired";
        case PassState::cancelled:
            return "cancelled";
        case PassState::blocked:
            return "blocked";
    }
    ENSURE(false);
}

std::string_view name_of(PlanState state) {
    return state == PlanState::active ? "active" : "draft";
}

std::optional<PlanState> plan_state_named(std::string_view name) {
    for (const PlanState state : {PlanState::active, PlanState::draft}) {
        if (name_of(state) == name) return state;
    }
    return std::nullopt;
}

std::string_view name_of(PinState state) {
    switch (state) {
        case PinState::none:
            return "none";
        case PinState::required:
            return "required";
        case PinState::locked:
            return "locked";
    }
    ENSURE(false);
}

std::optional<PassType> pass_type_named(std::string_view name) {
    for (const PassType type : types) {
        if (name_of(type) == name) return type;
    }
    return std::nullopt;
}

std::optional<PassState> pass_state_named(std::string_view name) {
    for (const PassState state : states) {
        if (name_of(state) == name) return state;
    }
    return std::nullopt;
}

bool Plan::usable_offline() const { return offline.value_or(entropy_bits(code) >= 64); }

PassState state_at(const Pass& pass, Instant now) {
    const bool runs = pass.state == PassState::draft || pass.state == PassState::active;
    return runs && is_late(pass, now) ? PassState::expired : pass.state;
}

bool bound_in_time(const Pass& pass, const Plan& plan) {
    return pass.redeem_by.has_value() || plan.redeem_by != RedeemBy{};
}

Fields inherited(const Plan& plan, const Fields& own) {
    Fields fields = own;
    fields.insert(plan.fields.begin(), plan.fields.end());
    return fields;
}

std::optional<Reason> judge_pin(const Plan& plan, const PinCheck& pin) {
    // A PIN that comes with a pass which has none is ignored: there is nothing to compare it with.
    if (!plan.pin) return std::nullopt;
    const bool right = pin.given && pin.right;
    if (pin.locked || (!right && pin.wrong >= most_pin_tries)) return because(Code::pass_locked);
    if (!pin.given) return because(Code::pin_required);
    if (right) return std::nullopt;
    Reason reason = because(Code::pin_incorrect);
    reason.attempts_left = most_pin_tries - pin.wrong;
    return reason;
}

Amount at_risk(const RedeemFacts& facts) {
    return facts.held < facts.pass.value ? facts.pass.value : Amount{};
}

std::vector<Reason> judge_redeem(const RedeemFacts& facts) {
    std::vector<Reason> reasons =
        state_reasons(facts.pass, facts.plan, facts.business, facts.now, facts.promotion_allowed);

    const bool existing_and_named = facts.wallet && facts.wallet->contact && !facts.new_wallet;
    if (facts.plan.type == PassType::topup && !existing_and_named) {
        reasons.push_back(because(Code::wallet_required));
    }
    if (facts.wallet && facts.wallet->currency != facts.plan.currency) {
        Reason reason = because(Code::wrong_currency);
        reason.detail = "The pass is in " + std::string{facts.plan.currency.code()} +
                        ", the wallet in " + std::string{facts.wallet->currency.code()} + ".";
        reasons.push_back(reason);
    }
    if (facts.wallet && facts.wallet->blocked) reasons.push_back(because(Code::wallet_blocked));
    // Only an active pass has authority to hold; of any other the state is what matters.
    if (facts.pass.state == PassState::active) {
        std::vector<Reason> more = reasons_of_risk(facts);
        reasons.insert(reasons.end(), more.begin(), more.end());
    }
    sort_by_precedence(reasons);
    return reasons;
}

std::vector<Reason> judge_state(const Pass& pass, const Plan& plan, const BusinessId& business,
                                Instant now) {
    std::vector<Reason> reasons = state_reasons(pass, plan, business, now, false);
    sort_by_precedence(reasons);
    return reasons;
}

std::vector<Reason> judge_promotion(const PromotionFacts& facts) {
    if (facts.plan.type != PassType::promotion) return {because(Code::not_a_promotion)};
    std::vector<Reason> reasons =
        state_reasons(facts.pass, facts.plan, facts.business, facts.now, true);
    if (!facts.plan.offer) reasons.push_back(because(Code::offer_not_met));
    if (facts.pass.state == PassState::active && facts.held < one_use) {
        reasons.push_back(because(Code::authority_elsewhere));
    }
    sort_by_precedence(reasons);
    return reasons;
}

std::vector<Reason> judge_activate(const Pass& pass, const Plan& plan, const BusinessId& business,
                                   std::optional<Amount> amount, Instant now) {
    std::vector<Reason> reasons = standing_reasons(pass, plan, business, now);
    if (pass.state == PassState::active) reasons.push_back(because(Code::pass_already_active));

    // The amount may be left out only where the plan fixes it.
    const Amount sold_for = amount ? *amount : plan.fixed_value() ? plan.value_min : Amount{};
    if (sold_for < plan.value_min || sold_for <= Amount{}) {
        reasons.push_back(outside_of_plan(Code::below_minimum, plan.value_min, plan));
    }
    if (sold_for > plan.value_max) {
        reasons.push_back(outside_of_plan(Code::above_maximum, plan.value_max, plan));
    }
    sort_by_precedence(reasons);
    return reasons;
}

std::optional<Instant> redeem_by_of(const Plan& plan, Instant issued_at,
                                    const Zone& business_zone) {
    Validity validity;
    validity.period = plan.redeem_by.period;
    if (plan.redeem_by.date) validity.until = Boundary{.date = plan.redeem_by.date};
    return resolve(validity, issued_at, business_zone).until;
}

}  // namespace obol
