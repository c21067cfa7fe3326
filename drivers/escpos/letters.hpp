#pragma once
// Which byte of which code page prints a letter. Over a whole document, so that the pages change as seldom
// as they can.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/escpos/profile.hpp"

namespace obol::drivers {

// A letter that some page of the printer has; bit i stands for profile.code_pages[i].
struct Letter {
    char32_t point = 0;
    std::uint64_t pages = 0;
};

class Letters {
public:
    // `select` and a number choose a page. `none` prints where a printer has neither the letter nor a way to draw it; 0: such a
    // line is to be drawn.
    Letters(const Profile& profile, std::string_view select, char none);

    // Adds a line; false, and nothing is added, where a letter of it is to be drawn.
    bool add(std::string_view utf8);

    // After the last line: the pages of all letters, chosen with the fewest changes.
    void choose();

    // The lines' bytes in the order of adding, each with the commands that change pages.
    std::string next_line();

private:
    Letter letter(char32_t point) const;

    const Profile& profile_;
    std::string_view select_;
    char none_;
    std::vector<Letter> letters_;    // of all lines
    std::vector<std::size_t> ends_;  // of each line
    std::size_t line_ = 0;
    int selected_ = -1;
};

}  // namespace obol::drivers
