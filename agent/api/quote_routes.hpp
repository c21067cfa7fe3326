#pragma once
// POST /v1/quotes.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes quote_routes(Context& context);

}  // namespace obol::agent
