#pragma once
// How much money may come in at once, and lie in one place. Far above any shop's figures, and so far
// below 2^53 that sums of thousands of them stay exact at both ends.

#include "sync/domain/money.hpp"

namespace obol {

inline constexpr std::int64_t largest_credit = 1'000'000'000'000;  // one top-up, pass, lot or pocket
inline constexpr std::int64_t largest_pocket = 100 * largest_credit;

}  // namespace obol
