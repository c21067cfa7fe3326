#pragma once
// GET /v1/status and whether the agent is ready.

#include "agent/app/context.hpp"

namespace obol::agent {

inline constexpr std::string_view agent_version = "0.1.0";

Answer status(Context& context);
// Fault not_ready says what is still missing. Being offline is ready.
Result<void> ready(Context& context);

// The member `link` by itself, for those that are told of its changes.
std::string link_text(const uplink::LinkState& state);

}  // namespace obol::agent
