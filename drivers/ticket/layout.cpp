#include "drivers/ticket/layout.hpp"

#include <algorithm>
#include <utility>

#include "drivers/ticket/wrap.hpp"
#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {
namespace {

std::string spaces(int count) { return std::string(static_cast<std::size_t>(std::max(0, count)), ' '); }

class Sheet {
public:
    explicit Sheet(int columns) : columns_(columns) {}

    void operator()(const Title& title) {
        // Letters of double width are no gain where a word would have to be cut for them.
        const std::vector<std::string> words = wrap(title.text, 1'000'000);
        bool fits = true;
        std::string_view rest = words.front();
        while (!rest.empty()) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            fits = fits && width_of(word) <= columns_ / 2;
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
        paragraph({title.text, Align::centre, !fits, fits ? Size::large : Size::tall});
    }
    void operator()(const Text& text) { paragraph(text); }

    void operator()(const Columns& block) {
        const std::string right = printable(block.right);
        const int indent = std::clamp(block.indent, 0, columns_ / 4);
        const int room = columns_ - indent - (right.empty() ? 0 : width_of(right) + 1);
        const auto line = [&](std::string text) { add({std::move(text), Align::left, block.bold}); };
        if (room < columns_ / 4) {  // an amount so wide stands on a line of its own
            for (const std::string& part : wrap(block.left, columns_ - indent)) line(spaces(indent) + part);
            paragraph({right, Align::right, block.bold});
            return;
        }
        const std::vector<std::string> left = wrap(block.left, room);
        for (std::size_t i = 0; i + 1 < left.size(); ++i) line(spaces(indent) + left[i]);
        const int gap = columns_ - indent - width_of(left.back()) - width_of(right);
        line(spaces(indent) + left.back() + spaces(gap) + right);
    }

    void operator()(const Rule& rule) {
        add({std::string(static_cast<std::size_t>(columns_), rule.heavy ? '=' : '-')});
    }
    void operator()(const Feed& feed) {
        for (int i = 0; i < feed.lines; ++i) add({});
    }
    void operator()(const Image& image) { placed_.emplace_back(image); }
    void operator()(const Barcode& code) {
        placed_.emplace_back(code);
        // For the eye, and for the hand when the scanner fails.
        const bool ean = code.symbology == Symbology::ean13;
        paragraph({ean ? ean13_digits(code.data) : code.data, Align::centre});
    }
    void operator()(const Qr& code) { placed_.emplace_back(code); }
    void operator()(const Cut& cut) { placed_.emplace_back(cut); }
    void operator()(const Pulse& pulse) { placed_.emplace_back(pulse); }

    std::vector<Placed> finish() { return std::move(placed_); }

private:
    void paragraph(const Text& text) {
        for (std::string& part : wrap(text.text, columns_ / across(text.size))) {
            add({std::move(part), text.align, text.bold, text.size});
        }
    }

    void add(Line line) {
        while (!line.text.empty() && line.text.back() == ' ') line.text.pop_back();
        placed_.emplace_back(std::move(line));
    }

    int columns_;
    std::vector<Placed> placed_;
};

}  // namespace

std::vector<Placed> compose(const Document& document, int columns) {
    ENSURE(columns >= narrowest_paper);
    Sheet sheet(columns);
    for (const Block& block : document.blocks) std::visit(sheet, block);
    return sheet.finish();
}

int lead(const Line& line, int columns) {
    return lead(line.align, width_of(line.text), columns / across(line.size));
}

int lead(Align align, int width, int dots) {
    const int free = std::max(0, dots - width);
    return align == Align::centre ? free / 2 : align == Align::right ? free : 0;
}

}  // namespace obol::drivers
