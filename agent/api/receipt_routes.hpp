#pragma once
// Receipts in every form, and on paper: /v1/receipts/{number}, /v1/print-jobs.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes receipt_routes(Context& context);

}  // namespace obol::agent
