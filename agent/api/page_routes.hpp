#pragma once
// The pages that the agent serves itself: files of agent/web, embedded when the program is built.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes page_routes();

}  // namespace obol::agent
