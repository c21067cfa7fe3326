#include "drivers/ticket/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace obol::drivers {

char32_t next_point(std::string_view& rest) {
    if (static_cast<std::uint8_t>(rest[0]) < 0x80) {
        const auto ascii = static_cast<char32_t>(rest[0]);
        rest.remove_prefix(1);
        return ascii;
    }
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    char32_t point = length == 2 ? lead & 0x1F : length == 3 ? lead & 0x0F : lead & 0x07;
    bool good = length != 0 && rest.size() >= length;
    for (std::size_t i = 1; good && i < length; ++i) {
        good = (byte(i) & 0xC0) == 0x80;
        point = (point << 6) | (byte(i) & 0x3Fu);
    }
    good = good && !(length == 3 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) &&
           !(length == 4 && (point < 0x10000 || point > 0x10FFFF));
    rest.remove_prefix(good ? length : 1);
    return good ? point : replacement;
}

bool is_plain(std::string_view utf8) {
    return std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void append_point(std::string& out, char32_t point) {
    const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | (point >> 6));
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | (point >> 12));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | (point >> 18));
        put(0x80 | ((point >> 12) & 0x3F));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

bool within(char32_t point, std::initializer_list<std::pair<char32_t, char32_t>> ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return point >= range.first && point <= range.second;
    });
}

int cells_of(char32_t point) {
    if (point < 0x300 || (point >= 0x370 && point < 0x483)) return 1;  // Latin, Greek, Cyrillic: nearly all there is
    // Combining marks, joiners and direction marks take no cell of their own.
    if (within(point, {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                       {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
                       {0x202A, 0x202E}, {0x2060, 0x2064}, {0x2066, 0x2069}, {0x20D0, 0x20F0},
                       {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}})) {
        return 0;
    }
    return within(point, {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3},
                          {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}})
               ? 2
               : 1;
}

std::u32string points_of(std::string_view utf8) {
    std::u32string points;
    points.reserve(utf8.size());
    while (!utf8.empty()) points.push_back(next_point(utf8));
    return points;
}

}  // namespace obol::drivers
