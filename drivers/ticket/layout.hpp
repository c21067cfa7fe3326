#pragma once
// A document set on paper of a given width: which line holds what. All renderings read this, so that
// the page, the picture and the printer break and align alike.

#include <string>
#include <variant>
#include <vector>

#include "drivers/ticket/document.hpp"

namespace obol::drivers {

inline constexpr int narrow_paper = 32, usual_paper = 42, wide_paper = 48;
inline constexpr int narrowest_paper = 16;

// What the head can reach. A cell is 12 x 24 dots (font A), so `columns` of them fit into `dots`.
struct Paper {
    int columns = usual_paper;
    int dots = 512;
    int dpi = 203;
    int pitch = 30;  // dots from one line's top to the next's
    bool operator==(const Paper&) const = default;
};
inline constexpr Paper paper_58mm{narrow_paper, 384, 203};
inline constexpr Paper paper_80mm{wide_paper, 576, 203};
inline constexpr int cell_width = 12, cell_height = 24;
inline constexpr int line_pitch = Paper{}.pitch;  // of ESC/POS

constexpr int across(Size size) { return size == Size::large ? 2 : 1; }
constexpr int down(Size size) { return size == Size::normal ? 1 : 2; }

// One line as it is printed, clean of control characters, without trailing spaces. `text` carries the
// spaces of its own columns; those of the alignment are `lead(line, columns)`.
struct Line {
    std::string text;
    Align align = Align::left;
    bool bold = false;
    Size size = Size::normal;
    bool operator==(const Line&) const = default;
};

using Placed = std::variant<Line, Image, Barcode, Qr, Cut, Pulse>;

// columns >= narrowest_paper.
std::vector<Placed> compose(const Document& document, int columns);

// Cells, each as wide as the line's letters, before the text on paper of so many columns.
int lead(const Line& line, int columns);
// Dots before something so wide.
int lead(Align align, int width, int dots);

}  // namespace obol::drivers
