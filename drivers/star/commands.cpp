#include "drivers/star/commands.hpp"

#include <cstdint>

namespace obol::drivers {
namespace {

constexpr char escape = 0x1B, group = 0x1D;

struct Fixed {
    std::string_view functions;
    std::size_t parameters;
};
// After ESC, and after ESC GS.
constexpr Fixed after_escape[] = {{"@EF45012", 0}, {"RzJIjadWhM-_A3\x06", 1}, {"i\x1E\x07", 2}};
constexpr Fixed after_group[] = {{"atPc", 1}, {"A", 2}};

class Measure {
public:
    explicit Measure(std::string_view bytes) : bytes_(bytes) {}

    std::optional<std::size_t> length() const {
        if (bytes_[0] != escape) return 1;
        if (bytes_.size() < 2) return std::nullopt;
        switch (bytes_[1]) {
            case 'X': return counted(4, 3 * little(2));
            case 'K':
            case 'L': return counted(4, little(2));
            case 'k': return counted(4, 24 * byte(2));
            case 'b': return until_record(6);
            case group: return of_group();
            default: return listed(after_escape, 1);
        }
    }

private:
    std::optional<std::size_t> of_group() const {
        if (bytes_.size() < 3) return std::nullopt;
        if (bytes_[2] != 'y') return listed(after_group, 2);
        if (bytes_.size() < 4) return std::nullopt;
        if (bytes_[3] == 'S') return counted(6, 0);
        if (bytes_[3] == 'D') return counted(8, little(6));
        return 4;
    }
    template <std::size_t size>
    std::optional<std::size_t> listed(const Fixed (&list)[size], std::size_t at) const {
        for (const Fixed& each : list) {
            if (each.functions.find(bytes_[at]) != std::string_view::npos) return counted(at + 1 + each.parameters, 0);
        }
        return at + 1;
    }

    std::size_t byte(std::size_t i) const { return i < bytes_.size() ? static_cast<std::uint8_t>(bytes_[i]) : 0; }
    std::size_t little(std::size_t i) const { return byte(i) | byte(i + 1) << 8; }
    std::optional<std::size_t> counted(std::size_t head, std::size_t data) const {
        if (bytes_.size() < head || bytes_.size() < head + data) return std::nullopt;
        return head + data;
    }
    std::optional<std::size_t> until_record(std::size_t from) const {
        constexpr std::size_t longest = 256;  // no printer waits for ever for the end
        const std::size_t end = bytes_.substr(0, longest).find('\x1E', from);
        if (end != std::string_view::npos) return end + 1;
        if (bytes_.size() >= longest) return longest;
        return std::nullopt;
    }

    std::string_view bytes_;
};

}  // namespace

std::optional<std::size_t> star_command_length(std::string_view bytes) {
    if (bytes.empty()) return std::nullopt;
    return Measure(bytes).length();
}

bool is_star_real_time(std::string_view command) { return command == "\x1B\x06\x01"; }

}  // namespace obol::drivers
