#pragma once
// A document as the bytes of an ESC/POS printer.

#include <string>

#include "drivers/escpos/profile.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// From ESC @ on, so that nothing is left of what was printed before. Fault illegal: a code that holds too much or
// does not fit on this paper; a picture for a printer that draws none.
Result<std::string> render_escpos(const Document& document, const Profile& profile);

}  // namespace obol::drivers
