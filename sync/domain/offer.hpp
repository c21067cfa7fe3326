#pragma once
// Offers: what a purchase must be for a reward, and what the reward is. Facts in, reasons and amounts
// out; the till awards by these functions and the ledger replays them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/domain/conditions.hpp"
#include "sync/domain/reason.hpp"
#include "sync/domain/validity.hpp"
#include "sync/domain/wallet.hpp"

namespace obol {

// Who brings an offer to a purchase: nobody, a pass of a promotion plan that names it, or its own code.
enum class Claim { automatic, passes, code };
std::string_view name_of(Claim claim);
std::optional<Claim> claim_named(std::string_view name);

inline constexpr std::size_t most_offers = 100;  // that one purchase is judged by
inline constexpr int whole_in_basis_points = 10'000;

struct Reward {
    int basis_points = 0;         // of the positive lines that match; 0: the fixed amount
    Amount amount{};              // with basis_points 0 alone
    std::optional<Amount> cap{};  // at most this much
    bool operator==(const Reward&) const = default;
};

struct Offer {
    OfferId id;
    BusinessId business;
    std::string name;
    int version = 1;
    Currency currency;  // of its amounts: that of the business
    Claim claim = Claim::automatic;
    // What a purchase must meet, all of it; an empty kind asks for nothing.
    Span valid{};
    std::vector<TimeWindow> time{};
    std::vector<VenueId> venues{};
    std::vector<BusinessId> businesses{};
    std::vector<std::string> segments{};  // the contact is in one of them
    std::vector<std::string> brands{}, families{}, skus{}, types{};
    Amount least_spend{};                 // over the positive lines that match
    // What it gives.
    Reward reward{};
    PoolId pool;           // conditions of the lot that is credited
    bool instant = false;  // counts as redeemed: pays on this very purchase, the rest is open money
    std::optional<std::int64_t> uses{};     // of all contacts together
    std::optional<int> uses_per_contact{};  // of a nameless wallet: of that wallet
    bool operator==(const Offer&) const = default;

    bool restricts_time() const { return !time.empty(); }
    bool restricts_location() const { return !venues.empty() || !businesses.empty(); }
    bool restricts_product() const {
        return !brands.empty() || !families.empty() || !skus.empty() || !types.empty();
    }
};

// One offer as it stands before a purchase.
struct OfferFacts {
    Offer offer;
    PassId pass{};                     // with Claim::passes: the pass that claims it
    Funds uses{};                      // with a cap: what is left of it, and the part held here
    std::int64_t uses_by_contact = 0;  // with uses_per_contact: so far
    Lot lot;                           // what an award is credited as
    bool operator==(const OfferFacts&) const = default;
};

// The rest of what an offer is judged by; refers to the caller's facts.
struct OfferScene {
    const Basket& basket;
    const Place& place;
    const std::string& zone;  // the venue's
    Instant now;
    bool clock_trusted;
    const std::vector<std::string>& segments;
};

// Which uses count: those that this venue holds, or all that are known to be left (what it could ask for).
enum class Uses { held, shown };

// Empty: the purchase is awarded. offer_not_met for each criterion at fault, with what was met and
// wanted; offer_used_up; authority_elsewhere where uses are left, but not here.
std::vector<Reason> judge_offer(const OfferFacts& facts, const OfferScene& scene, Uses uses);

// What matches, positive lines alone.
Amount matching_total(const Offer& offer, const Basket& basket);
// A percentage rounds down to the minor unit. `matching` >= 0.
Amount award_of(const Reward& reward, Amount matching);

struct Award {
    OfferId offer;
    int version = 1;
    Amount amount{};
    bool instant = false;
    bool counted = false;  // took one of the offer's uses
    PassId pass{};         // that was redeemed for it
    Lot lot;               // credited; an instant one ends at zero with its purchase
    bool operator==(const Award&) const = default;
};
Award award_by(const OfferFacts& facts, const Basket& basket);

// What happens to an award when goods come back: only what is unspent of it goes, or what the wallet
// has at the business in its stead, or all of it, where need be as a claim on the wallet.
enum class AwardUndo { unspent, within_balance, below_zero };
std::string_view name_of(AwardUndo policy);
std::optional<AwardUndo> award_undo_named(std::string_view name);

}  // namespace obol
