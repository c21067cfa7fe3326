// The emulated Star printer takes what a network may send it, and its answers are read back in pieces.

#include <cstdint>
#include <string_view>

#include "drivers/fake/printer.hpp"
#include "drivers/star/status.hpp"
#include "sync/core/ensure.hpp"

using namespace obol::drivers;

namespace {

Profile any_profile() {
    Profile profile;
    profile.name = "fuzzed";
    profile.language = Profile::Language::star_line;
    profile.features.qr_code = profile.features.barcode_b = profile.features.bit_image_column = true;
    profile.features.full_cut = profile.features.part_cut = profile.features.pulse_standard = true;
    profile.code_pages = {{0, find_code_page("CP437")}, {15, find_code_page("CP737")}};
    profile.paper.pitch = 32;
    return profile;
}

// Whatever comes from the line, its pieces are heard as the whole is, and then something whole is.
void check_status(std::string_view bytes) {
    StarStatusParser whole, parts;
    const int blocks = whole.read(bytes);
    int in_parts = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) in_parts += parts.read(bytes.substr(i, 1));
    ENSURE(blocks == in_parts && whole.bits() == parts.bits() && whole.senseless() == parts.senseless());
    whole.forget();
    ENSURE(whole.read(std::string_view("\x23\x06\0\0\0\0\0\0\0", 9)) == 1 && whole.bits() == PrinterBits{} && whole.marks() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    FakePrinter printer(any_profile());
    if (size > 0 && data[0] % 4 == 0) printer.run_out_after(400);
    const std::size_t taken = printer.receive(bytes);
    ENSURE(printer.stopped() ? taken <= size : taken == size);
    StarStatusParser parser;
    const std::string answers = printer.answers();
    ENSURE(parser.read(answers) * 9 == static_cast<int>(answers.size()) && parser.senseless() == 0);
    printer.load_paper();
    printer.receive(bytes.substr(taken));
    ENSURE(printer.held() <= size);
    check_status(bytes);
    return 0;
}
