#pragma once
// Where one ESC/POS command ends and the next begins.

#include <optional>
#include <string_view>

namespace obol::drivers {

// Bytes of the command that `bytes` begins with, its data included; nothing while it is not all there, or while
// its length is still to come. A letter is a command of one byte. A command that we do not know counts as its
// two bytes, as printers do.
std::optional<std::size_t> command_length(std::string_view bytes);

// Answered on arrival, whatever waits before it: DLE EOT, DLE ENQ, DLE DC4.
bool is_real_time(std::string_view command);

}  // namespace obol::drivers
