#pragma once
// L5: an operator gives a device up. In the caller's transaction.

#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// What the device holds can be granted to others again; until its late entries account for it, it is
// exposure. Fault device_unknown | already_written_off | in_recovery.
Result<std::vector<Money>> write_off_device(Books& books, const DeviceId& device, std::string_view why,
                                            Instant now, Random& random);

// Refused on every exchange from now on; what it holds stays held until it is written off.
// Fault device_unknown | already_revoked | already_written_off.
Result<void> revoke_device(Books& books, const DeviceId& device);

}  // namespace obol::ledger
