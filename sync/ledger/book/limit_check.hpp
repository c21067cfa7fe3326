#pragma once
// What is true of a limit once an entry is counted. The till judged by what it knew; an entry that
// comes out above a limit all the same has happened, so it is booked, and somebody has to look.
// Pure.

#include <vector>

#include "sync/journal/counted.hpp"
#include "sync/ledger/book/booking.hpp"

namespace obol::ledger::book {

// `facts` with the entry counted in, of the periods in which it happened.
std::vector<Doubt> limit_doubts(const LimitFacts& facts, const journal::Counted& counted,
                                std::string_view day);

}  // namespace obol::ledger::book
