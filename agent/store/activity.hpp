#pragma once
// Private to this folder: what wallets did, by business day. Written with the entry that did it, laid
// over what the centre had counted, and forgotten when it can matter no more.

#include "agent/store/facts.hpp"
#include "sync/journal/counted.hpp"

namespace obol::agent {

// Own entry `seq` adds this to a counter; `day` "" counts over all days.
void add_own_tally(sql::Db& db, std::int64_t seq, const WalletId& wallet, const BusinessId& business,
                   const journal::Tally& tally);
// What the record of own entry `seq` counts for a limit, if anything.
void count_own(Facts& facts, const journal::Record& record, std::int64_t seq, Instant at);

// A fact of kind "activity", which includes own entries up to `as_of`; false: it cannot be read.
bool put_central_activity(sql::Db& db, std::string_view id, const journal::Map& body, std::int64_t as_of);
// The same of a snapshot on its way; own counts wait until it is in force.
bool stage_central_activity(sql::Db& db, std::string_view id, const journal::Map& body);
void forget_central_activity(sql::Db& db, std::string_view id);
// No limit asks about days as old as these.
void drop_old_activity(sql::Db& db, Instant now);

// A fact of kind "limit" is indexed by whom it bounds; false: it cannot be read.
bool index_limit(sql::Db& db, std::string_view id, const journal::Map& body);
bool stage_limit(sql::Db& db, std::string_view id, const journal::Map& body);
void forget_limit(sql::Db& db, std::string_view id);

std::optional<BusinessCalendar> calendar_of(const Business& business);

}  // namespace obol::agent
