#pragma once
// L6 to L8: how recovery begins and ends. In the caller's transaction, but for the record of issued
// keys, which has the new generation before the caller commits.
//
// Whom recovery waits for. While a device has not said that it knows the new generation, it may hold
// what this ledger has forgotten to have granted; its chain tells, and `generation_adopted` in it says
// that nothing older will come (L7). So all are awaited whose keys were ever issued (M4), but those
// that the books themselves show as written off, revoked or quarantined: they were given nothing from
// then on, so the books forgot nothing that they hold. One that was given up only after the backup is
// awaited: what it drew in between is in its chain alone, and it will not adopt any more, as it is
// stopped. An operator may write it off (again) by accepting the ceiling (B5).

#include <optional>
#include <string>
#include <vector>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/issued_keys.hpp"

namespace obol::ledger {

// A new generation, above every one that was ever used or shown; nobody has reported it, and nothing
// is granted until it ends. Holders that are missing are put back from the record. Returns it.
std::int64_t begin_recovery(Books& books, IssuedKeys* record);

// L8: somebody has seen a later ledger than this one. It may run elsewhere; so no new generation, and
// nothing is granted until an operator restores this one.
void stop_granting(sql::Db& db, std::int64_t generation_seen);
bool later_ledger_seen(sql::Db& db);

// Would it be news that this holder knows more than the ledger? Not while it is awaited, nor of one
// that was not waited for.
bool is_news(sql::Db& db, const DeviceId& h);

bool is_awaited(sql::Db& db, const DeviceId& h);
// It is awaited no more, as it adopted this ledger's generation, or was written off. True: recovery is
// over by it.
bool has_adopted(sql::Db& db, const DeviceId& h);
bool give_up(sql::Db& db, const DeviceId& h);

struct Awaited {
    DeviceId h;
    std::string name, venue, status, listed;
    std::optional<Instant> last_seen;
};
std::vector<Awaited> awaited(sql::Db& db);

// B5: what a holder may have drawn of what the ledger forgot: all that it could have asked for, per
// currency. Beyond what the books show as held.
std::vector<Money> ceiling_of(sql::Db& db, const HolderRow& row);

}  // namespace obol::ledger
