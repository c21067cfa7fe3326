#pragma once
// A document as SVG, and as a page that holds it: for a screen or an office printer.

#include <string>
#include <string_view>

#include "drivers/ticket/layout.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// As large as the paper; text stays text, set in any face of fixed width, each line as wide as on paper.
// Fault illegal: a code that holds too much, or does not fit.
Result<std::string> render_svg(const Document& document, const Paper& paper);

// A whole page without scripts and styles. `language`: of the text, "en" or "el".
Result<std::string> render_html(const Document& document, const Paper& paper, std::string_view title,
                                std::string_view language);

}  // namespace obol::drivers
