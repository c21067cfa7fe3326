#pragma once
// Text cut to the width of the paper, counted in cells.

#include <string>
#include <string_view>
#include <vector>

namespace obol::drivers {

// Cells that a text takes in a fixed-width face: Greek and Latin letters one each whatever their
// bytes, combining marks none, East Asian wide characters two.
int width_of(std::string_view utf8);

// Control characters become spaces and broken UTF-8 the replacement character: a product's name
// carries no commands to a printer or a terminal.
std::string printable(std::string_view utf8);

// Lines of at most `columns` cells (>= 1). Breaks at spaces; a longer word is cut. Never empty.
std::vector<std::string> wrap(std::string_view utf8, int columns);

}  // namespace obol::drivers
