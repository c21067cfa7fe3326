#include "drivers/picture/draw.hpp"

#include <algorithm>
#include <utility>

#include "drivers/picture/face.hpp"
#include "drivers/symbol/barcode.hpp"
#include "drivers/symbol/qr.hpp"
#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

Result<Bitmap> draw(const Qr& code, const Paper& paper) {
    const Result<Bitmap> modules = qr_modules(code.data);
    if (!modules) return modules.error();
    const Result<QrPlace> place = place_qr(modules->width(), code.data.size(), paper);
    if (!place) return place.error();
    const int side = modules->width() * place->module;
    Bitmap out(place->left + side, side + 2 * paper.pitch);
    draw_enlarged(out, *modules, place->left, paper.pitch, place->module, place->module);
    return out;
}

Result<Bitmap> draw(const Barcode& code, const Paper& paper) {
    const Result<Bitmap> modules = bar_modules(code);
    if (!modules) return modules.error();
    const Result<BarPlace> place = place_bars(modules->width(), paper);
    if (!place) return place.error();
    Bitmap out(place->left + modules->width() * place->module, bar_height);
    draw_enlarged(out, *modules, place->left, 0, place->module, bar_height);
    return out;
}

}  // namespace

Result<Bitmap> draw_placed(const Placed& placed, const Paper& paper) {
    return std::visit(overloaded{
                          [&](const Line& line) -> Result<Bitmap> {
                              Bitmap out(paper.dots, height_of(line.size, paper));
                              draw_line(out, line, paper.columns, 0);
                              return out;
                          },
                          [&](const Image& image) -> Result<Bitmap> {
                              const Bitmap picture = narrowed(image.picture, paper.dots);
                              const int left = lead(image.align, picture.width(), paper.dots);
                              Bitmap out(left + picture.width(), picture.height());
                              out.draw(picture, left, 0);
                              return out;
                          },
                          [&](const Qr& code) { return draw(code, paper); },
                          [&](const Barcode& code) { return draw(code, paper); },
                          [](const Cut&) -> Result<Bitmap> { return Bitmap{}; },
                          [](const Pulse&) -> Result<Bitmap> { return Bitmap{}; },
                      },
                      placed);
}

Result<std::vector<Bitmap>> draw_sheets(const Document& document, const Paper& paper) {
    ENSURE(paper.columns * cell_width <= paper.dots);
    std::vector<Bitmap> sheets;
    Bitmap sheet(paper.dots, 0);
    for (const Placed& placed : compose(document, paper.columns)) {
        const Result<Bitmap> strip = draw_placed(placed, paper);
        if (!strip) return strip.error();
        const int y = sheet.height();
        sheet.grow(y + strip->height());
        sheet.draw(*strip, 0, y);
        if (std::holds_alternative<Cut>(placed)) sheets.push_back(std::exchange(sheet, Bitmap(paper.dots, 0)));
    }
    if (sheet.height() > 0) sheets.push_back(std::move(sheet));
    return sheets;
}

Bitmap stacked(const std::vector<Bitmap>& sheets) {
    constexpr int margin = cell_height;
    int width = 0, height = margin;
    for (const Bitmap& sheet : sheets) {
        width = std::max(width, sheet.width());
        height += sheet.height() + margin;
    }
    Bitmap out(width + 2 * margin, height);
    int y = margin;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        if (i > 0) {
            for (int x = 0; x < out.width(); x += 12) out.fill(x, y - margin / 2, 6, 1);
        }
        out.draw(sheets[i], margin, y);
        y += sheets[i].height() + margin;
    }
    return out;
}

}  // namespace obol::drivers
