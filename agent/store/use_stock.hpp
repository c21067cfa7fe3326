#pragma once
// Uses of capped offers that this till keeps ready, so that it can go on awarding when the link is down.

#include "agent/store/in_use.hpp"
#include "agent/store/store.hpp"

namespace obol::agent {

// Of an own purchase that took a use.
void note_use(sql::Db& db, const OfferId& offer, Instant when);
// Is there anything to give back, or to ask for? `since`: what was not used after it is idle.
bool idle_uses(Facts& facts, Instant now, Instant since);
bool uses_lacking(Facts& facts, Instant now);
// What is idle and more than is kept.
void return_idle_uses(WriteTxn& txn, Instant since, const InUse& in_use);
// One ask for all that is lacking.
void ask_for_uses(WriteTxn& txn, const InUse& in_use);

}  // namespace obol::agent
