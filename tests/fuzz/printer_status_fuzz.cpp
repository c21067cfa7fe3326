// What comes back from a printer, or from whatever stands at its address.

#include <cstdint>

#include "drivers/escpos/status.hpp"
#include "sync/core/ensure.hpp"

using namespace obol::drivers;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    StatusParser whole, parts;
    for (int n = 1; n <= 4; ++n) {
        whole.asked_real_time(n);
        parts.asked_real_time(n);
    }
    whole.asked_transmission(1);
    parts.asked_transmission(1);
    const std::size_t heard = whole.read(bytes).size();
    std::size_t in_parts = 0;
    for (std::size_t i = 0; i < size; ++i) in_parts += parts.read(bytes.substr(i, 1)).size();
    ENSURE(heard == in_parts && whole.bits() == parts.bits() && whole.senseless() == parts.senseless());
    // Whatever came, it finds its feet once something whole comes.
    whole.forget();
    ENSURE(whole.read(std::string_view("\x10\x00\x00\x00", 4)).size() == 1 && whole.bits() == PrinterBits{});
    return 0;
}
