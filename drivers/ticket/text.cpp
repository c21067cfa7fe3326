#include "drivers/ticket/text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

constexpr char32_t replacement = 0xFFFD;

// Takes one code point off the front; broken input gives the replacement character for each byte that
// starts nothing (overlong forms and surrogates are broken, too).
char32_t next_point(std::string_view& rest) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4 : 0;
    if (length == 1) {
        rest.remove_prefix(1);
        return lead;
    }
    char32_t point = length == 2 ? lead & 0x1F : length == 3 ? lead & 0x0F : lead & 0x07;
    bool good = length != 0 && rest.size() >= length;
    for (std::size_t i = 1; good && i < length; ++i) {
        good = (byte(i) & 0xC0) == 0x80;
        point = (point << 6) | (byte(i) & 0x3Fu);
    }
    good = good && !(length == 3 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) &&
           !(length == 4 && (point < 0x10000 || point > 0x10FFFF));
    rest.remove_prefix(good ? length : 1);
    return good ? point : replacement;
}

void append_point(std::string& out, char32_t point) {
    const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | (point >> 6));
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | (point >> 12));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | (point >> 18));
        put(0x80 | ((point >> 12) & 0x3F));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

bool within(char32_t point, std::initializer_list<std::pair<char32_t, char32_t>> ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return point >= range.first && point <= range.second;
    });
}

int cells_of(char32_t point) {
    // Combining marks, joiners and direction marks take no cell of their own.
    if (within(point, {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                       {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
                       {0x202A, 0x202E}, {0x2060, 0x2064}, {0x2066, 0x2069}, {0x20D0, 0x20F0},
                       {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}})) {
        return 0;
    }
    return within(point, {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3},
                          {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}})
               ? 2
               : 1;
}

bool is_control(char32_t point) {
    // Direction overrides are refused with the control characters: they make an amount read backwards.
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           within(point, {{0x2028, 0x202E}, {0x2066, 0x2069}});
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

std::string spaces(int count) { return std::string(static_cast<std::size_t>(std::max(0, count)), ' '); }

class Sheet {
public:
    explicit Sheet(int columns) : columns_(columns) {}

    void line(std::string text) {
        while (!text.empty() && text.back() == ' ') text.pop_back();
        out_ += text;
        out_ += '\n';
    }

    void aligned(std::string_view text, Align align) {
        for (const std::string& part : wrap(text, columns_)) {
            const int free = columns_ - width_of(part);
            line(spaces(align == Align::centre ? free / 2 : align == Align::right ? free : 0) + part);
        }
    }

    void columns(const Columns& block) {
        const std::string right = printable(block.right);
        const int indent = std::clamp(block.indent, 0, columns_ / 4);
        const int room = columns_ - indent - (right.empty() ? 0 : width_of(right) + 1);
        if (room < columns_ / 4) {  // an amount so wide stands on a line of its own
            for (const std::string& part : wrap(block.left, columns_ - indent)) line(spaces(indent) + part);
            aligned(right, Align::right);
            return;
        }
        const std::vector<std::string> left = wrap(block.left, room);
        for (std::size_t i = 0; i + 1 < left.size(); ++i) line(spaces(indent) + left[i]);
        const int gap = columns_ - indent - width_of(left.back()) - width_of(right);
        line(spaces(indent) + left.back() + spaces(gap) + right);
    }

    void rule(bool heavy) { line(std::string(static_cast<std::size_t>(columns_), heavy ? '=' : '-')); }

    std::string finish() { return std::move(out_); }

private:
    int columns_;
    std::string out_;
};

}  // namespace

int width_of(std::string_view utf8) {
    int cells = 0;
    while (!utf8.empty()) cells += cells_of(next_point(utf8));
    return cells;
}

std::string printable(std::string_view utf8) {
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
    while (!rest.empty()) {
        const std::size_t at = rest.find_first_not_of(' ');
        if (at == std::string_view::npos) break;
        rest.remove_prefix(at);
        std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        const int used = width_of(lines.back());
        if (used > 0 && used + 1 + width_of(word) <= columns) {
            lines.back() += ' ';
            lines.back() += word;
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
    }
    return lines;
}

std::string render_text(const Document& document, int columns) {
    ENSURE(columns >= narrowest_paper);
    Sheet sheet(columns);
    for (const Block& block : document.blocks) {
        std::visit(overloaded{
                       [&](const Title& title) { sheet.aligned(title.text, Align::centre); },
                       [&](const Text& text) { sheet.aligned(text.text, text.align); },
                       [&](const Columns& pair) { sheet.columns(pair); },
                       [&](const Rule& rule) { sheet.rule(rule.heavy); },
                       [&](const Feed& feed) {
                           for (int i = 0; i < feed.lines; ++i) sheet.line("");
                       },
                   },
                   block);
    }
    return sheet.finish();
}

}  // namespace obol::drivers
