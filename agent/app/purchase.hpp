#pragma once
// A basket is paid from a wallet, with passes redeemed into it on the way: one transaction.

#include "agent/app/purchase_order.hpp"

namespace obol::agent {

inline constexpr Millis duplicate_window = std::chrono::hours(24);

// 201 with the purchase; 409 quote_changed or possible_duplicate; else why not.
awaitable<Answer> purchase(Context& context, Caller caller, Idempotency once, PurchaseOrder order);

// A purchase of this device with its basket, its refunds and what may still be refunded; or 404
// purchase_unknown, or 503 link_required where only the centre could know.
// Another venue's is asked at the centre.
awaitable<Answer> purchase_told(Context& context, Caller caller, PurchaseId id);

}  // namespace obol::agent
