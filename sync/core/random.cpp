#include "sync/core/random.hpp"

#include <array>

#include "sync/core/bytes.hpp"
#include "sync/core/ensure.hpp"

namespace obol {

std::uint32_t uniform(Random& random, std::uint32_t bound) {
    ENSURE(bound > 0);
    // Draws from the incomplete last cycle of `bound` would favour small results: draw again.
    constexpr std::uint64_t all = std::uint64_t{1} << 32;
    const std::uint64_t whole_cycles = all - all % bound;
    while (true) {
        std::array<std::uint8_t, 4> bytes{};
        random.fill(bytes);
        const std::uint32_t drawn = (std::uint32_t{bytes[0]} << 24) |
                                    (std::uint32_t{bytes[1]} << 16) |
                                    (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
        if (drawn < whole_cycles) return drawn % bound;
    }
}

std::string make_uuid7(Instant now, Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    const auto ms = static_cast<std::uint64_t>(to_millis(now));
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    }
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x70);  // version 7
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562

    std::string text = to_hex(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

}  // namespace obol
