#pragma once
// Which refusal of the rules a customer met, if the answer is one.

#include <string>

#include "sync/net/http.hpp"

namespace obol::agent {

// The code of a refused call, or of a quote that would be refused; empty: it was not refused, by no rule, or it was
// the answer to an earlier call that is told again.
std::string refusal_in(const std::string& pattern, const net::Reply& reply);

}  // namespace obol::agent
