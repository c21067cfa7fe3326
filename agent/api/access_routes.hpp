#pragma once
// /v1/terminals, their pairing codes, /v1/sessions and /v1/tokens.

#include "agent/api/route.hpp"
#include "agent/app/throttle.hpp"

namespace obol::agent {

// `pairing`: throttles wrong pairing codes, per peer and in all.
Routes access_routes(Context& context, Throttle& pairing);

}  // namespace obol::agent
