#pragma once
// What a purchase would come to now. Moves and holds nothing; may acquire authority, so that the
// purchase that follows finds it here.

#include "agent/app/purchase_order.hpp"

namespace obol::agent {

// 200 with `accepted` true or false; a code or PIN that does not open what it should is refused as
// everywhere else.
awaitable<Answer> quote(Context& context, Caller caller, PurchaseOrder order);

}  // namespace obol::agent
