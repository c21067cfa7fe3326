#pragma once
// Private to this folder: what the agent gives back and takes in, as jobs within the writer's transaction.

#include <set>

#include "agent/store/in_use.hpp"
#include "agent/store/store.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

// Takes the grants of open asks in; others are ignored.
void take_grants(WriteTxn& txn, const std::vector<wire::Grant>& grants);

// Returns min(held, wanted) of each in ONE entry. What was returned after `as_of` counts as done: the
// centre did not know of it when it recalled. Gives back the recalls that met a subject in use.
std::vector<wire::Recall> return_recalled(WriteTxn& txn, const std::vector<wire::Recall>& recalls,
                                          std::int64_t as_of, const InUse& in_use);

// Is there anything for the two below to do? Asked by the reader first, since a write on a full disk would
// take the reserve for nothing.
bool anything_due(Facts& facts, Instant now, Millis idle_return);

// One authority_returned entry; nothing where there are no lines.
void append_returns(WriteTxn& txn, std::string why, std::vector<journal::AuthorityLine> lines);

// What is away from home and was last used before `since`; and what has ended. Uses of offers: use_stock.hpp.
void return_unused(WriteTxn& txn, Instant since, const InUse& in_use);

// Explicit asks that nobody waits for any more.
void give_up_asks(WriteTxn& txn, Instant since, const std::set<std::int64_t>& waited_for);

}  // namespace obol::agent
