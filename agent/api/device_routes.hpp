#pragma once
// The devices on the counter: /v1/devices.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes device_routes(Context& context);

}  // namespace obol::agent
