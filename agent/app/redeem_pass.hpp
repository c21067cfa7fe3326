#pragma once
// POST /v1/passes/redeem: the pass's value goes into a wallet, at once or not at all.

#include "agent/app/acquire.hpp"
#include "agent/app/present.hpp"

namespace obol::agent {

struct RedeemInput {
    CodeAndPin pass{};
    WalletRef wallet{};
};
awaitable<Answer> redeem_pass(Context& context, Caller caller, Idempotency once, RedeemInput input);

// A pass that lies elsewhere is asked for, whole, within the time budget. Keep the result until the job
// has committed.
awaitable<Acquired> acquire_pass(Context& context, PassRow row);

}  // namespace obol::agent
