#pragma once
// POST /v1/passes/activate sells a printed draft; POST /v1/activations/{id}/void takes that sale back, or
// that of an electronic pass, while the pass is not redeemed.

#include "agent/app/present.hpp"

namespace obol::agent {

struct ActivateInput {
    std::string code{};
    std::optional<Money> amount{};   // currency XXX: a bare number, in the plan's currency
    std::string tender{};            // cash | card | other
    std::string ticket{};
};
awaitable<Answer> activate_pass(Context& context, Caller caller, Idempotency once, ActivateInput input);
awaitable<Answer> void_activation(Context& context, Caller caller, Idempotency once, std::string activation);

}  // namespace obol::agent
