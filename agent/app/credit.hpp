#pragma once
// Money comes into a wallet: from a pass or over the counter. Runs inside a job, so it reads what it
// decides on in the same transaction.

#include <optional>
#include <string>
#include <vector>

#include "agent/app/context.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

// Where the money goes: a new lot under the pool, its validity resolved to instants now, or without a
// pool the business pocket.
journal::Credit credit_into(Facts& facts, const WalletId& wallet, const BusinessId& business, Money money,
                            const std::optional<Pool>& pool, std::string_view source, LotId new_lot, Instant now);

// Time bears on the pass, or on the lot that it becomes, and the clock is not trusted.
bool clock_stands_against(Facts& facts, const PassRow& row);

struct RedeemPlan {
    std::optional<Fault> fault{};             // not_ready: the plan's pool has not come yet
    std::vector<Reason> reasons{};            // empty: append `opened` (if any), then `record`
    std::optional<journal::WalletOpened> opened{};
    journal::PassRedeemed record{};           // receipt and terminal are still empty
    Wallet wallet{};                          // the target
};
// Whether the venue is cut off, and who asks: what may be spent at its own risk.
struct Risk {
    bool cut_off = false;
    bool manager = false;
};
Risk risk_of(const Caller& caller, bool online);
// Empty with the link up, or where the money is not in the currency of the venue's business.
AllowanceFacts allowance_for(Facts& facts, const Here& here, const WalletId& wallet, Currency currency, const Risk& risk,
                             Instant now);

// `row` as presented; what the own journal says since then counts more. `into`: none opens a nameless
// wallet that the pass's code identifies from then on.
RedeemPlan plan_redeem(WriteTxn& txn, const Here& here, const PassRow& row, const std::optional<Wallet>& into,
                       const Risk& risk);

// {"pocket", "lot"?, "amount", "currency"}
Words credited_in_words(const journal::Credit& credit);

}  // namespace obol::agent
