#pragma once
// UTF-8 read as what stands on paper: code points, and the cells of a fixed-width face that they take.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace obol::drivers {

inline constexpr char32_t replacement = 0xFFFD;

// Takes one code point off the front of a text that is not empty; broken input gives the replacement
// character for each byte that starts nothing (overlong forms and surrogates are broken, too).
char32_t next_point(std::string_view& rest);
// Letters of ASCII alone, a cell each: most of what is printed.
bool is_plain(std::string_view utf8);
void append_point(std::string& out, char32_t point);
std::u32string points_of(std::string_view utf8);

bool within(char32_t point, std::initializer_list<std::pair<char32_t, char32_t>> ranges);

// 0 for combining marks, joiners and direction marks, 2 for East Asian wide characters, 1 for the rest.
int cells_of(char32_t point);

}  // namespace obol::drivers
