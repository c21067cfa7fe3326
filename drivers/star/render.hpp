#pragma once
// A document as the bytes of a printer in Star line mode.

#include <string>

#include "drivers/escpos/profile.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// From ESC @ on. Fault illegal: a code that holds too much or does not fit on this paper; a picture for a printer that
// draws none.
Result<std::string> render_star(const Document& document, const Profile& profile);

// ESC GS t and a number choose a code page.
inline constexpr std::string_view star_page = "\x1B\x1Dt";
// What opens a drawer: 50 ms on, 500 ms off.
std::string star_pulse(bool second_drawer);

}  // namespace obol::drivers
