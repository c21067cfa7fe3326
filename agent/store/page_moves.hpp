#pragma once
// Private to this folder: pages and snapshots of the feed, as jobs within the writer's transaction.

#include "agent/store/store.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

// False, and nothing done: another generation, or not the page that follows the cursor.
bool apply_page(WriteTxn& txn, const wire::Page& page);
// Which page comes next of a snapshot on its way; empty: none is.
wire::SnapshotAsk staged_so_far(Facts& facts);
void note_staged(WriteTxn& txn, const wire::SnapshotPage& page);  // that all of it is staged
void forget_staged(WriteTxn& txn);                                // the rows stay, to be emptied
// Fact cache and balances are those that were staged whole; own entries after as_of are laid over them. False,
// and nothing done: not whole, or of another generation.
bool install_staged(WriteTxn& txn);

std::int64_t number_in_meta(Facts& facts, std::string_view key);

}  // namespace obol::agent
