#pragma once

#include <set>
#include <string>

#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// Locks or unlocks a pass's PIN, in the ledger's secrets and in the facts that venues see: the lock
// travels with the pass and with the nameless wallet that goes on asking for its PIN. Unlocking
// sets the count of wrong PINs to zero. Adds the businesses whose feeds have news.
void set_pin_locked(Books& books, const PassId& pass, bool locked,
                    std::set<std::string>& businesses);

}  // namespace obol::ledger
