#pragma once
// The part of a refund that takes awards back.

#include <optional>
#include <vector>

#include "sync/domain/refund.hpp"

namespace obol {

// Adds what is undone to the decision, whose allocations say what the wallet gets back. `staying` is the
// goods value that stays per line of the basket, `whole` a void. nullopt: done; else why a void cannot
// be whole.
std::optional<Reason> undo_awards(const RefundFacts& facts, const std::vector<Amount>& staying,
                                  Amount total_staying, bool whole, RefundDecision& decision);

}  // namespace obol
