#include "sync/domain/typed.hpp"

#include <algorithm>
#include <array>

namespace obol {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

// One UTF-8 character of two or three bytes from the front of `rest`; 0 where there is none such.
// Codes need no others, so an overlong form or a longer character is simply no code.
char32_t take_wide(std::string_view& rest) {
    const auto byte = [&](std::size_t i) {
        return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u;
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    if ((byte(0) & 0xE0) == 0xC0 && follows(1)) {
        const char32_t c = ((byte(0) & 0x1Fu) << 6) | (byte(1) & 0x3Fu);
        rest.remove_prefix(2);
        return c >= 0x80 ? c : 0;
    }
    if ((byte(0) & 0xF0) == 0xE0 && follows(1) && follows(2)) {
        const char32_t c = ((byte(0) & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
        rest.remove_prefix(3);
        return c >= 0x800 ? c : 0;
    }
    return 0;
}

// Spaces of every width, and marks that are not seen: joiners, direction marks, the byte order
// mark.
bool is_blank(char32_t c) {
    return c == 0xA0 || c == 0xAD || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
           (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF || c == 0x61C ||
           c == 0x180E || (c >= 0x80 && c <= 0x9F);
}
bool is_dash(char32_t c) {
    return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63;
}
bool is_full_width(char32_t c) { return c >= 0xFF01 && c <= 0xFF5E; }

// Codes are Latin, so a Greek letter that looks like a Latin one was meant as that one: somebody
// typed with the Greek layout on. Cyrillic has look-alikes too, but on the keys of other letters (its
// A where F is), so a scanner that types Cyrillic would be read as another code.
char latin_of_greek(char32_t c) {
    constexpr std::string_view look = "AB--EZH-IK-MN-O-P--TY-X--";  // U+0391 Α to U+03A9 Ω
    const char32_t capital = c >= 0x3B1 && c <= 0x3C9 ? c - 0x20 : c;
    if (capital < 0x391 || capital > 0x3A9) return 0;
    const char latin = look[capital - 0x391];
    return is_upper(latin) ? latin : '\0';
}

// Arabic-Indic digits of both kinds are digits, whatever they look like.
char digit_of_arabic(char32_t c) {
    for (const char32_t zero : {char32_t{0x660}, char32_t{0x6F0}}) {
        if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
    }
    return 0;
}

std::optional<int> hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (upper(c) >= 'A' && upper(c) <= 'F') return upper(c) - 'A' + 10;
    return std::nullopt;
}


// ---- Layouts of keyboards
// ----------------------------------------------------------------------------------

// The keys that a text took, were it typed under this layout, as a Latin layout has them; 0: no such key.
using Layout = char (*)(char32_t);

char greek_key(char32_t c) {
    constexpr std::string_view capitals = "ABGDEZHUIKLMNJOPRWSTYFXCV";  // U+0391 to U+03A9; W is the final sigma
    const char32_t capital = c >= 0x3B1 && c <= 0x3C9 ? c - 0x20 : c;
    if (capital >= 0x391 && capital <= 0x3A9) return capitals[capital - 0x391];
    if (c == ':' || c == ';') return 'Q';
    if (c == 0x385) return 'W';
    return c < 0x80 && is_digit(static_cast<char>(c)) ? static_cast<char>(c) : '\0';
}

char russian_key(char32_t c) {
    constexpr std::string_view capitals = "F-DULT-PBQRKVYJGHCNEA-WXIO-SM--Z";  // U+0410 to U+042F
    const char32_t capital = c >= 0x430 && c <= 0x44F ? c - 0x20 : c;
    if (capital >= 0x410 && capital <= 0x42F) {
        const char key = capitals[capital - 0x410];
        return key == '-' ? '\0' : key;
    }
    return c < 0x80 && is_digit(static_cast<char>(c)) ? static_cast<char>(c) : '\0';
}

char french_key(char32_t c) {
    constexpr std::array<char32_t, 10> digits{0xE0, '&', 0xE9, '"', '\'', '(', '-', 0xE8, '_', 0xE7};  // à & é " ' ( - è _ ç
    const auto found = std::find(digits.begin(), digits.end(), c);
    if (found != digits.end()) return static_cast<char>('0' + (found - digits.begin()));
    if (c == ',' || c == '?') return 'M';
    if (c >= 0x80) return 0;
    const char key = upper(static_cast<char>(c));
    constexpr std::string_view there = "AQZW", here = "QAWZ";
    if (const std::size_t at = there.find(key); at != std::string_view::npos) return here[at];
    return is_digit(key) || (is_upper(key) && key != 'M') ? key : '\0';
}

char german_key(char32_t c) {
    if (c >= 0x80) return 0;
    const char key = upper(static_cast<char>(c));
    if (key == 'Y') return 'Z';
    if (key == 'Z') return 'Y';
    return is_digit(key) || is_upper(key) ? key : '\0';
}

std::optional<std::string> by_layout(std::string_view raw, Layout layout) {
    std::string out;
    for (std::string_view rest = raw; !rest.empty();) {
        const auto first = static_cast<unsigned char>(rest.front());
        char32_t c = first;
        if (first < 0x80) {
            rest.remove_prefix(1);
            if (first <= 0x20 || first == 0x7F) continue;
        } else {
            c = take_wide(rest);
        }
        const char key = c == 0 ? '\0' : layout(c);
        if (key == 0) return std::nullopt;
        out += key;
    }
    return out;
}

}  // namespace

std::optional<std::string> fold_typed(std::string_view raw, Separators separators) {
    std::string out;
    for (std::string_view rest = raw; !rest.empty();) {
        const auto first = static_cast<unsigned char>(rest.front());
        if (first < 0x80) {
            const bool kept = separators == Separators::kept && rest.front() == group_separator;
            if (kept || (first > 0x20 && first != 0x7F)) out += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        const char32_t c = take_wide(rest);
        if (is_full_width(c)) {
            out += static_cast<char>(c - 0xFF01 + '!');
        } else if (is_dash(c)) {
            out += '-';
        } else if (const char latin = latin_of_greek(c)) {
            out += latin;
        } else if (const char digit = digit_of_arabic(c)) {
            out += digit;
        } else if (!is_blank(c)) {
            return std::nullopt;
        }
    }
    return out;
}

std::optional<std::string_view> aim_identifier(std::string_view text) {
    const bool is_aim = text.size() >= 3 && text[0] == ']' &&
                        (is_upper(text[1]) || is_lower(text[1])) &&
                        (is_digit(text[2]) || is_upper(text[2]) || is_lower(text[2]));
    return is_aim ? std::optional(text.substr(1, 2)) : std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_value(text[i + 1]);
        const auto low = hex_value(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return out;
}

std::vector<std::string> by_layouts(std::string_view raw) {
    std::vector<std::string> out;
    const auto add = [&out](std::optional<std::string> text) {
        if (!text || std::find(out.begin(), out.end(), *text) != out.end()) return;
        out.push_back(std::move(*text));
    };
    if (std::optional<std::string> folded = fold_typed(raw)) {
        std::transform(folded->begin(), folded->end(), folded->begin(), upper);
        add(std::move(folded));
    }
    for (const Layout layout : {greek_key, russian_key, french_key, german_key}) add(by_layout(raw, layout));
    return out;
}

}  // namespace obol
