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

// Wrong tries in a row, wherever they were made. At three the pass locks. The venues see the count, so
// that whoever gets the authority goes on counting where the last one stopped.
void set_wrong_pins(Books& books, const PassId& pass, int wrong, std::set<std::string>& businesses);
// As a venue tells them: so many more, or none any more (0).
void add_wrong_pins(Books& books, const PassId& pass, int more, std::set<std::string>& businesses);
// A try at the centre stands in the secrets before the comparison; the venues see it when it was wrong.
void tell_wrong_pins(Books& books, const PassId& pass, std::set<std::string>& businesses);

}  // namespace obol::ledger
