#include "drivers/star/status.hpp"

namespace obol::drivers {
namespace {

constexpr std::size_t shortest = 7;

// Lengths, versions and counters leave out the bits 4 and 0.
int spread(std::uint8_t byte) { return (byte >> 1 & 7) | (byte >> 2 & 0x18); }

bool has(char byte, int bit) { return (static_cast<std::uint8_t>(byte) >> bit & 1) != 0; }

}  // namespace

int StarStatusParser::read(std::string_view bytes) {
    int blocks = 0;
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte == 0x11 || byte == 0x13) continue;
        const bool head = (byte & 0x91) == 0x01, body = (byte & 0x91) == 0;
        if (head) {
            senseless_ += block_.size();  // one that was cut off
            block_ = c;
        } else if (body && !block_.empty()) {
            block_ += c;
        } else {
            ++senseless_;
            continue;
        }
        const auto length = static_cast<std::size_t>(spread(static_cast<std::uint8_t>(block_[0])));
        if (length < shortest) {
            senseless_ += block_.size();
            block_.clear();
        } else if (block_.size() == length) {
            finish();
            block_.clear();
            ++blocks;
        }
    }
    return blocks;
}

void StarStatusParser::finish() {
    bits_ = {};
    passed_ = has(block_[2], 1);
    bits_.pin_high = has(block_[2], 2);
    bits_.offline = has(block_[2], 3);
    bits_.cover_open = has(block_[2], 5);
    bits_.cutter_jammed = has(block_[3], 3);
    bits_.broken = has(block_[3], 5) || has(block_[3], 2);
    bits_.overheated = has(block_[3], 6);
    bits_.paper_empty = has(block_[5], 3);
    bits_.paper_near_end = has(block_[5], 1) || has(block_[5], 2);
    marks_ = block_.size() > 7 ? spread(static_cast<std::uint8_t>(block_[7])) : -1;
}

}  // namespace obol::drivers
