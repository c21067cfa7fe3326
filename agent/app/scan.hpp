#pragma once
// POST /v1/scans: what is this that a scanner read? Tells the kind and what is known; moves nothing.

#include "agent/app/context.hpp"

namespace obol::agent {

awaitable<Answer> scan(Context& context, Caller caller, std::string data);

}  // namespace obol::agent
