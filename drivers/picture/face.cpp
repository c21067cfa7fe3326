#include "drivers/picture/face.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "drivers/ticket/substitute.hpp"
#include "drivers/ticket/utf8.hpp"
#include "pictures_embedded.hpp"
#include "sync/core/ensure.hpp"

namespace obol::drivers {
namespace {

unsigned hex(std::string_view digits) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    ENSURE(error == std::errc{} && end == digits.data() + digits.size());
    return value;
}

// The face as it was built in, "code point, space, 24 x 3 digits" a line, unpacked once.
class Face {
public:
    Face(std::string_view lines, bool bold) {
        for (std::size_t end = 0; !lines.empty(); lines.remove_prefix(end + 1)) {
            end = lines.find('\n');
            ENSURE(end == 5 + 3 * cell_height && lines[4] == ' ');
            Entry entry{static_cast<char16_t>(hex(lines.substr(0, 4))), {}};
            for (std::size_t y = 0; y < cell_height; ++y) {
                const unsigned row = hex(lines.substr(5 + 3 * y, 3));
                entry.glyph[y] = static_cast<std::uint16_t>(bold ? row | row >> 1 : row);
            }
            entries_.push_back(entry);
        }
    }
    const Glyph* find(char32_t point) const {
        const auto found = std::lower_bound(entries_.begin(), entries_.end(), point,
                                            [](const Entry& each, char32_t p) { return each.point < p; });
        return found != entries_.end() && found->point == point ? &found->glyph : nullptr;
    }

private:
    struct Entry {
        char16_t point;
        Glyph glyph;
    };
    std::vector<Entry> entries_;
};

void draw_glyph(Bitmap& paper, int x, int y, const Glyph& glyph, Size size) {
    const int high = down(size);
    for (int row = 0; row < cell_height; ++row) {
        const unsigned bits = glyph[static_cast<std::size_t>(row)];
        if (bits == 0) continue;
        unsigned wide = bits;
        if (size == Size::large) {
            wide = 0;
            for (int i = cell_width - 1; i >= 0; --i) wide = wide << 2 | (bits >> i & 1) * 3u;
        }
        for (int i = 0; i < high; ++i) paper.merge(x, y + row * high + i, wide, cell_width * across(size));
    }
}

// 3 x 5 dots a digit.
constexpr std::uint16_t small_digits[] = {075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111,
                                          075757, 075717, 075755, 065656, 074447, 065556, 074647, 074644};

}  // namespace

const Glyph* glyph_of(char32_t point, bool bold) {
    // Bold is printed twice, one dot apart: what printers call emphasised.
    static const Face regular(embedded::pictures::face, false), emphasised(embedded::pictures::face, true);
    return (bold ? emphasised : regular).find(point);
}

Glyph numbered_box(char32_t point) {
    Glyph box{};
    for (std::size_t y = 3; y <= 19; ++y) box[y] = y == 3 || y == 19 ? 0x7FE : 0x402;
    for (int digit = 0; digit < 4; ++digit) {
        const std::uint16_t shape = small_digits[point >> (12 - 4 * digit) & 0xF];
        for (int row = 0; row < 5; ++row) {
            const unsigned bits = shape >> (12 - 3 * row) & 7u;
            const int left = 3 + 4 * (digit % 2);  // dots from the cell's left
            box[static_cast<std::size_t>(5 + 7 * (digit / 2) + row)] |=
                static_cast<std::uint16_t>(bits << (cell_width - 3 - left));
        }
    }
    return box;
}

int draw_letter(Bitmap& paper, int x, int y, char32_t point, bool bold, Size size) {
    const int cells = cells_of(point);
    if (point == U' ') return cells;
    const Glyph* glyph = glyph_of(point, bold);
    for (const char32_t like : likes_of(point)) {
        if (glyph == nullptr) glyph = glyph_of(like, bold);
    }
    draw_glyph(paper, x, y, glyph != nullptr ? *glyph : numbered_box(point), size);
    return cells;
}

int height_of(Size size, const Paper& paper) { return std::max(paper.pitch, cell_height * down(size)); }

void draw_line(Bitmap& paper, const Line& line, int columns, int y) {
    int cell = lead(line, columns);
    for (const char32_t point : composed(line.text)) {
        cell += draw_letter(paper, cell * cell_width * across(line.size), y, point, line.bold, line.size);
    }
}

}  // namespace obol::drivers
