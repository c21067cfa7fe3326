#include "drivers/ticket/wrap.hpp"

#include "drivers/ticket/utf8.hpp"
#include "sync/core/ensure.hpp"

namespace obol::drivers {
namespace {

bool is_control(char32_t point) {
    // Direction overrides are refused with the control characters: they make an amount read backwards.
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           (point >= 0x2028 && within(point, {{0x2028, 0x202E}, {0x2066, 0x2069}}));
}

// The longest start of `word` that fits; at least one code point, so that cutting always ends.
std::string_view start_that_fits(std::string_view word, int columns) {
    std::string_view rest = word;
    int used = 0;
    while (!rest.empty()) {
        std::string_view after = rest;
        used += cells_of(next_point(after));
        if (used > columns && rest.size() != word.size()) break;
        rest = after;
    }
    return word.substr(0, word.size() - rest.size());
}

}  // namespace

int width_of(std::string_view utf8) {
    if (is_plain(utf8)) return static_cast<int>(utf8.size());
    int cells = 0;
    while (!utf8.empty()) cells += cells_of(next_point(utf8));
    return cells;
}

std::string printable(std::string_view utf8) {
    if (is_plain(utf8)) return std::string(utf8);
    std::string out;
    out.reserve(utf8.size());
    while (!utf8.empty()) {
        const char32_t point = next_point(utf8);
        append_point(out, is_control(point) ? U' ' : point);
    }
    return out;
}

std::vector<std::string> wrap(std::string_view utf8, int columns) {
    ENSURE(columns >= 1);
    const std::string clean = printable(utf8);
    std::vector<std::string> lines{""};
    std::string_view rest = clean;
    int used = 0;  // of the last line
    while (!rest.empty()) {
        const std::size_t at = rest.find_first_not_of(' ');
        if (at == std::string_view::npos) break;
        rest.remove_prefix(at);
        std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        const int wide = width_of(word);
        if (used > 0 && used + 1 + wide <= columns) {
            lines.back() += ' ';
            lines.back() += word;
            used += 1 + wide;
            continue;
        }
        if (used > 0) lines.emplace_back();
        while (width_of(word) > columns) {
            const std::string_view part = start_that_fits(word, columns);
            lines.back() = part;
            word.remove_prefix(part.size());
            if (!word.empty()) lines.emplace_back();
        }
        if (!word.empty()) lines.back() = word;
        used = width_of(lines.back());
    }
    return lines;
}

}  // namespace obol::drivers
