#pragma once
// The running agent, from its start to an orderly end or a failed commit. Put together here; no logic.

#include "agent/config.hpp"
#include "agent/credentials.hpp"
#include "sync/core/result.hpp"

namespace obol::agent {

// The exit status of the program. A Fault: it never served.
Result<int> serve(const Config& config, const Credentials& credentials);

}  // namespace obol::agent
