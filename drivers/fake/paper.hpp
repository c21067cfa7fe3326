#pragma once
// The paper side of the emulated printer: the line that is being set, and the sheets that came out.

#include <limits>
#include <string>
#include <vector>

#include "drivers/ticket/layout.hpp"

namespace obol::drivers {

struct Sheet {
    Bitmap picture;
    std::string text;  // the letters of its lines, as UTF-8
};

class PaperRoll {
public:
    static constexpr int endless = std::numeric_limits<int>::max();

    explicit PaperRoll(const Paper& paper);

    // Style of what is set from now on.
    bool bold = false;
    int wide = 1, high = 1, pitch = line_pitch;
    Align align = Align::left;

    void letter(char32_t point);
    void columns_of_dots(const Bitmap& strip);  // into the line, as a letter is
    void end_line();                            // also when it is empty
    void end_line_at(int height);               // what is higher is not printed
    void feed(int dots);
    void strip(const Bitmap& picture);          // a line of its own, placed by `align`
    void sheet_ends();                          // cut or torn

    int left() const { return left_; }  // dots of paper
    void run_out_after(int dots) { left_ = dots; }
    void new_roll() { left_ = endless; }
    bool line_is_empty() const { return pen_ == 0; }
    void drop_line();

    const std::vector<Sheet>& sheets() const { return sheets_; }
    const Sheet& sheet() const { return sheet_; }

private:
    void put(const Bitmap& rows, int x, int height);

    Paper paper_;
    Bitmap line_;
    int pen_ = 0, tallest_ = 0;  // of the line
    std::string text_;
    Sheet sheet_;
    std::vector<Sheet> sheets_;
    int left_ = endless;
};

}  // namespace obol::drivers
