#include "drivers/symbol/qr.hpp"

#include <qrencode.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <string>

namespace obol::drivers {
namespace {

constexpr double least_module_mm = 0.5, usual_module_mm = 0.75;

// Bytes that versions 1 to 40 hold at level M (ISO/IEC 18004, table 7).
constexpr int byte_capacity[] = {14,   26,   42,   62,   84,   106,  122,  152,  180,  213,  251,  287,  331,  362,
                                 412,  450,  504,  560,  624,  666,  711,  779,  857,  911,  997,  1059, 1125, 1190,
                                 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331};

int dots_of(double mm, int dpi) {
    return static_cast<int>(std::lround(std::ceil(mm * dpi / 25.4 - 0.01)));  // 203 dpi is 8 dots a millimetre
}

// The side of the symbol when all of the data is taken as bytes, the least clever way there is; 0: no code holds it.
int widest_of(std::size_t bytes) {
    const auto* const found = std::find_if(std::begin(byte_capacity), std::end(byte_capacity),
                                           [&](int most) { return bytes <= static_cast<std::size_t>(most); });
    if (found == std::end(byte_capacity)) return 0;
    return 21 + 4 * static_cast<int>(found - std::begin(byte_capacity));
}

int module_of(int modules, const Paper& paper) {
    const int least = dots_of(least_module_mm, paper.dpi);
    // The white above and below is a line high, so that four modules must not be higher.
    const int most = std::clamp(dots_of(usual_module_mm, paper.dpi), least, paper.pitch / quiet_modules);
    const int module = std::min(most, paper.dots / (modules + 2 * quiet_modules));
    return module < least ? 0 : module;
}

}  // namespace

Result<Bitmap> qr_modules(std::string_view data) {
    if (data.empty() || data.find('\0') != std::string_view::npos) return Fault{"illegal", "a QR code of no text"};
    const std::string text(data);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
    if (!code) return Fault{"illegal", std::to_string(data.size()) + " bytes are too many for a QR code"};
    Bitmap modules(code->width, code->width);
    for (int y = 0; y < code->width; ++y) {
        const unsigned char* const from = code->data + y * code->width;
        const std::span<std::uint8_t> row = modules.row(y);
        for (int x = 0; x < code->width; ++x) {
            std::uint8_t& byte = row[static_cast<std::size_t>(x / 8)];
            byte = static_cast<std::uint8_t>(byte | (from[x] & 1) << (7 - x % 8));
        }
    }
    return modules;
}

int module_dots(std::size_t bytes, const Paper& paper) {
    const int widest = widest_of(bytes);
    return widest == 0 ? 0 : module_of(widest, paper);
}

Result<QrPlace> place_qr(int modules, std::size_t bytes, const Paper& paper) {
    const int as_printers = module_dots(bytes, paper);
    const int module = as_printers != 0 ? as_printers : module_of(modules, paper);
    if (module == 0) {
        return Fault{"illegal", "a QR code of " + std::to_string(modules) + " modules does not fit on " +
                                    std::to_string(paper.dots) + " dots"};
    }
    return QrPlace{module, (paper.dots - modules * module) / 2};
}

}  // namespace obol::drivers
