#pragma once
// POST /v1/purchases, GET /v1/purchases/{id}, its refunds and its void.

#include "agent/api/route.hpp"
#include "agent/app/events.hpp"

namespace obol::agent {

// What is sold and given back is told to those that listen.
Routes purchase_routes(Context& context, EventHub& events);

}  // namespace obol::agent
