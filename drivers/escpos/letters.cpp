#include "drivers/escpos/letters.hpp"

#include <algorithm>
#include <bit>

#include "drivers/ticket/substitute.hpp"
#include "drivers/ticket/utf8.hpp"
#include "sync/core/ensure.hpp"

namespace obol::drivers {
namespace {

constexpr std::uint64_t any_page = ~std::uint64_t{0};

}  // namespace

Letters::Letters(const Profile& profile, std::string_view select, char none)
    : profile_(profile), select_(select), none_(none) {
    ENSURE(profile.code_pages.size() <= 64);
}

Letter Letters::letter(char32_t point) const {
    if (point >= 0x20 && point < 0x7F) return {point, any_page};
    Letter found{point, 0};
    for (std::size_t i = 0; i < profile_.code_pages.size(); ++i) {
        if (byte_of(*profile_.code_pages[i].page, point) != 0) found.pages |= std::uint64_t{1} << i;
    }
    return found;
}

bool Letters::add(std::string_view utf8) {
    const std::size_t before = letters_.size();
    if (is_plain(utf8)) {  // nearly all there is: on every page, a cell each
        for (const char c : utf8) letters_.push_back({static_cast<char32_t>(c), any_page});
        ends_.push_back(letters_.size());
        return true;
    }
    for (const char32_t point : composed(utf8)) {
        Letter best = letter(point);
        if (best.pages == 0) {
            for (const char32_t like : likes_of(point)) {
                if (best.pages == 0) best = letter(like);
            }
        }
        if (best.pages == 0 && none_ != 0) best = letter(static_cast<char32_t>(none_));
        if (best.pages == 0) {
            letters_.resize(before);
            return false;
        }
        letters_.push_back(best);
        if (cells_of(point) == 2) letters_.push_back({U' ', any_page});  // every letter of a page is one cell wide
    }
    ends_.push_back(letters_.size());
    return true;
}

// Staying on a page as long as it serves, and then taking the one that serves longest, changes pages as
// seldom as any choice can: a page that was taken earlier serves no longer than the best one taken here.
void Letters::choose() {
    std::size_t start = 0;  // of the run whose pages are still open
    std::uint64_t open = any_page;
    const auto close = [&](std::size_t end) {
        const std::uint64_t pages = open == any_page ? any_page : std::uint64_t{1} << std::countr_zero(open);
        for (; start < end; ++start) {
            if (letters_[start].pages != any_page) letters_[start].pages = pages;
        }
    };
    for (std::size_t i = 0; i < letters_.size(); ++i) {
        if ((open & letters_[i].pages) == 0) {
            close(i);
            open = any_page;
        }
        open &= letters_[i].pages;
    }
    close(letters_.size());
}

std::string Letters::next_line() {
    ENSURE(line_ < ends_.size());
    std::string out;
    out.reserve(ends_[line_] - (line_ == 0 ? 0 : ends_[line_ - 1]) + 8);
    for (std::size_t i = line_ == 0 ? 0 : ends_[line_ - 1]; i < ends_[line_]; ++i) {
        const Letter& letter = letters_[i];
        if (letter.pages == any_page) {
            out.push_back(static_cast<char>(letter.point));
            continue;
        }
        const int slot = std::countr_zero(letter.pages);
        const Profile::Slot& page = profile_.code_pages[static_cast<std::size_t>(slot)];
        if (slot != selected_) {
            out += select_;
            out += static_cast<char>(page.number);
            selected_ = slot;
        }
        out.push_back(static_cast<char>(byte_of(*page.page, letter.point)));
    }
    ++line_;
    return out;
}

}  // namespace obol::drivers
