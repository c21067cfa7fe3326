#pragma once
// /healthz, /readyz, /metrics and /openapi.json: no token, no amounts, no names, no codes.

#include "agent/api/metrics.hpp"
#include "agent/api/route.hpp"

namespace obol::agent {

Routes health_routes(Context& context, Metrics& metrics);

// What is answered while there is no store to serve from: /healthz is fine, everything else says why not.
net::Reply without_store(const net::Request& request, const Fault& why);

}  // namespace obol::agent
