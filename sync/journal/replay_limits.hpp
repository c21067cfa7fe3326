#pragma once
// Private to this folder: the limits that an entry states against those that the ledger issued.

#include "sync/journal/replay.hpp"

namespace obol::journal {

// What a venue was told to keep must be among the facts, and nothing else. What it had counted is
// believed: the truth about that is the centre's (sync/ledger/book/limit_check.hpp).
void check_limits(std::vector<Mismatch>& found, const std::string& where, const LimitFacts& facts,
                  const BusinessId& business, const WalletId& wallet, LimitKind kind,
                  const KnownRules& known);

// The same of money that comes in, which is all or nothing.
void check_credit_limits(std::vector<Mismatch>& found, const LimitFacts& facts,
                         const Credit& credit, LimitKind kind, const KnownRules& known);

}  // namespace obol::journal
