#pragma once
// Who has the authority over a subject: the centre and each venue.

#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// {"amount", "centre", "held": [{"venue", "device", "amount"}]}
Words subject_in_words(Books& books, const Subject& subject);

}  // namespace obol::ledger
