#include "drivers/ticket/document.hpp"

namespace obol::drivers {

Document& Document::title(std::string_view text) {
    blocks.push_back(Title{std::string(text)});
    return *this;
}

Document& Document::text(std::string_view text, Align align, bool bold) {
    blocks.push_back(Text{std::string(text), align, bold});
    return *this;
}

Document& Document::columns(std::string_view left, std::string_view right, int indent, bool bold) {
    blocks.push_back(Columns{std::string(left), std::string(right), indent, bold});
    return *this;
}

Document& Document::rule(bool heavy) {
    blocks.push_back(Rule{heavy});
    return *this;
}

Document& Document::feed(int lines) {
    blocks.push_back(Feed{lines});
    return *this;
}

}  // namespace obol::drivers
