#pragma once
// Wording is the use cases' (agent/app/words.hpp); here an answer becomes an HTTP reply.

#include "agent/app/words.hpp"
#include "sync/net/http.hpp"

namespace obol::agent {

net::Reply reply_of(const Answer& answer);
// What every reply tells a browser besides.
void guard(net::Reply& reply);

}  // namespace obol::agent
