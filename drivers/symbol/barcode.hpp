#pragma once
// Linear bar codes as dots: Code 128 and EAN-13.

#include "drivers/ticket/layout.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

inline constexpr int bar_height = 80;  // dots

// One row, one dot a module, without quiet zones. Fault illegal: not the symbology's alphabet, a wrong check digit.
Result<Bitmap> bar_modules(const Barcode& code);

struct BarPlace {
    int module = 0;  // dots
    int left = 0;
    bool operator==(const BarPlace&) const = default;
};
// Fault illegal: too long for the paper with ten white modules on either side.
Result<BarPlace> place_bars(int modules, const Paper& paper);

// Digits in pairs take half the room; only a text of digits is set so. Not where the pairs, which a printer is sent
// as bytes, would be the beginning of a command in real time (16 04 is DLE EOT): printers obey it even there.
bool in_pairs(const Barcode& code);

}  // namespace obol::drivers
