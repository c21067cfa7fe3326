#pragma once
// A document as dots: what the paper will look like. The ESC/POS bytes of the same document, printed by a
// printer with the same paper, give the same dots.

#include <string>
#include <vector>

#include "drivers/ticket/layout.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// The rows that one placed thing takes on paper; 0 high for a pulse and a cut. Fault illegal: a code that
// holds too much, or does not fit.
Result<Bitmap> draw_placed(const Placed& placed, const Paper& paper);

// One picture for each paper that a cut ends. paper.columns * 12 <= paper.dots.
Result<std::vector<Bitmap>> draw_sheets(const Document& document, const Paper& paper);

// All sheets on one picture with a white margin, and a dashed line where the knife goes.
Bitmap stacked(const std::vector<Bitmap>& sheets);

}  // namespace obol::drivers
