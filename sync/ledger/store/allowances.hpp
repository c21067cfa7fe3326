#pragma once
// What venues may spend at their own risk, and what their entries say that they did.

#include <vector>

#include "sync/ledger/book/booking.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

// What the business allows its venues, or this venue instead.
Allowance allowance_of(Books& books, const VenueId& venue, const BusinessId& business);

// The business must exist.
Currency currency_of_business(Books& books, const BusinessId& business);

// Keeps what the entry spent at risk. Says where the facts that it was decided on are not those of the
// holder's chain, and where it is beyond what this ledger allows; it is booked all the same.
// `reported`: so much of the chain was booked when the holder last heard of it.
std::vector<book::Doubt> note_risk(Books& books, const HolderRow& holder, std::int64_t reported,
                                   const journal::Entry& entry, const journal::Record& record);

}  // namespace obol::ledger
