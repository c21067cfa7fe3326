#pragma once
// What venues know of the devices of their business: whose key signed a receipt. A device that was revoked or
// written off stays known, since its receipts stay genuine; its state says what became of it.

#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// After each change of a device's standing. In the caller's transaction.
void tell_device(Books& books, const DeviceId& device);
// What venues were not told yet: after a recovery, and at the start over books that were made before there was
// such a fact. True: there was something.
bool tell_devices(Books& books);

}  // namespace obol::ledger
