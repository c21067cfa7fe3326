#include "drivers/fake/printer.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "drivers/escpos/commands.hpp"
#include "drivers/symbol/barcode.hpp"
#include "drivers/star/commands.hpp"
#include "drivers/symbol/qr.hpp"

namespace obol::drivers {
namespace {

constexpr char dle = 0x10, escape = 0x1B, field = 0x1C, group = 0x1D;
constexpr int most_scale = 8;

int byte_at(std::string_view command, std::size_t i) { return static_cast<std::uint8_t>(command[i]); }
int little_at(std::string_view command, std::size_t i) { return byte_at(command, i) | byte_at(command, i + 1) << 8; }

}  // namespace

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes.substr(0, 8)) {
        out += digits[static_cast<std::uint8_t>(c) >> 4];
        out += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return out;
}

namespace {

Bitmap raster_of(std::string_view command) {  // GS v 0 m xL xH yL yH data
    const int stride = little_at(command, 4), rows = little_at(command, 6), mode = byte_at(command, 3) & 3;
    Bitmap picture(8 * stride, rows);
    for (int y = 0; y < rows; ++y) {
        for (int i = 0; i < stride; ++i) {
            picture.row(y)[static_cast<std::size_t>(i)] =
                static_cast<std::uint8_t>(command[8 + static_cast<std::size_t>(y * stride + i)]);
        }
    }
    return mode == 0 ? picture : enlarged(picture, (mode & 1) != 0 ? 2 : 1, (mode & 2) != 0 ? 2 : 1);
}

Bitmap columns_of(std::string_view command) {  // ESC * m nL nH data
    const int mode = byte_at(command, 2), width = little_at(command, 3), deep = mode >= 32 ? 3 : 1;
    Bitmap strip(width, 8 * deep);
    for (int x = 0; x < width; ++x) {
        for (int y = 0; y < 8 * deep; ++y) {
            const int bits = byte_at(command, 5 + static_cast<std::size_t>(x * deep + y / 8));
            strip.set(x, y, (bits >> (7 - y % 8) & 1) != 0);
        }
    }
    return enlarged(strip, (mode & 1) != 0 ? 1 : 2, deep == 1 ? 3 : 1);
}

}  // namespace

FakePrinter::FakePrinter(Profile profile, std::size_t buffer)
    : profile_(std::move(profile)), buffer_(buffer), paper_(profile_.paper) {
    reset();
}

void FakePrinter::reset() {
    page_ = profile_.code_pages.empty() ? find_code_page("CP437") : profile_.code_pages.front().page;
    paper_.drop_line();
    paper_.bold = false;
    paper_.wide = paper_.high = 1;
    paper_.pitch = profile_.paper.pitch;
    paper_.align = Align::left;
    qr_data_.clear();
    qr_module_ = bar_module_ = 3;
    bar_height_ = 162;
}

std::size_t FakePrinter::receive(std::string_view bytes) {
    std::size_t taken = 0;
    for (; taken < bytes.size(); ++taken) {
        if (stopped() && held_ >= buffer_ && !silent_) break;
        partial_ += bytes[taken];
        ++held_;
        // Within counted data only its last byte can end the command; asking at each byte would be slow.
        if (star() ? star_command_length(partial_) : command_length(partial_)) {
            const std::string command = std::exchange(partial_, "");
            take(command);
        }
    }
    return taken;
}

void FakePrinter::take(std::string_view command) {
    if (silent_) {
        held_ -= command.size();
        return;
    }
    if (star() ? is_star_real_time(command) : is_real_time(command)) {
        held_ -= command.size();
        real_time(command);
        return;
    }
    waiting_.emplace_back(command);
    run();
}

void FakePrinter::run() {
    while (!waiting_.empty() && !stopped()) {
        const std::string command = std::move(waiting_.front());
        waiting_.pop_front();
        held_ -= command.size();
        execute(command);
        status_changed();
    }
}

void FakePrinter::execute(std::string_view command) {
    if (star()) return star_command(command);
    const auto byte = static_cast<std::uint8_t>(command[0]);
    const bool asks = command.size() > 2 && command[0] == group &&
                      (command[1] == 'a' || command[1] == 'r' || command[1] == 'I' || command.starts_with("\x1D(H"));
    if (lying_ && !asks) return;
    if (command[0] == escape) return escape_command(command);
    if (command[0] == group) return group_command(command);
    if (command[0] == field || command[0] == dle) {
        if (!command.starts_with("\x1C.")) unknown_.push_back(hexadecimal(command));  // FS .: no Chinese letters here
        return;
    }
    if (byte == 0x0A) return paper_.end_line();
    if (byte == 0x07 && profile_.features.pulse_bel) {
        ++pulses_;
        return;
    }
    if (byte >= 0x20 && byte != 0x7F) return letter(byte);
    if (byte != 0x0D) unknown_.push_back(hexadecimal(command));
}

