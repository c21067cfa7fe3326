#pragma once
// Letters that a face or a code page lacks, and what stands for them: é by e, a long dash by a short
// one. One cell for one cell, so that columns stay where they are.

#include <string>
#include <string_view>

namespace obol::drivers {

// What may stand for a letter, the best first; nothing where only the letter itself will do.
std::u32string_view likes_of(char32_t point);

// Code points with each mark joined to the letter before it; a mark or direction sign that joins nothing
// takes no cell and is left out.
std::u32string composed(std::string_view utf8);

}  // namespace obol::drivers
