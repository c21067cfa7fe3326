#pragma once
// Reconciliation: the rows that are laid beside the ledger's, and what differed.

#include "agent/store/store.hpp"
#include "sync/uplink/position.hpp"

namespace obol::agent {

// Rows behind `after`, at most so many, at one moment of chain and feed.
uplink::Slice read_slice(Facts& facts, wire::Compared what, std::string_view after, std::size_t most);

// Each row that differs becomes an exception (once while it is open).
void note_comparison(WriteTxn& txn, const uplink::Comparison& found);

struct ComparisonNoted {
    Instant at{};
    std::int64_t different = 0;
};
std::optional<ComparisonNoted> last_comparison(Facts& facts);

}  // namespace obol::agent