void FakePrinter::letter(std::uint8_t byte) {
    const CodePage& page = one_page_ && !profile_.code_pages.empty() ? *profile_.code_pages.front().page : *page_;
    const char32_t point = point_of(page, byte);
    if (point == CodePage::nothing) unknown_.push_back(hexadecimal({reinterpret_cast<const char*>(&byte), 1}));
    paper_.letter(point);
}

void FakePrinter::escape_command(std::string_view command) {
    const int value = command.size() > 2 ? byte_at(command, 2) : 0;
    switch (command[1]) {
        case '@': return reset();
        case 'R':
            if (value != 0) unknown_.push_back(hexadecimal(command));
            return;
        case 't': {
            const auto slot = std::find_if(profile_.code_pages.begin(), profile_.code_pages.end(),
                                           [&](const Profile::Slot& each) { return each.number == value; });
            if (slot == profile_.code_pages.end()) {
                unknown_.push_back(hexadecimal(command));
            } else {
                page_ = slot->page;
            }
            return;
        }
        case 'E':
        case 'G': paper_.bold = (value & 1) != 0; return;
        case '!':
            paper_.bold = (value & 0x08) != 0;
            paper_.high = (value & 0x10) != 0 ? 2 : 1;
            paper_.wide = (value & 0x20) != 0 ? 2 : 1;
            return;
        case 'a':
            paper_.align = value % 48 == 1 ? Align::centre : value % 48 == 2 ? Align::right : Align::left;
            return;
        case 'd':
            for (int i = 0; i < value; ++i) paper_.end_line();
            return;
        case 'J':
            if (!paper_.line_is_empty()) paper_.end_line();
            paper_.feed(value);
            return;
        case '2': paper_.pitch = line_pitch; return;
        case '3': paper_.pitch = value; return;
        case 'p': ++pulses_; return;
        case '*': return paper_.columns_of_dots(columns_of(command));
        default: unknown_.push_back(hexadecimal(command));
    }
}

void FakePrinter::group_command(std::string_view command) {
    const int value = command.size() > 2 ? byte_at(command, 2) : 0;
    switch (command[1]) {
        case '!':
            paper_.wide = std::min(most_scale, (value >> 4 & 7) + 1);
            paper_.high = std::min(most_scale, (value & 7) + 1);
            return;
        case 'V': return cut();
        case 'v': return paper_.strip(raster_of(command));
        case 'H':
        case 'f': return;  // the line below a bar code is ours
        case 'h': bar_height_ = std::max(1, value); return;
        case 'w': bar_module_ = std::clamp(value, 1, most_scale); return;
        case 'k': return barcode(command);
        case '(': return extended_command(command);
        case 'a':
            automatic_ = value;
            last_status_ = automatic_status();
            if (automatic_ != 0) answer(last_status_);
            return;
        case 'r':
            answer({std::string{static_cast<char>(value % 48 == 1 ? (near_end_ ? 0x03 : 0) | (paper_out() ? 0x0C : 0)
                                                                  : drawer_open_ ? 1 : 0)}});
            return;
        case 'I':
            answer(value == 66 ? "_" + profile_.vendor + std::string(1, '\0')
                   : value == 67 ? "_" + profile_.name + std::string(1, '\0')
                                 : std::string(1, ' '));
            return;
        default: unknown_.push_back(hexadecimal(command));
    }
}

void FakePrinter::extended_command(std::string_view command) {
    // GS ( H, 48: answers once everything before it is printed.
    if (command[2] == 'H' && command.size() == 11 && command[5] == '0') {
        answer("\x37\x22" + std::string(command.substr(7, 4)) + std::string(1, '\0'));
    } else if (command[2] == 'k' && command.size() > 7 && command[5] == '1') {
        qr(command);
    } else {
        unknown_.push_back(hexadecimal(command));
    }
}

