#pragma once
// Reconciliation, from the device's side: walks its rows in slices beside the ledger's.

#include "sync/uplink/ports.hpp"

namespace obol::uplink {

// All rows of both kinds, one slice after the other; the till works on meanwhile. Fault busy: what is
// held moved under every look; faults of the exchange.
awaitable<Result<Comparison>> compare_all(Store& store, Ledger& ledger);

}  // namespace obol::uplink
