#include "drivers/picture/svg.hpp"

#include <algorithm>

#include "drivers/picture/draw.hpp"
#include "drivers/picture/face.hpp"
#include "drivers/ticket/wrap.hpp"
#include "sync/core/ensure.hpp"

namespace obol::drivers {
namespace {

constexpr int baseline = 18, letter_size = 20, margin = cell_height;  // 12 dots are 0.6 of 20

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string number(int value) { return std::to_string(value); }

std::string attribute(std::string_view name, const std::string& value) {
    return " " + std::string(name) + "=\"" + value + "\"";
}

std::string text_of(const Line& line, int columns, int y) {
    const int wide = across(line.size), high = down(line.size);
    const int x = margin + lead(line, columns) * cell_width * wide;
    std::string out = "<text";
    if (line.size == Size::normal) {
        out += attribute("x", number(x)) + attribute("y", number(y + baseline));
    } else {
        out += attribute("transform", "translate(" + number(x) + " " + number(y + baseline * high) + ") scale(" +
                                          number(wide) + " " + number(high) + ")");
    }
    if (line.bold) out += attribute("font-weight", "bold");
    // The length is told, so that columns stand under one another in every face.
    out += attribute("textLength", number(width_of(line.text) * cell_width)) +
           attribute("lengthAdjust", "spacingAndGlyphs");
    return out + ">" + escaped(line.text) + "</text>\n";
}

// Black runs as one path; rows that are alike are one row that is higher.
std::string path_of(const Bitmap& picture, int top) {
    std::string out;
    for (int y = 0; y < picture.height();) {
        int next = y + 1;
        while (next < picture.height() && std::ranges::equal(picture.row(y), picture.row(next))) ++next;
        for (int x = 0; x < picture.width(); ++x) {
            if (!picture.at(x, y)) continue;
            int end = x;
            while (picture.at(end, y)) ++end;
            out += "M" + number(margin + x) + " " + number(top + y) + "h" + number(end - x) + "v" + number(next - y) +
                   "h-" + number(end - x) + "z";
            x = end;
        }
        y = next;
    }
    return out.empty() ? "" : "<path d=\"" + out + "\"/>\n";
}

std::string perforation(int width, int y) {
    return "<path" + attribute("d", "M0 " + number(y) + "h" + number(width)) + attribute("stroke", "#000") +
           attribute("stroke-dasharray", "6") + "/>\n";
}

}  // namespace

Result<std::string> render_svg(const Document& document, const Paper& paper) {
    ENSURE(paper.columns * cell_width <= paper.dots);
    const int width = paper.dots + 2 * margin;
    int y = margin;
    std::string body;
    for (const Placed& placed : compose(document, paper.columns)) {
        if (const Line* const line = std::get_if<Line>(&placed)) {
            if (!line->text.empty()) body += text_of(*line, paper.columns, y);
            y += height_of(line->size, paper);
        } else if (std::holds_alternative<Cut>(placed)) {
            body += perforation(width, y + margin / 2);
            y += margin;
        } else {
            const Result<Bitmap> strip = draw_placed(placed, paper);
            if (!strip) return strip.error();
            body += path_of(*strip, y);
            y += strip->height();
        }
    }
    const auto millimetres = [&](int dots) { return number(dots * 254 / paper.dpi / 10) + "mm"; };
    y += margin;
    return "<svg" + attribute("xmlns", "http://www.w3.org/2000/svg") + attribute("width", millimetres(width)) +
           attribute("height", millimetres(y)) + attribute("viewBox", "0 0 " + number(width) + " " + number(y)) +
           attribute("font-family", "monospace") + attribute("font-size", number(letter_size)) +
           attribute("xml:space", "preserve") + ">\n<rect" + attribute("width", number(width)) +
           attribute("height", number(y)) + attribute("fill", "#fff") + "/>\n" + body + "</svg>\n";
}

Result<std::string> render_html(const Document& document, const Paper& paper, std::string_view title,
                                std::string_view language) {
    const Result<std::string> svg = render_svg(document, paper);
    if (!svg) return svg.error();
    return "<!doctype html>\n<html" + attribute("lang", escaped(language)) + ">\n<head><meta" +
           attribute("charset", "utf-8") + "><title>" + escaped(title) + "</title></head>\n<body>\n" + *svg +
           "</body>\n</html>\n";
}

}  // namespace obol::drivers
