#include "drivers/escpos/render.hpp"

#include <algorithm>

#include "drivers/escpos/letters.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/symbol/barcode.hpp"
#include "drivers/symbol/qr.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

constexpr char escape = 0x1B, group = 0x1D, field = 0x1C, line_feed = 0x0A, bell = 0x07;
constexpr int band_rows = 128;    // of raster; small printers hold few kilobytes
constexpr int column_rows = 24;   // of ESC * 33
constexpr char lines_to_tear = 4;  // from the head to the tear-off edge, where there is no knife

bool is_control(char c) { return c >= 0 && c < 0x20; }

// Some printers obey DLE EOT, DLE ENQ and DLE DC4 even in the middle of a picture; one dot more makes it none.
void spoil_commands_in_real_time(std::string& bytes, std::size_t from) {
    for (std::size_t i = bytes.find('\x10', from); i != std::string::npos && i + 1 < bytes.size(); i = bytes.find('\x10', i + 1)) {
        const char next = bytes[i + 1];
        if (next == 0x04 || next == 0x05 || next == 0x14) bytes[i] = 0x18;
    }
}

char low(int value) { return static_cast<char>(value & 0xFF); }
char high(int value) { return static_cast<char>(value >> 8 & 0xFF); }

class Printout {
public:
    explicit Printout(const Profile& profile)
        : profile_(profile), letters_(profile, "\x1Bt", draws() ? char{0} : '_') {}

    Result<std::string> write(const Document& document) {
        const std::vector<Placed> all = compose(document, profile_.paper.columns);
        std::vector<bool> drawn;
        for (const Placed& placed : all) {
            const Line* const line = std::get_if<Line>(&placed);
            drawn.push_back(line != nullptr && !letters_.add(line->text));
        }
        letters_.choose();
        out_ = {escape, '@', escape, 'R', 0};
        if (profile_.features.kanji) out_ += {field, '.'};
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Result<void> done = drawn[i] ? draw(all[i]) : std::visit(*this, all[i]);
            if (!done) return done.error();
        }
        style(Line{});
        return std::move(out_);
    }

    Result<void> operator()(const Line& line) {
        const std::string text = letters_.next_line();
        if (!text.empty()) {
            style(line);
            out_.append(static_cast<std::size_t>(lead(line, profile_.paper.columns)), ' ');
            out_ += text;
        } else {
            style(Line{});
        }
        out_ += line_feed;
        return {};
    }

    Result<void> operator()(const Image& image) { return draw(image); }

    Result<void> operator()(const Qr& code) {
        // The largest symbol that the printer may make of it must fit. Control characters in its data might be obeyed.
        const int module = module_dots(code.data.size(), profile_.paper);
        const bool obeyed = std::any_of(code.data.begin(), code.data.end(), is_control);
        if (!profile_.features.qr_code || module == 0 || obeyed || code.data.empty()) return draw(code);
        style(Line{});
        out_ += {line_feed, escape, 'a', 1};
        const auto function = [&](std::initializer_list<char> bytes, const std::string& data = "") {
            const int size = static_cast<int>(bytes.size() + data.size()) + 1;
            out_ += {group, '(', 'k', low(size), high(size), '1'};
            out_ += bytes;
            out_ += data;
        };
        function({'A', '2', 0});  // model 2
        function({'C', static_cast<char>(module)});
        function({'E', '1'});  // level M
        function({'P', '0'}, code.data);
        function({'Q', '0'});
        out_ += {escape, 'a', 0, line_feed};
        return {};
    }

    Result<void> operator()(const Barcode& code) {
        const Result<Bitmap> modules = bar_modules(code);
        if (!modules) return modules.error();
        const Result<BarPlace> place = place_bars(modules->width(), profile_.paper);
        if (!place) return place.error();
        const std::string data = code.symbology == Symbology::ean13 ? ean13_digits(code.data) : code128_data(code);
        if (!profile_.features.barcode_b || data.size() > 255) return draw(code);
        style(Line{});
        out_ += {escape, 'a', 1, group, 'H', 0, group, 'h', static_cast<char>(bar_height), group, 'w',
                 static_cast<char>(place->module)};
        const char kind = code.symbology == Symbology::ean13 ? 67 : 73;
        out_ += {group, 'k', kind, low(static_cast<int>(data.size()))};
        out_ += data;
        out_ += {escape, 'a', 0};
        return {};
    }

    Result<void> operator()(const Cut& cut) {
        style(Line{});
        const Profile::Features& can = profile_.features;
        if (!can.full_cut && !can.part_cut) {
            out_ += {escape, 'd', lines_to_tear};
        } else {  // B: feeds to the knife first
            const bool part = can.part_cut && (cut.partial || !can.full_cut);
            out_ += {group, 'V', part ? 'B' : 'A', 0};
        }
        return {};
    }

    Result<void> operator()(const Pulse& pulse) {  // 50 ms on, 500 ms off
        if (profile_.features.pulse_standard) {
            out_ += {escape, 'p', static_cast<char>(pulse.second_drawer ? 1 : 0), 25, static_cast<char>(250)};
        } else if (profile_.features.pulse_bel) {
            out_ += bell;
        }
        return {};
    }