void FakePrinter::barcode(std::string_view command) {
    const std::string_view data = command.substr(std::min<std::size_t>(4, command.size()));
    Barcode code;
    if (command[2] == 67) {
        code = {std::string(data), Symbology::ean13};
    } else if (command[2] == 73 && data.starts_with("{C")) {
        for (const char pair : data.substr(2)) {
            const int value = static_cast<std::uint8_t>(pair);
            code.data += {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
        }
    } else if (command[2] == 73 && data.starts_with("{B")) {
        for (std::size_t i = 2; i < data.size(); ++i) {
            code.data += data[i];
            if (data[i] == '{') ++i;
        }
    }
    barcode(code, bar_module_, bar_height_, command);
}

void FakePrinter::barcode(const Barcode& code, int module, int height, std::string_view command) {
    const Result<Bitmap> modules = bar_modules(code);
    if (!modules || modules->width() * module > profile_.paper.dots) {
        unknown_.push_back(hexadecimal(command));
        return;
    }
    paper_.strip(enlarged(*modules, module, height));
}

// A symbol that is too wide is not printed, and nothing says so: real printers do the same.
void FakePrinter::print_qr() {
    const Result<Bitmap> modules = qr_modules(qr_data_);
    if (modules && modules->width() * qr_module_ <= profile_.paper.dots) paper_.strip(enlarged(*modules, qr_module_, qr_module_));
}

void FakePrinter::qr(std::string_view command) {
    switch (command[6]) {
        case 'A':
        case 'E': return;  // model 2 and level M are what we draw
        case 'C': qr_module_ = std::clamp(byte_at(command, 7), 1, 16); return;
        case 'P': qr_data_ = command.substr(8); return;
        case 'Q': return print_qr();
        default: unknown_.push_back(hexadecimal(command));
    }
}

void FakePrinter::cut() {
    if (!profile_.features.full_cut && !profile_.features.part_cut) return;  // no knife
    if (std::exchange(jam_next_, false)) {
        knife_jammed_ = true;
        return;
    }
    paper_.sheet_ends();
}

void FakePrinter::real_time(std::string_view command) {
    if (star()) return answer(star_status());
    const int value = byte_at(command, 2);
    if (command[1] == 0x14) {
        pulses_ += value == 1 && !lying_ ? 1 : 0;
        if (value == 8) {  // drops what waits
            waiting_.clear();
            held_ = 0;
            paper_.drop_line();
            answer({"7%\0", 3});
        }
    } else if (command[1] == 0x05) {  // recovers from a knife that a person has freed: 1 goes on, 2 starts afresh
        if (value == 2) {
            waiting_.clear();
            held_ = 0;
            reset();
        }
    } else {
        const bool ill = stopped() && !lying_;
        int status = 0x12;
        if (value == 1) status |= (ill ? 0x08 : 0) | (drawer_open_ ? 0x04 : 0);
        if (value == 2 && ill) status |= (cover_open_ ? 0x04 : 0) | (paper_out() ? 0x20 : 0) | (knife_jammed_ ? 0x40 : 0);
        if (value == 3 && ill) status |= knife_jammed_ ? 0x08 : 0;
        if (value == 4) status |= (near_end_ ? 0x0C : 0) | (ill && paper_out() ? 0x60 : 0);
        answer(std::string(1, static_cast<char>(status)));
    }
}

std::string FakePrinter::automatic_status() const {
    if (star()) return star_status();
    const bool ill = stopped() && !lying_;
    const int first = 0x10 | (drawer_open_ ? 0x04 : 0) | (ill ? 0x08 : 0) | (ill && cover_open_ ? 0x20 : 0);
    const int second = ill && knife_jammed_ ? 0x08 : 0;
    const int third = (near_end_ ? 0x03 : 0) | (ill && paper_out() ? 0x0C : 0);
    return {static_cast<char>(first), static_cast<char>(second), static_cast<char>(third), 0};
}

void FakePrinter::status_changed() {
    if (automatic_ == 0) return;
    std::string now = automatic_status();
    if (now == last_status_) return;
    last_status_ = std::move(now);
    answer(last_status_);
}

void FakePrinter::answer(std::string_view bytes) {
    if (!silent_) answers_ += bytes;
}

std::string FakePrinter::answers() { return std::exchange(answers_, ""); }

void FakePrinter::open_cover(bool open) {
    cover_open_ = open;
    status_changed();
    run();
}

void FakePrinter::run_out_after(int dots) {
    paper_.run_out_after(dots);
    status_changed();
}

void FakePrinter::load_paper() {
    if (paper_.sheet().picture.height() > 0) paper_.sheet_ends();
    paper_.new_roll();
    status_changed();
    run();
}

void FakePrinter::paper_near_end(bool near) {
    near_end_ = near;
    status_changed();
}

void FakePrinter::jam_at_next_cut() { jam_next_ = true; }

void FakePrinter::free_knife() {
    if (!std::exchange(knife_jammed_, false)) return;
    paper_.sheet_ends();
    status_changed();
    run();
}

void FakePrinter::go_silent(bool silent) { silent_ = silent; }
void FakePrinter::lie(bool lying) { lying_ = lying; }
void FakePrinter::ignore_code_pages(bool ignore) { one_page_ = ignore; }

void FakePrinter::drawer_is_open(bool open) {
    drawer_open_ = open;
    status_changed();
}

void FakePrinter::power_cycle() {
    waiting_.clear();
    partial_.clear();
    answers_.clear();
    held_ = 0;
    automatic_ = 0;
    reset();
}

}  // namespace obol::drivers
