#include "drivers/escpos/commands.hpp"

#include <cstdint>

namespace obol::drivers {
namespace {

constexpr char dle = 0x10, escape = 0x1B, field = 0x1C, group = 0x1D;

// Commands of a fixed number of parameter bytes.
struct Fixed {
    char code;
    std::string_view functions;
    std::size_t parameters;
};
constexpr Fixed fixed[] = {
    {escape, "@2<LSimv\x0C", 0}, {escape, "!-3=?EGJMRTUVadertu{% ", 1}, {escape, "$\\c", 2}, {escape, "p", 3},
    {escape, "W", 8},            {group, ":", 0},                      {group, "!/BEHIabfhrw", 1},
    {group, "$LPW\\", 2},        {group, "^", 3},                      {field, ".&", 0},
    {field, "!-CW", 1},          {field, "Sp", 2},
};

class Measure {
public:
    explicit Measure(std::string_view bytes) : bytes_(bytes) {}

    std::optional<std::size_t> length() const {
        const char code = bytes_[0];
        if (code != dle && code != escape && code != field && code != group) return 1;
        if (bytes_.size() < 2) return std::nullopt;
        const char function = bytes_[1];
        if (code == dle) return real_time(function);
        if (function == '(' && code != escape) return counted(5, little(3));
        if (code == escape && function == '*') {
            const std::size_t a_column = byte(2) >= 32 ? 3 : 1;
            return counted(5, little(3) * a_column);
        }
        if (code == escape && function == 'D') return until_zero(2);
        if (code == group && function == 'v') return counted(8, little(4) * little(6));
        if (code == group && function == '*') return counted(4, byte(2) * byte(3) * 8);
        if (code == group && function == 'V') return counted(byte(2) == 'A' || byte(2) == 'B' ? 4 : 3, 0);
        if (code == group && function == 'k') return byte(2) <= 6 ? until_zero(3) : counted(4, byte(3));
        for (const Fixed& each : fixed) {
            if (each.code == code && each.functions.find(function) != std::string_view::npos) {
                return counted(2 + each.parameters, 0);
            }
        }
        return 2;
    }

private:
    std::size_t byte(std::size_t i) const { return i < bytes_.size() ? static_cast<std::uint8_t>(bytes_[i]) : 0; }
    std::size_t little(std::size_t i) const { return byte(i) | byte(i + 1) << 8; }

    // The head tells how much follows, so it must be there before that is believed.
    std::optional<std::size_t> counted(std::size_t head, std::size_t data) const {
        if (bytes_.size() < head || bytes_.size() < head + data) return std::nullopt;
        return head + data;
    }
    std::optional<std::size_t> until_zero(std::size_t from) const {
        constexpr std::size_t longest = 256;  // no printer waits for ever for the end
        const std::size_t end = bytes_.substr(0, longest).find('\0', from);
        if (end != std::string_view::npos) return end + 1;
        if (bytes_.size() >= longest) return longest;
        return std::nullopt;
    }
    std::optional<std::size_t> real_time(char function) const {
        if (function == 0x04 || function == 0x05) return counted(3, 0);
        if (function == 0x14) return counted(byte(2) == 8 ? 10 : 5, 0);
        return 2;
    }

    std::string_view bytes_;
};

}  // namespace

std::optional<std::size_t> command_length(std::string_view bytes) {
    if (bytes.empty()) return std::nullopt;
    return Measure(bytes).length();
}

bool is_real_time(std::string_view command) {
    return command.size() >= 3 && command[0] == dle &&
           (command[1] == 0x04 || command[1] == 0x05 || command[1] == 0x14);
}

}  // namespace obol::drivers
