#include "drivers/printer/words.hpp"

namespace obol::drivers {

Illness illness(const PrinterBits& bits) {
    const ExtendedError extended = bits.status().error;
    if (extended != ExtendedError::none) return {ErrorCode::extended, extended};
    return {bits.broken ? ErrorCode::failure : ErrorCode::offline, ExtendedError::none};
}

std::string illness_text(const PrinterBits& bits) {
    if (bits.cutter_jammed) return "the knife is jammed: free it, then open and close the cover";
    if (bits.cover_open) return "the cover is open: close it";
    if (bits.paper_empty) return "the paper is out: put in a new roll";
    if (bits.overheated) return "the print head is too hot: it goes on when it has cooled down";
    if (bits.broken) return "it reports a fault: switch it off and on again";
    if (bits.offline) return "it is switched off line";
    return "";
}

ErrorCode code_of(const Fault& fault) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::extended); ++i) {
        if (name_of(static_cast<ErrorCode>(i)) == fault.code) return static_cast<ErrorCode>(i);
    }
    return ErrorCode::failure;
}

}  // namespace obol::drivers
