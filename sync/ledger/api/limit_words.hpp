#pragma once
// Limits, and refusals because of one, as JSON.

#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/limits.hpp"

namespace obol::ledger {

Words limit_in_words(const Limit& limit);
// With "used": {"count", "amount", "resets_at"}, or null of a single transaction.
Words used_limit_in_words(const Limit& limit, const LimitFacts& facts);
// 422 with the first reason's code.
Answer refused_by_limits(std::vector<Reason> reasons);

}  // namespace obol::ledger
