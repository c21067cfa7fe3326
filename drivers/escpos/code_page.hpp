#pragma once
// The code pages of receipt printers, by the names of escpos-printer-db. One byte a letter; 0x00 to 0x7F
// are ASCII in all of them.

#include <cstdint>
#include <span>
#include <string_view>

namespace obol::drivers {

struct CodePage {
    static constexpr char16_t nothing = 0xFFFD;
    std::string_view name;
    const char16_t* upper;  // 128 letters
};

std::span<const CodePage> code_pages();
// nullptr: we have no table of that name.
const CodePage* find_code_page(std::string_view name);

// `page` is one of ours. 0: the page lacks that letter.
std::uint8_t byte_of(const CodePage& page, char32_t point);
// CodePage::nothing: that byte stands for nothing.
char32_t point_of(const CodePage& page, std::uint8_t byte);

}  // namespace obol::drivers
