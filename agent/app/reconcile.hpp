#pragma once
// POST /v1/reconciliation: this venue's rows beside the ledger's, now.

#include "agent/app/context.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

awaitable<Answer> reconcile(Context& context);

}  // namespace obol::agent
