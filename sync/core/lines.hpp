#pragma once
// The lines of a text that may be larger than memory, one at a time. A line has a bound: a file without
// an end of line would be read whole otherwise.

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string_view>

namespace obol {

class Lines {
public:
    // `in` outlives this.
    Lines(std::istream& in, std::size_t longest);

    // Without its end, until the next call; nothing after the last, or where a line is too long.
    std::optional<std::string_view> next();
    std::int64_t number() const { return number_; }  // of the line that was read last, from 1
    bool too_long() const { return too_long_; }      // the line behind it

private:
    std::istream& in_;
    std::size_t room_;
    std::unique_ptr<char[]> buffer_;
    std::int64_t number_ = 0;
    bool too_long_ = false;
};

}  // namespace obol
