#pragma once
// What a printer in Star line mode says back: blocks of automatic status, of the same form when they are asked for.
//
//   0LL0LLL1          its length in bytes, this one included
//   0VV0VVV0          the version of what follows
//   0xx0xxx0 * (n-2)  printer, errors, errors, paper, …; the eighth byte of the block counts what was printed
//   00010001, 00010011  XON, XOFF

#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/escpos/status.hpp"

namespace obol::drivers {

class StarStatusParser {
public:
    // How many blocks have come to their end.
    int read(std::string_view bytes);
    void forget() { block_.clear(); }

    const PrinterBits& bits() const { return bits_; }
    int marks() const { return marks_; }          // counted by the printer, 0 to 31; -1: it does not count
    bool mark_passed() const { return passed_; }  // the last block said that a mark was reached
    std::uint64_t senseless() const { return senseless_; }

private:
    void finish();

    PrinterBits bits_;
    std::string block_;
    int marks_ = -1;
    bool passed_ = false;
    std::uint64_t senseless_ = 0;
};

inline constexpr std::string_view star_ask = "\x1B\x06\x01";          // ESC ACK SOH
inline constexpr std::string_view star_tell_status = "\x1B\x1E" "a\x01";  // ESC RS a 1: each change by itself
inline constexpr std::string_view star_mark = "\x17";                  // ETB: counted when all before it is printed
inline constexpr std::string_view star_cancel = "\x18";                // CAN: drops what has not been printed

}  // namespace obol::drivers
