#pragma once
// /healthz, /readyz, /metrics and /openapi.json: no token, no amounts, no names, no codes.

#include "agent/api/metrics.hpp"
#include "agent/api/route.hpp"

namespace obol::agent {

Routes health_routes(Context& context, Metrics& metrics);

}  // namespace obol::agent
