#include <unistd.h>

#include "sync/host/system.hpp"

namespace obol::host {

std::string without_comments(std::string_view text) {
    std::string out(text);
    bool in_string = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (in_string) {
            if (out[i] == '\\') ++i;
            else if (out[i] == '"') in_string = false;
        } else if (out[i] == '"') {
            in_string = true;
        } else if (out[i] == '/' && i + 1 < out.size() && out[i + 1] == '/') {
            while (i < out.size() && out[i] != '\n') out[i++] = ' ';
        }
    }
    return out;
}

namespace {

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "error";
}

}  // namespace

void log_line(Level level, std::string_view message) {
    SystemWallClock clock;
    std::string line = to_rfc3339(clock.now());
    line.append(" ").append(name_of(level)).append(" ");
    // One line a message, whatever it holds: a control character becomes a question mark.
    for (const char c : message) line += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    line += '\n';
    // One write, so that lines of two threads do not mix. Nobody is left to tell when it fails.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace obol::host
