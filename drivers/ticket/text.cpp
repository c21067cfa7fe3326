#include "drivers/ticket/text.hpp"

#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

class Page {
public:
    explicit Page(int columns) : columns_(columns) {}

    void line(Line line) {
        if (!line.text.empty()) {
            line.size = Size::normal;  // all letters are alike here; the line's breaks stay
            out_.append(static_cast<std::size_t>(lead(line, columns_)), ' ');
            out_ += line.text;
        }
        out_ += '\n';
    }
    void data(const std::string& text) {
        for (std::string& part : wrap(text, columns_)) line({std::move(part), Align::centre});
    }
    std::string finish() { return std::move(out_); }

private:
    int columns_;
    std::string out_;
};

}  // namespace

std::string render_text(const Document& document, int columns) {
    Page page(columns);
    for (const Placed& placed : compose(document, columns)) {
        std::visit(overloaded{
                       [&](const Line& line) { page.line(line); },
                       [&](const Qr& code) { page.data("[QR: " + code.data + "]"); },
                       [](const Image&) {},
                       [](const Barcode&) {},  // its data follows as a line
                       [](const Cut&) {},
                       [](const Pulse&) {},
                   },
                   placed);
    }
    return page.finish();
}

}  // namespace obol::drivers
