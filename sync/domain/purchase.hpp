#pragma once
// What a basket is paid with. Facts in, decision with reasons out; the till decides with it and the
// ledger replays it.

#include <optional>
#include <string>
#include <vector>

#include "sync/domain/allocation.hpp"
#include "sync/domain/allowance.hpp"
#include "sync/domain/basket.hpp"
#include "sync/domain/limit.hpp"
#include "sync/domain/offer.hpp"
#include "sync/domain/pool.hpp"
#include "sync/domain/reason.hpp"
#include "sync/domain/subject.hpp"
#include "sync/domain/wallet.hpp"

namespace obol {

inline constexpr std::string_view allocation_policy = "earliest-expiry-first/1";

enum class SpendMode { max, amount, full, none };
std::string_view name_of(SpendMode mode);
std::optional<SpendMode> spend_mode_named(std::string_view name);

struct SpendRequest {
    SpendMode mode = SpendMode::max;
    Amount amount{};  // with SpendMode::amount alone, > 0
    std::vector<Pocket> pockets{Pocket::commerce, Pocket::business};  // distinct
    bool operator==(const SpendRequest&) const = default;
};

struct LotFacts {
    Lot lot;
    Funds funds;
    std::string from_pass{};  // a pass redeemed within this very purchase (in a quote: lot "pass:ID")
    bool operator==(const LotFacts&) const = default;
};

struct PurchaseFacts {
    Place place;
    std::string zone;          // the venue's
    std::string zone_version;  // of the time-zone database used
    Instant now;
    bool clock_trusted = true;
    Basket basket;
    std::vector<LotFacts> lots{};  // of this wallet, any order, businesses whose pools may apply here
    std::vector<Pool> pools{};     // the version each lot was judged by; one per pool id
    Funds business{};              // business pocket at place.business
    Funds personal{};
    std::vector<OfferFacts> offers{};     // claimed by a code, or automatic; one per offer id; at most most_offers
    std::vector<std::string> segments{};  // of the wallet's contact
    LimitFacts limits{};           // of debits, for this wallet at place.business
    AllowanceFacts allowance{};    // empty: only what is held is spent
    bool operator==(const PurchaseFacts&) const = default;
};

// What offers are judged by; refers to the facts.
OfferScene scene_of(const PurchaseFacts& facts);

struct LineShare {
    LineId line;
    Amount amount{};
    bool operator==(const LineShare&) const = default;
};

struct PaidFrom {  // one member of `allocations`
    Pocket pocket = Pocket::commerce;
    LotId lot{};         // commerce alone
    PoolId pool{};       // commerce alone
    int pool_version = 0;
    Amount amount{};
    std::vector<LineShare> lines{};
    Amount at_risk{};    // of the amount: spent without authority
    bool operator==(const PaidFrom&) const = default;
};

struct RefusedLot {
    LotId lot;
    PoolId pool;
    Amount amount{};  // what it has and did not pay
    std::vector<Reason> reasons{};
    bool operator==(const RefusedLot&) const = default;
};

struct PurchaseDecision {
    bool accepted = true;
    // Why not accepted, sorted; of an accepted one, why a limit let it spend less than it could.
    std::vector<Reason> reasons{};
    Amount basket_total{}, spent{}, due{};
    std::vector<PaidFrom> allocations{};  // commerce lots in policy order, then business, then personal
    std::vector<RefusedLot> refused{};
    std::vector<Award> awards{};  // in the order of the offers
    std::string policy{allocation_policy};
    bool operator==(const PurchaseDecision&) const = default;

    Amount at_risk() const;  // of what is spent
};

// Decides with what is held, and where an allowance is in force and that does not do, with what of
// the shown rest may be spent at risk: own pockets and lots of the venue's business, never uses of
// offers nor another business's lots. Where more is shown than held, the shortfall appears as
// authority_elsewhere (on the lot, or on the whole when mode amount/full cannot be met for want of it).
// An offer that a code claims and that is not met refuses the whole; an automatic one is then passed over.
// What instant awards are worth pays among the lots, under the conditions of its pool.
// A limit lowers what mode max takes, and says so; one that leaves nothing refuses every purchase
// that would take something, since a till that is told 0 would think the wallet empty.
PurchaseDecision decide_purchase(const PurchaseFacts& facts, const SpendRequest& request);

struct Want {
    Subject subject;
    Amount amount{};
    bool count = false;  // of uses, in XXX, not of money
    bool operator==(const Want&) const = default;
};
// What more authority would let this request spend what is shown: what the same decision with shown
// instead of held pays from each subject, less what is held; and the uses of offers that it would take.
// Empty: deciding now loses nothing.
std::vector<Want> authority_wanted(const PurchaseFacts& facts, const SpendRequest& request,
                                   const WalletId& wallet);

// The policy's order of lots: earliest expiry, most restricted, oldest credit, id. An instant award of
// this purchase stands before lots that expire and are restricted as it is.
bool comes_before(const Lot& a, const Pool& pool_a, const Lot& b, const Pool& pool_b);

// What the basket left of an instant award: it goes on into the business pocket.
Amount left_of(const Award& award, const std::vector<PaidFrom>& allocations);

}  // namespace obol
