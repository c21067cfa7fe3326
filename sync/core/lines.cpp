#include "sync/core/lines.hpp"

namespace obol {

// The end of the line and a terminator are read into the buffer, too.
Lines::Lines(std::istream& in, std::size_t longest)
    : in_(in), room_(longest + 2), buffer_(std::make_unique_for_overwrite<char[]>(room_)) {}

std::optional<std::string_view> Lines::next() {
    if (!in_ || too_long_) return std::nullopt;
    in_.getline(buffer_.get(), static_cast<std::streamsize>(room_));
    auto length = static_cast<std::size_t>(in_.gcount());
    if (in_.bad() || (in_.eof() && length == 0)) return std::nullopt;
    // The bound is met where neither an end of line nor the end of all came before it.
    const bool ended = !in_.eof() && !in_.fail();
    if (ended) --length;
    too_long_ = length + 2 > room_;
    if (too_long_) return std::nullopt;
    ++number_;
    return std::string_view(buffer_.get(), length);
}

}  // namespace obol
