#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "sync/core/time.hpp"

namespace obol {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

// Uniform in [0, bound), without modulo bias. bound > 0.
std::uint32_t uniform(Random& random, std::uint32_t bound);

// UUIDv7: ids that grow with time keep the database's B-trees dense.
std::string make_uuid7(Instant now, Random& random);

}  // namespace obol
