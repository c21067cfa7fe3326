#pragma once
// How a basket is paid, decided from one snapshot of what is known and held: what a quote shows and what
// a purchase commits. The same function does both, so that a quote is kept unless something changed.

#include <functional>
#include <string>
#include <vector>

#include "agent/app/acquire.hpp"
#include "agent/app/credit.hpp"
#include "agent/app/tender.hpp"

namespace obol::agent {

// A pass that can be redeemed, and what that credits.
struct PassCredit {
    PassRow row{};
    journal::Credit credit{};
    std::optional<Pool> pool{};  // the version that the lot's validity was resolved by
    LimitFacts limits{};         // with the passes before it counted in
    Amount at_risk{};            // its whole value, where it is redeemed without authority
    AllowanceFacts allowance{};  // then, with the passes before it counted in
};

struct Settlement {
    Wallet wallet{};
    bool fresh_wallet = false;           // opened by this purchase
    std::vector<PassCredit> credits{};   // of the passes, when all of them can be redeemed
    PurchaseFacts facts{};               // as they are after the passes were redeemed
    PurchaseDecision decision{};         // refused if a pass, a promotion or the wallet is
    std::vector<Want> wants{};           // authority that would let it spend what it knows of
};

// Names the lot that a pass or an award becomes: in a quote as it is given ("pass:ID", "award:OFFER"), in
// a purchase a fresh id.
using NameLot = std::function<LotId(std::string what)>;

struct SettleAt {
    Instant now;
    WalletId fresh_wallet;  // the id of a wallet that is opened
    NameLot name_lot;
    Risk risk{};
};

// Fault not_ready: the venue's own facts, or those of a pass, have not come yet.
Result<Settlement> settle(Facts& facts, const Here& here, const Tender& tender,
                          const PurchaseOrder& order, const SettleAt& at);

// The same on the loop's connection, with names that do for a quote.
Result<Settlement> settle_for_quote(Facts& facts, const Here& here, const Tender& tender,
                                    const PurchaseOrder& order, Instant now, const Risk& risk = {});

// Asks for the authority that the settlement lacks, within the time budget. Whoever decides after it
// loads its facts again, and keeps `acquired` until that is committed.
struct Gathered {
    bool online = false;
    std::vector<Acquired> acquired{};
};
awaitable<Gathered> acquire_for(Context& context, const Tender& tender, const PurchaseOrder& order);

}  // namespace obol::agent
