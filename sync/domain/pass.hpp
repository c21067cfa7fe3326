#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/allowance.hpp"
#include "sync/domain/code.hpp"
#include "sync/domain/money.hpp"
#include "sync/domain/reason.hpp"
#include "sync/domain/validity.hpp"
#include "sync/domain/wallet.hpp"

namespace obol {

enum class PassType { gift, topup, promotion };
enum class PassState { draft, active, redeemed, expired, cancelled, blocked };
std::string_view name_of(PassType type);
std::string_view name_of(PassState state);
std::optional<PassType> pass_type_named(std::string_view name);
std::optional<PassState> pass_state_named(std::string_view name);

// A plan in draft may still change. Active comes first: what an import brings has no state.
enum class PlanState { active, draft };
std::string_view name_of(PlanState state);
std::optional<PlanState> plan_state_named(std::string_view name);

// What a business notes of its own accord; no rule looks at it.
using Fields = std::map<std::string, std::string, std::less<>>;

struct RedeemBy {  // exactly one is set, or none: always
    std::optional<Period> period{};
    std::optional<LocalDate> date{};
    bool operator==(const RedeemBy&) const = default;
};

struct Plan {
    PlanId id;
    BusinessId business;
    std::string name;
    PassType type = PassType::gift;
    bool printed = true;
    bool sold = true;  // false: given away, active at once
    Currency currency;
    Amount value_min{}, value_max{};  // equal: fixed
    RedeemBy redeem_by{};
    CodeFormat code{};
    bool pin = false;
    std::optional<PoolId> pool{};       // none: the money goes into the business pocket
    std::optional<bool> offline{};      // unset: by entropy
    std::optional<OfferId> offer{};     // of a promotion plan alone: what its passes claim
    PlanState state = PlanState::active;
    int count = 0;                      // passes that there may be; 0: as many as are asked for
    Fields fields{};                    // its passes inherit them
    bool operator==(const Plan&) const = default;

    bool fixed_value() const { return value_min == value_max; }
    bool usable_offline() const;  // offline.value_or(entropy_bits(code) >= 64)
};

struct Pass {
    PassId id;
    PlanId plan;
    PassState state = PassState::draft;
    Amount value{};                       // of a draft with a variable value: 0 until sold
    std::optional<Instant> redeem_by{};   // first instant that is too late
    VenueId venue{};                      // where it is held; empty: at the centre
    std::string display{};
    std::optional<Instant> redeemed_at{};
    VenueId redeemed_venue{};
    bool operator==(const Pass&) const = default;
};

// What the clock makes of the stored state: a draft or active pass past its redeem-by has expired.
// Blocked stays blocked, because that is what has to be cleared up first.
PassState state_at(const Pass& pass, Instant now);
// Does the clock bear on it? Redeeming, selling or giving away such a pass needs one that is trusted.
bool bound_in_time(const Pass& pass, const Plan& plan);
// The plan's fields, and over them the pass's own.
Fields inherited(const Plan& plan, const Fields& own);

inline constexpr int most_pin_tries = 3;

enum class PinState { none, required, locked };
std::string_view name_of(PinState state);

struct PinCheck {  // what the verifier found
    bool given = false;
    bool right = false;
    int wrong = 0;  // tries in a row wherever they were made, with this one if it was wrong
    bool locked = false;
};
// pass_locked, pin_required or pin_incorrect (attempts_left); nullopt: go on.
std::optional<Reason> judge_pin(const Plan& plan, const PinCheck& pin);

struct RedeemFacts {
    Pass pass;
    Plan plan;
    BusinessId business;              // of the venue
    Instant now;
    bool promotion_allowed = false;
    std::optional<Wallet> wallet{};   // target; none with new_wallet: a nameless one is opened
    bool new_wallet = false;
    Amount held{};                    // authority over the pass here
    AllowanceFacts allowance{};       // for money of the pass's currency
};
// Its whole value, where the pass is redeemed without authority; a pass is never divided.
Amount at_risk(const RedeemFacts& facts);
// pass_not_yet_valid never comes from here: neither plan nor pass has a start.
// Every reason that holds from pass_draft on, sorted. Empty: redeemable (into that wallet, if given).
// authority_elsewhere when held < value, unless an allowance covers the whole value. A pass with a PIN
// is redeemed with authority alone: else each venue that is cut off would allow tries of its own.
std::vector<Reason> judge_redeem(const RedeemFacts& facts);
// The part of judge_redeem that looks at pass and plan alone (POST /v1/passes/check).
std::vector<Reason> judge_state(const Pass& pass, const Plan& plan, const BusinessId& business, Instant now);

struct PromotionFacts {
    Pass pass;
    Plan plan;
    BusinessId business;  // of the venue
    Instant now;
    Amount held{};        // authority over the pass here: 1 or nothing
};
// Why a code presented with a purchase is no promotion, or one that cannot be used now; sorted. What
// its offer asks for is judge_offer's question.
std::vector<Reason> judge_promotion(const PromotionFacts& facts);

// Selling a printed draft: pass_already_active | pass_blocked | pass_cancelled | pass_redeemed |
// pass_expired | wrong_business | below_minimum | above_maximum (amount outside min..max).
std::vector<Reason> judge_activate(const Pass& pass, const Plan& plan, const BusinessId& business,
                                   std::optional<Amount> amount, Instant now);

std::optional<Instant> redeem_by_of(const Plan& plan, Instant issued_at, const Zone& business_zone);

}  // namespace obol
