#include "drivers/fake/paper.hpp"

#include <algorithm>
#include <utility>

#include "drivers/picture/face.hpp"
#include "drivers/ticket/utf8.hpp"

namespace obol::drivers {
namespace {

constexpr int highest_line = 8 * cell_height;
constexpr int most_rows = 200'000;  // of one sheet: 25 m; a stream of feeds ends somewhere

}  // namespace

PaperRoll::PaperRoll(const Paper& paper) : paper_(paper), line_(paper.dots, highest_line) {
    sheet_.picture = Bitmap(paper.dots, 0);
}

void PaperRoll::letter(char32_t point) {
    const int width = cell_width * wide;
    if (pen_ + width > paper_.dots) end_line();
    if (wide == 1 && high == 1) {
        draw_letter(line_, pen_, 0, point, bold, Size::normal);
    } else {
        Bitmap cell(cell_width, cell_height);
        draw_letter(cell, 0, 0, point, bold, Size::normal);
        line_.draw(enlarged(cell, wide, high), pen_, 0);
    }
    pen_ += width;
    tallest_ = std::max(tallest_, cell_height * high);
    append_point(text_, point);
}

void PaperRoll::columns_of_dots(const Bitmap& strip) {
    line_.draw(strip, pen_, 0);
    pen_ = std::min(paper_.dots, pen_ + strip.width());
    tallest_ = std::max(tallest_, strip.height());
}

void PaperRoll::end_line() { end_line_at(std::max(pitch, tallest_)); }

void PaperRoll::end_line_at(int height) {
    put(line_, lead(align, pen_, paper_.dots), height);
    while (!text_.empty() && text_.back() == ' ') text_.pop_back();
    sheet_.text += text_ + "\n";
    drop_line();
}

void PaperRoll::drop_line() {
    if (pen_ > 0) line_ = Bitmap(paper_.dots, highest_line);
    text_.clear();
    pen_ = tallest_ = 0;
}

void PaperRoll::feed(int dots) { put({}, 0, dots); }

void PaperRoll::strip(const Bitmap& picture) {
    put(picture, lead(align, picture.width(), paper_.dots), picture.height());
}

void PaperRoll::put(const Bitmap& rows, int x, int height) {
    // What does not find paper any more is lost, as it is on a real printer.
    const int y = sheet_.picture.height();
    height = std::min({height, left_, most_rows - y});
    if (left_ != endless) left_ -= height;
    sheet_.picture.grow(y + height);
    sheet_.picture.draw(rows, x, y);
}

void PaperRoll::sheet_ends() {
    sheets_.push_back(std::exchange(sheet_, Sheet{Bitmap(paper_.dots, 0), ""}));
}

}  // namespace obol::drivers
