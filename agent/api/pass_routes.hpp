#pragma once
// /v1/scans, /v1/passes/… and /v1/activations/{id}/void.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes pass_routes(Context& context);

}  // namespace obol::agent
