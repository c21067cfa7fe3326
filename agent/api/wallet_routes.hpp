#pragma once
// /v1/wallets/lookup, /v1/wallets/{id} and its top-ups.

#include "agent/api/route.hpp"

namespace obol::agent {

Routes wallet_routes(Context& context);

}  // namespace obol::agent
