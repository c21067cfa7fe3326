#pragma once
// A document as plain text of a fixed width: what a till page shows and a test compares.

#include <string>

#include "drivers/ticket/layout.hpp"
#include "drivers/ticket/wrap.hpp"

namespace obol::drivers {

// Lines end with \n and carry no trailing spaces. Codes are their data in words; pictures,
// cuts and drawer pulses are nothing. columns >= narrowest_paper.
std::string render_text(const Document& document, int columns = usual_paper);

}  // namespace obol::drivers
