#pragma once
// What an ESC/POS printer says back, told apart by its bit patterns, since answers, automatic status and
// flow control come through one line in any order:
//
//   0xx1xx10                     answer to DLE EOT n, one byte; which n is known by the order of asking
//   0xx1xx00 0xx0xxxx * 3        automatic status back
//   0xx0xxxx                     answer to GS r, one byte
//   '_' text NUL                 answer to GS I
//   '7' '"' id*4 NUL             answer to GS ( H: all that was sent before it has been printed
//   00010001, 00010011           XON, XOFF

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "drivers/device.hpp"

namespace obol::drivers {

// All that the bits of status tell. What a printer has not told yet is as in the beginning.
struct PrinterBits {
    bool offline = false;
    bool cover_open = false;
    bool paper_empty = false, paper_near_end = false;
    bool cutter_jammed = false;
    bool overheated = false;  // or another fault that goes by itself
    bool broken = false;      // a fault that switching off and on may clear
    bool pin_high = false;    // pin 3 of the kick connector: the drawer's contact

    bool operator==(const PrinterBits&) const = default;
    PrinterStatus status() const;
    bool stopped() const { return cover_open || paper_empty || cutter_jammed || broken; }  // a person must come
    bool ill() const { return stopped() || overheated || offline; }
};

struct StatusHeard {  // a part of the bits was told anew
    enum class By { real_time, automatic } by = By::automatic;
    int question = 0;  // n of DLE EOT; 0 for automatic status
};
struct Transmitted {  // answer to GS r
    int question = 0;
    std::uint8_t value = 0;
};
struct PrintedUpTo {  // answer to GS ( H
    std::array<char, 4> id{};
};
struct Named {  // answer to GS I
    std::string text;
};
using Heard = std::variant<StatusHeard, Transmitted, PrintedUpTo, Named>;

class StatusParser {
public:
    // The questions are asked before their answers are read: n of DLE EOT, n of GS r.
    void asked_real_time(int n);
    void asked_transmission(int n);
    // What was asked will not be answered any more.
    void forget_questions();
    // Nor will the rest of what has begun come: the line is another one.
    void forget();

    std::vector<Heard> read(std::string_view bytes);

    const PrinterBits& bits() const { return bits_; }
    std::uint64_t senseless() const { return senseless_; }  // bytes that fit nowhere

private:
    void byte(std::uint8_t value, std::vector<Heard>& out);
    void real_time(std::uint8_t value, std::vector<Heard>& out);
    void automatic(std::vector<Heard>& out);
    void block(std::vector<Heard>& out);

    PrinterBits bits_;
    std::deque<int> real_time_, transmissions_;
    std::string automatic_;  // its bytes so far
    std::string block_;      // from its header on
    std::uint64_t senseless_ = 0;
};

// The questions and commands themselves.
std::string ask_real_time(int n);         // DLE EOT n
std::string ask_transmission(int n);      // GS r n
std::string ask_printed(std::array<char, 4> id);  // GS ( H; id of 0x20 to 0x7E
inline constexpr std::string_view automatic_status_on = "\x1D" "a\xFF";
// DLE DC4 8: drops all that waits in the printer.
inline constexpr std::string_view clear_buffers = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08";

}  // namespace obol::drivers
