#pragma once
// Reconciliation with one device: its rows beside ours, slice by slice. In the caller's transaction.

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/wire/messages_compare.hpp"

namespace obol::ledger {

// Looks, raises `reconciliation_difference` for each row that differs (once while it is open), and
// notes how the comparison stands.
wire::CompareAnswer compare_slice(Books& books, const HolderRow& holder, const wire::CompareAsk& ask,
                                  Instant now, Random& random);

struct ComparisonState {
    std::optional<Instant> at{};  // of the last that came to its end
    std::int64_t different = 0;
};
ComparisonState comparison_with(sql::Db& db, const DeviceId& h, wire::Compared what);

}  // namespace obol::ledger
