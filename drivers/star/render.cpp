#include "drivers/star/render.hpp"

#include <algorithm>

#include "drivers/escpos/letters.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/symbol/barcode.hpp"
#include "drivers/symbol/qr.hpp"

namespace obol::drivers {
namespace {

constexpr char escape = 0x1B, group = 0x1D, line_feed = 0x0A, bell = 0x07, substitute = 0x1A, record = 0x1E;
constexpr int column_rows = 24;    // of ESC X, and of a line after ESC 0
constexpr int largest_module = 8;  // of a QR code that the printer makes
constexpr char lines_to_tear = 4;

char low(int value) { return static_cast<char>(value & 0xFF); }
char high(int value) { return static_cast<char>(value >> 8 & 0xFF); }

bool is_control(char c) { return c >= 0 && c < 0x20; }

// ESC ACK is obeyed even in the middle of a picture; one dot more makes it none.
void spoil_commands_in_real_time(std::string& bytes, std::size_t from) {
    for (std::size_t i = bytes.find("\x1B\x06", from); i != std::string::npos; i = bytes.find("\x1B\x06", i + 1)) bytes[i] = 0x1F;
}

class StarPrintout {
public:
    explicit StarPrintout(const Profile& profile)
        : profile_(profile), letters_(profile, star_page, profile.features.bit_image_column ? char{0} : '_') {}

    Result<std::string> write(const Document& document) {
        const std::vector<Placed> all = compose(document, profile_.paper.columns);
        std::vector<bool> drawn;
        for (const Placed& placed : all) {
            const Line* const line = std::get_if<Line>(&placed);
            drawn.push_back(line != nullptr && !letters_.add(line->text));
        }
        letters_.choose();
        out_ = {escape, '@', escape, 'R', 0, escape, 'z', 1};
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Result<void> done = drawn[i] ? draw(all[i]) : std::visit(*this, all[i]);
            if (!done) return done.error();
        }
        style(Line{});
        return std::move(out_);
    }

    Result<void> operator()(const Line& line) {
        const std::string text = letters_.next_line();
        style(text.empty() ? Line{} : line);
        if (!text.empty()) out_.append(static_cast<std::size_t>(lead(line, profile_.paper.columns)), ' ');
        out_ += text;
        out_ += line_feed;
        return {};
    }

    Result<void> operator()(const Image& image) { return draw(image); }

    Result<void> operator()(const Qr& code) {
        const int module = module_dots(code.data.size(), profile_.paper);
        const bool obeyed = std::any_of(code.data.begin(), code.data.end(), is_control);
        if (!profile_.features.qr_code || module == 0 || module > largest_module || obeyed || code.data.empty()) return draw(code);
        style(Line{});
        out_ += line_feed;
        align(1);
        const auto set = [&](std::initializer_list<char> bytes) {
            out_ += {escape, group, 'y'};
            out_ += bytes;
        };
        set({'S', '0', 2});  // model 2
        set({'S', '2', static_cast<char>(module)});
        set({'S', '1', 1});  // level M
        const int size = static_cast<int>(code.data.size());
        set({'D', '1', 0, low(size), high(size)});
        out_ += code.data;
        set({'P'});
        align(0);
        out_ += line_feed;
        return {};
    }

    Result<void> operator()(const Barcode& code) {
        const Result<Bitmap> modules = bar_modules(code);
        if (!modules) return modules.error();
        const Result<BarPlace> place = place_bars(modules->width(), profile_.paper);
        if (!place) return place.error();
        // Modes 1 to 3 are modules of 2 to 4 dots.
        if (!profile_.features.barcode_b || place->module < 2 || place->module > 4) return draw(code);
        const bool ean = code.symbology == Symbology::ean13;
        style(Line{});
        align(1);
        out_ += {escape, 'b', static_cast<char>(ean ? 3 : 6), 1, static_cast<char>(place->module - 1), static_cast<char>(bar_height)};
        for (const char c : ean ? ean13_digits(code.data) : code.data) {
            out_ += c;
            if (c == '%') out_ += '0';
        }
        out_ += record;
        align(0);
        return {};
    }

    Result<void> operator()(const Cut& cut) {
        style(Line{});
        const Profile::Features& can = profile_.features;
        if (!can.full_cut && !can.part_cut) {
            out_ += {escape, 'a', lines_to_tear};
        } else {  // 2 and 3 feed to the knife first
            const bool part = can.part_cut && (cut.partial || !can.full_cut);
            out_ += {escape, 'd', static_cast<char>(part ? 3 : 2)};
        }
        return {};
    }

    Result<void> operator()(const Pulse& pulse) {
        if (profile_.features.pulse_standard) out_ += star_pulse(pulse.second_drawer);
        return {};
    }

private:
    void align(char where) { out_ += {escape, group, 'a', where}; }

    // Only what changes is sent.
    void style(const Line& line) {
        if (line.size != size_) {
            out_ += {escape, 'i', static_cast<char>(down(line.size) - 1), static_cast<char>(across(line.size) - 1)};
        }
        if (line.bold != bold_) out_ += {escape, line.bold ? 'E' : 'F'};
        size_ = line.size;
        bold_ = line.bold;
    }

    // 24 rows at a time, three bytes a column; the rest below the last black band is fed.
    Result<void> draw(const Placed& placed) {
        if (!profile_.features.bit_image_column) {
            return Fault{"illegal", "the printer " + profile_.name + " draws no pictures"};
        }
        const Result<Bitmap> picture = draw_placed(placed, profile_.paper);
        if (!picture) return picture.error();
        const int width = std::min(picture->width(), 8 * picture->used_stride());
        if (width == 0) return {};
        style(Line{});
        out_ += {escape, '0'};
        for (int top = 0; top < picture->height(); top += column_rows) {
            const std::size_t start = out_.size() + 4;
            out_ += {escape, 'X', low(width), high(width)};
            out_ += columns_of_24(*picture, top, width);
            spoil_commands_in_real_time(out_, start);
            const int rows = picture->height() - top;
            if (rows >= column_rows) {
                out_ += line_feed;
            } else {
                out_ += {escape, 'I', static_cast<char>(rows)};
            }
        }
        out_ += {escape, 'z', 1};
        return {};
    }

    const Profile& profile_;
    Letters letters_;
    std::string out_;
    Size size_ = Size::normal;
    bool bold_ = false;
};

}  // namespace

Result<std::string> render_star(const Document& document, const Profile& profile) {
    return StarPrintout(profile).write(document);
}

std::string star_pulse(bool second_drawer) { return {escape, bell, 5, 50, second_drawer ? substitute : bell}; }

}  // namespace obol::drivers
