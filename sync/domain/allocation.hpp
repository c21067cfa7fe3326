#pragma once
// How much of each source pays for which line: the greatest possible total, and among those the
// lexicographically greatest amounts per source in the order given. A maximum flow with priorities:
// sources are processed in order; augmenting paths may move, never reduce, what earlier ones pay.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sync/domain/money.hpp"

namespace obol {

// A set of lines: line l is bit l % 64 of word l / 64. Bits beyond the last line do not count.
using LineBits = std::span<const std::uint64_t>;

struct Source {
    Amount limit{};        // at most this much, >= 0
    LineBits lines{};      // that it may pay: so many words as the lines need, or none
    bool any_line = false; // every positive line
};

struct Share {
    std::uint32_t source = 0;
    std::uint32_t line = 0;
    Amount amount{};
    bool operator==(const Share&) const = default;
};

struct Flow {
    Amount total{};
    std::vector<Amount> per_source{};
    std::vector<Share> shares{};  // by source, then line; amounts > 0
};

// `lines` are the lines' amounts (zero and negative ones are paid nothing); `cap` is the most in all
// (the basket's total, or the amount asked for). Deterministic.
Flow allocate(std::span<const Amount> lines, std::span<const Source> sources, Amount cap);

}  // namespace obol
