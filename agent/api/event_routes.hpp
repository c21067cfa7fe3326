#pragma once
// GET /v1/events, and the basket that a POS shows on the till page.

#include "agent/api/route.hpp"
#include "agent/app/baskets.hpp"
#include "agent/app/events.hpp"

namespace obol::agent {

Routes event_routes(Context& context, EventHub& events, Baskets& baskets);
// What a call did to a purchase, once it is durable: `change` is sold, refunded or voided.
void tell_of_purchase(EventHub& events, const Caller& caller, const Answer& done, std::string_view change);

}  // namespace obol::agent
