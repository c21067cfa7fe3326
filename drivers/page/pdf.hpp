#pragma once
// A document on sheets of A4, as a PDF file: what an office printer takes from CUPS as it is.

#include <string>

#include "drivers/ticket/layout.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// Each paper of the document begins a page, at its true size in the middle; one that is longer goes on on the next, broken
// between two lines. Fault illegal: a code that holds too much, or does not fit.
Result<std::string> render_pdf(const Document& document, const Paper& paper);

}  // namespace obol::drivers
