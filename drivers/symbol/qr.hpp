#pragma once
// QR codes as dots: the only place that includes libqrencode.

#include <string_view>

#include "drivers/ticket/layout.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

inline constexpr int quiet_modules = 4;  // white on all sides, as the standard wants it

// One dot a module, without quiet zone, error correction M. Fault illegal: empty, or more than a code holds.
Result<Bitmap> qr_modules(std::string_view data);

// Dots a module for so many bytes when nothing is known of how they are spread over the modes: a printer that
// makes the symbol itself makes none larger. Never under half a millimetre, and about three quarters where the
// paper allows. 0: such a symbol might not fit with its quiet zone.
int module_dots(std::size_t bytes, const Paper& paper);

// Where a symbol that we draw stands on the paper, which has the height of a line white above and below it; of the same
// module size as the printer's own, if that might fit.
struct QrPlace {
    int module = 0;  // dots
    int left = 0;
    bool operator==(const QrPlace&) const = default;
};
// Fault illegal: it does not fit with its quiet zone.
Result<QrPlace> place_qr(int modules, std::size_t bytes, const Paper& paper);

}  // namespace obol::drivers
