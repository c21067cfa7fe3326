#pragma once
// A purchase taken back whole and exact, on its own business day, before any refund.

#include "agent/app/context.hpp"

namespace obol::agent {

awaitable<Answer> void_purchase(Context& context, Caller caller, Idempotency once, PurchaseId purchase);

}  // namespace obol::agent
