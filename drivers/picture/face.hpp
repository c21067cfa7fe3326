#pragma once
// The letters of the pictures: 12 x 24 dots, as font A of receipt printers. Latin, Greek, Cyrillic,
// punctuation, currencies, boxes. Where they come from and their licence: README.md, OFL.txt.

#include <array>
#include <cstdint>

#include "drivers/ticket/layout.hpp"

namespace obol::drivers {

using Glyph = std::array<std::uint16_t, cell_height>;  // rows of 12 bits, the highest of them left

// nullptr: the face has no such letter.
const Glyph* glyph_of(char32_t point, bool bold);

// A frame with the letter's number in it: for what neither the face nor any likeness of it has.
Glyph numbered_box(char32_t point);

// Draws one letter at its cell, enlarged; for one that the face lacks what is like it, else its box.
// Returns the cells it took.
int draw_letter(Bitmap& paper, int x, int y, char32_t point, bool bold, Size size);

// A line's height on paper, and the line drawn at its cells from `left` on.
int height_of(Size size, const Paper& paper);
void draw_line(Bitmap& paper, const Line& line, int columns, int y);

}  // namespace obol::drivers
