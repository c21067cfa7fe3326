#pragma once

#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// The most money that could be lost if every doubtful thing went wrong now (per currency, zero too),
// and what venues hold, which is no exposure: nobody else can spend it.
Words exposure_in_words(Books& books);

// Every figure that an agent can compare with its own, of one moment: per device the booked head, per
// wallet and lot value, centre and held, per account its total; and where the books contradict
// themselves (I2, double entry).
Words reconciliation_in_words(Books& books, Instant now);

}  // namespace obol::ledger
