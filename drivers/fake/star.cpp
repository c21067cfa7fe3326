// The emulated printer in Star line mode.

#include <algorithm>
#include <cstdint>

#include "drivers/fake/printer.hpp"

namespace obol::drivers {
namespace {

constexpr char escape = 0x1B, group = 0x1D, record = 0x1E;
constexpr int mark_counter = 32;

int byte_at(std::string_view command, std::size_t i) { return static_cast<std::uint8_t>(command[i]); }

Bitmap columns_of(std::string_view command) {  // ESC X nL nH data
    const int width = byte_at(command, 2) | byte_at(command, 3) << 8;
    Bitmap strip(width, cell_height);
    for (int x = 0; x < width; ++x) {
        for (int y = 0; y < cell_height; ++y) {
            strip.set(x, y, (byte_at(command, 4 + static_cast<std::size_t>(3 * x + y / 8)) >> (7 - y % 8) & 1) != 0);
        }
    }
    return strip;
}

// Numbers leave out the bits 4 and 0.
char spread(int number) { return static_cast<char>((number & 7) << 1 | (number & 0x18) << 2); }

}  // namespace

void FakePrinter::star_command(std::string_view command) {
    const bool asks = command[0] == 0x17 || command.starts_with("\x1B\x1E");
    if (lying_ && !asks) return;
    const auto byte = static_cast<std::uint8_t>(command[0]);
    if (byte == 0x0A) return paper_.end_line();
    if (byte == 0x17) {  // ETB: all before it is printed
        marks_ = (marks_ + 1) % mark_counter;
        return;
    }
    if (byte == 0x07 || byte == 0x1A) {
        ++pulses_;
        return;
    }
    if (byte == 0x18) {  // CAN
        reset();
        marks_ = 0;
        return;
    }
    if (command[0] != escape) {
        if (byte >= 0x20 && byte != 0x7F) return letter(byte);
        const bool idle = byte == 0x0D || byte == 0 || command[0] == record;
        if (!idle) unknown_.push_back(hexadecimal(command));
        return;
    }
    const int value = command.size() > 2 ? byte_at(command, 2) : 0;
    switch (command.size() > 1 ? command[1] : 0) {
        case '@': return reset();
        case 'E': paper_.bold = true; return;
        case 'F': paper_.bold = false; return;
        case '0': paper_.pitch = cell_height; return;
        case 'z': paper_.pitch = profile_.paper.pitch; return;
        case 'I': return paper_.line_is_empty() ? paper_.feed(value) : paper_.end_line_at(value);
        case 'a':
            for (int i = 0; i < value; ++i) paper_.end_line();
            return;
        case 'i':
            paper_.high = std::clamp(value, 0, 5) + 1;
            paper_.wide = std::clamp(byte_at(command, 3), 0, 5) + 1;
            return;
        case 'X': return paper_.columns_of_dots(columns_of(command));
        case 'b': return star_barcode(command);
        case 'd': return cut();
        case 0x07: return;  // how long a pulse is
        case 0x1E:
            if (command[2] != 'a') break;
            automatic_ = byte_at(command, 3);
            last_status_ = automatic_status();
            if (automatic_ != 0) answer(last_status_);
            return;
        case group: return star_group_command(command);
        case 'R':
            if (value == 0) return;
            break;
        default: break;
    }
    unknown_.push_back(hexadecimal(command));
}

void FakePrinter::star_group_command(std::string_view command) {
    const int value = command.size() > 3 ? byte_at(command, 3) : 0;
    if (command[2] == 'a') {
        paper_.align = value % 48 == 1 ? Align::centre : value % 48 == 2 ? Align::right : Align::left;
        return;
    }
    if (command[2] == 't') {
        const auto slot = std::find_if(profile_.code_pages.begin(), profile_.code_pages.end(),
                                       [&](const Profile::Slot& each) { return each.number == value; });
        if (slot != profile_.code_pages.end()) {
            page_ = slot->page;
            return;
        }
    }
    if (command[2] == 'y' && profile_.features.qr_code) {
        if (command[3] == 'S' && command[4] == '2') qr_module_ = std::clamp(byte_at(command, 5), 1, 8);
        if (command[3] == 'D') qr_data_ = command.substr(8);
        if (command[3] == 'P') print_qr();
        if (command[3] != 'I') return;
    }
    unknown_.push_back(hexadecimal(command));
}

// ESC b kind words mode height data RS: without words below and with a line at the end.
void FakePrinter::star_barcode(std::string_view command) {
    constexpr std::size_t head = 6;
    if (command.size() < head || command.back() != record || byte_at(command, 3) != 1) {
        unknown_.push_back(hexadecimal(command));
        return;
    }
    const bool ean = byte_at(command, 2) == 3;
    Barcode code{"", ean ? Symbology::ean13 : Symbology::code128};
    for (std::size_t i = head; i + 1 < command.size(); ++i) {
        code.data += command[i];
        if (command[i] == '%') ++i;  // and a 0
    }
    barcode(code, byte_at(command, 4) + 1, std::max(1, byte_at(command, 5)), command);
}

std::string FakePrinter::star_status() const {
    const bool ill = stopped() && !lying_;
    const int first = (drawer_open_ ? 0x04 : 0) | (ill ? 0x08 : 0) | (ill && cover_open_ ? 0x20 : 0);
    const int second = ill && knife_jammed_ ? 0x08 : 0;
    const int paper = (near_end_ ? 0x04 : 0) | (ill && paper_out() ? 0x08 : 0);
    return {static_cast<char>(spread(9) | 1), spread(3), static_cast<char>(first), static_cast<char>(second), 0,
            static_cast<char>(paper), 0, spread(marks_), 0};
}

}  // namespace obol::drivers
