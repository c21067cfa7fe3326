#pragma once
// Limits as the ledger issued them, and what wallets did by business day. In the caller's
// transaction.

#include "sync/ledger/book/limit_check.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

std::optional<Limit> current_limit(Books& books, std::string_view id);
std::optional<Limit> limit_of_version(Books& books, std::string_view id, int version);
// As it stands, with its version set; in force from `now`.
void put_limit(Books& books, const Limit& limit, Instant now);
// Those that a venue with so much of the feed must know of.
std::vector<Limit> limits_known(Books& books, const BusinessId& business, const WalletId& wallet,
                                LimitKind kind, std::int64_t as_of);
// The numbers of the feed begin anew for this business (network.cpp): its limits and counters too.
void announce_limits_again(sql::Db& db, const std::string& business);

// Adds to one counter of a wallet; `day` "" counts over all days. Venues hear of it where it
// matters.
void add_tally(Books& books, const WalletId& wallet, const BusinessId& business,
               const journal::Tally& tally);
// What the wallet did, and the limits that were in force, at `at`.
LimitFacts limit_facts(Books& books, const WalletId& wallet, const BusinessId& business,
                       LimitKind kind, Instant at);
// Counts money that came in at the centre.
void count_at_centre(Books& books, const journal::Counted& counted);
// Counts an entry and gives what came out above a limit. Before the entry is in the index of
// operations, because a purchase is taken out by its first void alone.
std::vector<book::Doubt> count_entry(Books& books, const HolderRow& holder,
                                     const journal::Entry& entry, const journal::Record& record,
                                     const journal::KnownRules& rules, std::int64_t branch);
// By a device of that business. After a restore the void may be booked before its purchase.
bool is_voided(sql::Db& db, const PurchaseId& purchase, const BusinessId& business);

// The fact "activity" of id wallet ":" business: counters of days that can still matter at `now`.
std::optional<journal::Map> activity_fact(Books& books, std::string_view id, Instant now);
std::vector<wire::Fact> activity_facts(Books& books, const BusinessId& viewer, Instant now);

}  // namespace obol::ledger
