#pragma once
// POST /v1/wallets/{id}/top-ups: money paid over the counter goes into a wallet and is held here.

#include "agent/app/context.hpp"

namespace obol::agent {

struct TopUpInput {
    WalletId wallet{};
    Money amount{};                  // currency XXX: a bare number, in the wallet's currency
    std::string tender{};            // cash | card | other
    std::optional<PoolId> pool{};    // none: the business pocket
    std::string ticket{};
};
awaitable<Answer> top_up(Context& context, Caller caller, Idempotency once, TopUpInput input);

}  // namespace obol::agent
