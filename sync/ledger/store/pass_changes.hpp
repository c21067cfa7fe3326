#pragma once
// What an operator may change of one pass. In the caller's transaction.

#include "sync/ledger/store/passes.hpp"

namespace obol::ledger {

struct PassPatch {
    std::optional<PassState> state{};  // active | blocked | cancelled
    std::optional<bool> pin_locked{};  // false besides forgets the wrong tries
    std::optional<Instant> redeem_by{};
    std::optional<Amount> value{};
    std::optional<Secret> pin{};
    std::map<std::string, std::optional<std::string>, std::less<>> fields{};  // nullopt: as the plan has it
};

// Money and rights are taken from the centre alone: what a venue holds has to come back first (recall).
// Fault pass_unknown | pass_draft | pass_blocked | pass_redeemed | pass_expired | pass_cancelled |
// authority_elsewhere | below_minimum | above_maximum | pin_not_used.
Result<void> change_pass(Books& books, const SecretKeys& keys, const PassId& pass, const PassPatch& patch,
                         const std::string& source, Instant now, Random& random);

}  // namespace obol::ledger
