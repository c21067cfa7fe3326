#pragma once
// POST /v1/passes/unlock: a manager lets a pass be tried again after three wrong PINs; journaled.

#include "agent/app/context.hpp"

namespace obol::agent {

struct UnlockInput {
    std::string code{};
    std::string reason{};
};
awaitable<Answer> unlock_pass(Context& context, Caller caller, Idempotency once, UnlockInput input);

}  // namespace obol::agent
