#pragma once
// What is wrong with a printer, as an ErrorCode and in a sentence that says what to do.

#include <string>

#include "drivers/device.hpp"
#include "drivers/escpos/status.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

struct Illness {
    ErrorCode code = ErrorCode::failure;
    ExtendedError extended = ExtendedError::none;
};

Illness illness(const PrinterBits& bits);         // bits.ill()
std::string illness_text(const PrinterBits& bits);  // empty while all is well
// The code of a Fault is the word of an ErrorCode; another word is failure.
ErrorCode code_of(const Fault& fault);

}  // namespace obol::drivers
