#pragma once
// What a venue reads: pages of changes and the whole at one cursor. Call within one read
// transaction, so that facts, balances, cursor and as_of are of one moment. Nothing here ever
// carries `held`.

#include "sync/ledger/store/answers.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

inline constexpr int most_changes_a_page = 500;

// Facts and balances changed after `cursor`, as of page.now; `to`, `more` and `as_of` set.
void read_changes(Books& books, const HolderRow& holder, std::int64_t cursor, wire::Page& page);
wire::Snapshot read_snapshot(Books& books, const HolderRow& holder, Instant now);
// Short and opaque: differs when recalls, grants, placement, status or generation do.
std::string news_of(const wire::Page& page);

}  // namespace obol::ledger
