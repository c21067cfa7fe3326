#pragma once
// POST /v1/wallets/lookup and GET /v1/wallets/{id}.

#include "agent/app/present.hpp"

namespace obol::agent {

awaitable<Answer> lookup_wallet(Context& context, Caller caller, WalletRef ref);

}  // namespace obol::agent
