#pragma once
// POST /v1/purchases, GET /v1/purchases/{id}, its refunds and its void.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes purchase_routes(Context& context);

}  // namespace obol::agent
