#pragma once
// Private to this folder: pages and snapshots of the feed, as jobs within the writer's transaction.

#include "agent/store/store.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

// False, and nothing done: another generation, or not the page that follows the cursor.
bool apply_page(WriteTxn& txn, const wire::Page& page);
// Replaces fact cache and balances; own entries after as_of are laid over it again.
bool install_snapshot(WriteTxn& txn, const wire::Snapshot& snapshot);

std::int64_t number_in_meta(Facts& facts, std::string_view key);

}  // namespace obol::agent
