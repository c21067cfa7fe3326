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
// `row` as presented; what the own journal says since then counts more. `into`: none opens a nameless
// wallet that the pass's code identifies from then on.
RedeemPlan plan_redeem(WriteTxn& txn, const Here& here, const PassRow& row, const std::optional<Wallet>& into);

// {"pocket", "lot"?, "amount", "currency"}
Words credited_in_words(const journal::Credit& credit);

}  // namespace obol::agent
