#pragma once
// A document as plain text of a fixed width: what a till page shows, what a test compares, and the
// layout that the printers' renderings follow. 32, 42 and 48 columns are what 58 and 80 mm paper has.

#include <string>
#include <string_view>
#include <vector>

#include "drivers/ticket/document.hpp"

namespace obol::drivers {

inline constexpr int narrow_paper = 32, usual_paper = 42, wide_paper = 48;
inline constexpr int narrowest_paper = 16;

// Cells that a text takes in a fixed-width face: Greek and Latin letters one each whatever their
// bytes, combining marks none, East Asian wide characters two.
int width_of(std::string_view utf8);

// Control characters become spaces and broken UTF-8 the replacement character: a product's name
// carries no commands to a printer or a terminal.
std::string printable(std::string_view utf8);

// Lines of at most `columns` cells (>= 1). Breaks at spaces; a longer word is cut. Never empty.
std::vector<std::string> wrap(std::string_view utf8, int columns);

// Lines end with \n and carry no trailing spaces. columns >= narrowest_paper.
std::string render_text(const Document& document, int columns = usual_paper);

}  // namespace obol::drivers