private:
    bool draws() const { return profile_.features.bit_image_raster || profile_.features.bit_image_column; }

    // Only what changes is sent.
    void style(const Line& line) {
        const int size = (across(line.size) - 1) << 4 | (down(line.size) - 1);
        if (size != size_) out_ += {group, '!', static_cast<char>(size)};
        if (line.bold != bold_) out_ += {escape, 'E', static_cast<char>(line.bold ? 1 : 0)};
        size_ = size;
        bold_ = line.bold;
    }

    static std::string code128_data(const Barcode& code) {
        std::string out = in_pairs(code) ? "{C" : "{B";
        for (std::size_t i = 0; i < code.data.size(); ++i) {
            if (in_pairs(code)) {
                out += static_cast<char>((code.data[i] - '0') * 10 + code.data[i + 1] - '0');
                ++i;
            } else {
                out += code.data[i];
                if (code.data[i] == '{') out += '{';
            }
        }
        return out;
    }

    Result<void> draw(const Placed& placed) {
        if (!draws()) return Fault{"illegal", "the printer " + profile_.name + " draws no pictures"};
        const Result<Bitmap> picture = draw_placed(placed, profile_.paper);
        if (!picture) return picture.error();
        style(Line{});
        if (profile_.features.bit_image_raster) {
            raster(*picture);
        } else {
            columns(*picture);
        }
        return {};
    }

    void raster(const Bitmap& picture) {
        const int stride = picture.used_stride();
        out_.reserve(out_.size() + static_cast<std::size_t>(picture.height() * stride + picture.height() / band_rows * 8 + 64));
        for (int top = 0; top < picture.height() && stride > 0; top += band_rows) {
            const int rows = std::min(band_rows, picture.height() - top);
            out_ += {group, 'v', '0', 0, low(stride), high(stride), low(rows), high(rows)};
            const std::size_t start = out_.size();
            for (int y = top; y < top + rows; ++y) {
                const auto row = picture.row(y).first(static_cast<std::size_t>(stride));
                out_.append(reinterpret_cast<const char*>(row.data()), row.size());
            }
            spoil_commands_in_real_time(out_, start);
        }
    }

    // For printers without raster: 24 rows at a time, three bytes a column, the line spacing just as high.
    void columns(const Bitmap& picture) {
        const int width = std::min(picture.width(), 8 * picture.used_stride());
        if (width == 0) return;
        out_ += {escape, '3', column_rows};
        for (int top = 0; top < picture.height(); top += column_rows) {
            out_ += {escape, '*', 33, low(width), high(width)};
            const std::size_t start = out_.size();
            out_ += columns_of_24(picture, top, width);
            spoil_commands_in_real_time(out_, start);
            out_ += line_feed;
        }
        out_ += {escape, '2'};
    }

    const Profile& profile_;
    Letters letters_;
    std::string out_;
    int size_ = 0;
    bool bold_ = false;
};

}  // namespace

Result<std::string> render_escpos(const Document& document, const Profile& profile) {
    return Printout(profile).write(document);
}

}  // namespace obol::drivers
