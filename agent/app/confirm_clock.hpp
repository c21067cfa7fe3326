#pragma once
// A manager says that the system clock is right: POST /v1/clock/confirm. For a venue that has no link and a
// clock that nobody else can vouch for.

#include "agent/app/context.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

// {"state", "now", "why"?}
Words clock_in_words(GuardedClock& clock);

awaitable<Answer> confirm_clock(Context& context, Caller caller, Idempotency once, std::string reason);

}  // namespace obol::agent
