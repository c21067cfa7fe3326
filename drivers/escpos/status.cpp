#include "drivers/escpos/status.hpp"

#include <algorithm>

namespace obol::drivers {
namespace {

constexpr std::size_t most_questions = 16, longest_block = 80;
constexpr std::string_view cleared("7%\0", 3);  // answer to DLE DC4 8
constexpr std::uint8_t xon = 0x11, xoff = 0x13;

bool is_real_time_answer(std::uint8_t value) { return (value & 0x93) == 0x12; }
bool starts_automatic(std::uint8_t value) { return (value & 0x93) == 0x10; }
bool goes_on(std::uint8_t value) { return (value & 0x90) == 0; }

void remember(std::deque<int>& questions, int n) {
    if (questions.size() == most_questions) questions.pop_front();  // nobody answers
    questions.push_back(n);
}

}  // namespace

PrinterStatus PrinterBits::status() const {
    PrinterStatus out{cover_open, paper_empty, paper_near_end, ExtendedError::none};
    if (cutter_jammed) {
        out.error = ExtendedError::cutter_jammed;
    } else if (cover_open) {
        out.error = ExtendedError::cover_open;
    } else if (paper_empty) {
        out.error = ExtendedError::paper_empty;
    } else if (overheated) {
        out.error = ExtendedError::overheated;
    }
    return out;
}

void StatusParser::asked_real_time(int n) { remember(real_time_, n); }
void StatusParser::asked_transmission(int n) { remember(transmissions_, n); }

void StatusParser::forget_questions() {
    real_time_.clear();
    transmissions_.clear();
}

void StatusParser::forget() {
    forget_questions();
    automatic_.clear();
    block_.clear();
}

std::vector<Heard> StatusParser::read(std::string_view bytes) {
    std::vector<Heard> out;
    for (const char c : bytes) byte(static_cast<std::uint8_t>(c), out);
    return out;
}

void StatusParser::byte(std::uint8_t value, std::vector<Heard>& out) {
    if (!block_.empty()) {
        block_ += static_cast<char>(value);
        if (value == 0) return block(out);
        if (block_.size() < longest_block) return;
        senseless_ += block_.size();
        block_.clear();
        return;
    }
    if (value == xon || value == xoff) return;
    // An answer in real time may come in the midst of automatic status.
    if (is_real_time_answer(value)) return real_time(value, out);
    if (!automatic_.empty()) {
        if (goes_on(value)) {
            automatic_ += static_cast<char>(value);
            if (automatic_.size() == 4) automatic(out);
            return;
        }
        senseless_ += automatic_.size();  // its rest was lost
        automatic_.clear();
    }
    if (starts_automatic(value)) {
        automatic_ = static_cast<char>(value);
    } else if (value == '_' || value == '7') {
        block_ = static_cast<char>(value);
    } else if (goes_on(value) && !transmissions_.empty()) {
        out.emplace_back(Transmitted{transmissions_.front(), value});
        if (transmissions_.front() == 1) {
            bits_.paper_near_end = (value & 0x03) != 0;
            bits_.paper_empty = (value & 0x0C) != 0;
        } else {
            bits_.pin_high = (value & 0x01) != 0;
        }
        transmissions_.pop_front();
    } else {
        ++senseless_;
    }
}

void StatusParser::real_time(std::uint8_t value, std::vector<Heard>& out) {
    if (real_time_.empty()) {
        ++senseless_;
        return;
    }
    const int n = real_time_.front();
    real_time_.pop_front();
    const auto bit = [&](int i) { return (value >> i & 1) != 0; };
    if (n == 1) {
        bits_.pin_high = bit(2);
        bits_.offline = bit(3);
    } else if (n == 2) {
        bits_.cover_open = bit(2);
    } else if (n == 3) {
        bits_.cutter_jammed = bit(3);
        bits_.broken = bit(5);
        bits_.overheated = bit(6);
    } else {
        bits_.paper_near_end = bit(2) || bit(3);
        bits_.paper_empty = bit(5) || bit(6);
    }
    out.emplace_back(StatusHeard{StatusHeard::By::real_time, n});
}

void StatusParser::automatic(std::vector<Heard>& out) {
    const auto bit = [&](std::size_t at, int i) { return (static_cast<std::uint8_t>(automatic_[at]) >> i & 1) != 0; };
    bits_.pin_high = bit(0, 2);
    bits_.offline = bit(0, 3);
    bits_.cover_open = bit(0, 5);
    bits_.cutter_jammed = bit(1, 3);
    bits_.broken = bit(1, 5);
    bits_.overheated = bit(1, 6);
    bits_.paper_near_end = bit(2, 0) || bit(2, 1);
    bits_.paper_empty = bit(2, 2) || bit(2, 3);
    automatic_.clear();
    out.emplace_back(StatusHeard{});
}

void StatusParser::block(std::vector<Heard>& out) {
    if (block_[0] == '_') {
        out.emplace_back(Named{block_.substr(1, block_.size() - 2)});
    } else if (block_.size() == 7 && block_[1] == '"') {
        PrintedUpTo done;
        std::copy_n(block_.begin() + 2, 4, done.id.begin());
        out.emplace_back(done);
    } else if (block_ != cleared) {
        senseless_ += block_.size();
    }
    block_.clear();
}

std::string ask_real_time(int n) { return {0x10, 0x04, static_cast<char>(n)}; }
std::string ask_transmission(int n) { return {0x1D, 'r', static_cast<char>(n)}; }

std::string ask_printed(std::array<char, 4> id) {
    return std::string{0x1D, '(', 'H', 6, 0, '0', '0'} + std::string(id.begin(), id.end());
}

}  // namespace obol::drivers
