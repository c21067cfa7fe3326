// The emulated printer takes what a network may send it.

#include <cstdint>
#include <string_view>

#include "drivers/fake/printer.hpp"
#include "sync/core/ensure.hpp"

namespace {

obol::drivers::Profile any_profile() {
    obol::drivers::Profile profile;
    profile.name = "fuzzed";
    profile.features = {true, true, true, true, true, true, true, true, true, true, true};
    profile.code_pages = {{0, obol::drivers::find_code_page("CP437")}, {14, obol::drivers::find_code_page("CP737")}};
    return profile;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    obol::drivers::FakePrinter printer(any_profile());
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > 0 && data[0] % 4 == 0) printer.run_out_after(400);
    const std::size_t taken = printer.receive(bytes);
    ENSURE(taken <= size);
    ENSURE(printer.stopped() || taken == size);
    printer.load_paper();
    printer.receive(bytes.substr(taken));
    ENSURE(printer.held() <= size);
    return 0;
}
