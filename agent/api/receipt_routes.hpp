#pragma once
// GET /v1/receipts/{number}, as JSON or as plain text of 42 columns.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes receipt_routes(Context& context);

}  // namespace obol::agent
