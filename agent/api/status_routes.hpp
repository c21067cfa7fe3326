#pragma once
// /v1/status, /v1/journal, /v1/exceptions and the link switch.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes status_routes(Context& context);

}  // namespace obol::agent
