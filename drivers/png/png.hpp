#pragma once
// Black and white pictures as PNG files: the only place that includes libpng.

#include <string>
#include <string_view>

#include "drivers/ticket/bitmap.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// One bit a dot, grey, with its dots per inch. The same picture gives the same bytes with the same libraries.
std::string to_png(const Bitmap& picture, int dpi = 203);

// Any PNG; what is darker than half grey is black, transparent dots are white. Fault illegal: broken, or more than
// `most_dots` of them.
inline constexpr int most_dots = 16'000'000;
Result<Bitmap> from_png(std::string_view file);

}  // namespace obol::drivers
