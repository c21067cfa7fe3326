#pragma once
// What a business day came to, and what became of passes: /v1/reports.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes report_routes(Context& context);

}  // namespace obol::agent
