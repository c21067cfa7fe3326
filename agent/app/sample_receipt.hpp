#pragma once
// A receipt of a shop that does not exist: for trying printers, and for tests that look at paper.

#include "agent/app/receipt.hpp"

namespace obol::agent {

// In the language in which it will be printed; names of goods and pools in it, too.
Receipt sample_receipt(std::string_view language);

}  // namespace obol::agent
