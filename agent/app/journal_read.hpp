#pragma once
// The journal read from end to end of a span, for reports: in small turns, so that no till waits for one.

#include <functional>

#include "agent/app/context.hpp"

namespace obol::agent {

using SeeRecord = std::function<void(std::int64_t seq, const journal::Entry& entry, const journal::Record& record)>;

// Shows entries from `next` on, at most so many and up to `upto`; `next` is then the first that was not shown.
// Entries of kinds that this program does not know are passed over.
void read_records(Facts& facts, std::int64_t& next, std::int64_t upto, std::size_t most, const SeeRecord& see);
// All of them, and in between the loop is left to others.
awaitable<void> read_in_turns(Context& context, std::int64_t& next, std::int64_t upto, SeeRecord see);
// The first entry that was written at `from` or later, else the one after the last. Journal time never runs backwards.
std::int64_t first_entry_since(Facts& facts, Instant from);

}  // namespace obol::agent
