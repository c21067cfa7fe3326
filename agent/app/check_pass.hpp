#pragma once
// POST /v1/passes/check: what a pass is and whether it could be redeemed. Moves nothing.

#include "agent/app/present.hpp"

namespace obol::agent {

awaitable<Answer> check_pass(Context& context, Caller caller, CodeAndPin input);

}  // namespace obol::agent
