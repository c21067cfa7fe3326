#pragma once
// L5: an operator gives a device up. In the caller's transaction.

#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// What the device holds can be granted to others again; until its late entries account for it, it is
// exposure. In recovery (B5) one that is awaited may hold more than the books know: `accepted` must
// cover ceiling_of it, per currency, and is exposure until somebody closes its exception. Fault
// device_unknown | already_written_off | in_recovery.
Result<std::vector<Money>> write_off_device(Books& books, const DeviceId& device, std::string_view why,
                                            Instant now, Random& random,
                                            const std::optional<std::vector<Money>>& accepted = std::nullopt);

// Refused on every exchange from now on; what it holds stays held until it is written off, and what it
// has not told may be handed in by another device of its venue. Fault device_unknown | already_revoked.
Result<void> revoke_device(Books& books, const DeviceId& device);

}  // namespace obol::ledger
