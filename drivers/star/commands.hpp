#pragma once
// Where one command of Star line mode ends and the next begins.

#include <optional>
#include <string_view>

namespace obol::drivers {

// As command_length of ESC/POS: nothing while the command is not all there; one that is not known counts as its two bytes.
std::optional<std::size_t> star_command_length(std::string_view bytes);

// Answered on arrival, whatever waits before it: ESC ACK SOH.
bool is_star_real_time(std::string_view command);

}  // namespace obol::drivers
