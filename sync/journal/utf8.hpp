#pragma once

#include <cstdint>
#include <string_view>

namespace obol::journal {

// Well-formed by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
inline bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto first = static_cast<std::uint8_t>(text[i++]);
        if (first < 0x80) continue;
        const int more = first >= 0xc2 && first <= 0xdf   ? 1
                         : (first & 0xf0) == 0xe0         ? 2
                         : first >= 0xf0 && first <= 0xf4 ? 3
                                                          : 0;
        if (more == 0 || text.size() - i < static_cast<std::size_t>(more)) return false;
        std::uint32_t point = first & (0x3f >> more);
        for (int k = 0; k < more; ++k) {
            const auto next = static_cast<std::uint8_t>(text[i++]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3f);
        }
        if (more == 2 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return false;
        if (more == 3 && (point < 0x10000 || point > 0x10ffff)) return false;
    }
    return true;
}

}  // namespace obol::journal
