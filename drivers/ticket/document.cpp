#include "drivers/ticket/document.hpp"

#include <utility>

namespace obol::drivers {

std::string ean13_digits(const std::string& data) {
    if (data.size() < 12 || data.find_first_not_of("0123456789") != std::string::npos) return data;
    int sum = 0;
    for (std::size_t i = 0; i < 12; ++i) sum += (data[i] - '0') * (i % 2 == 0 ? 1 : 3);
    return data.substr(0, 12) + static_cast<char>('0' + (10 - sum % 10) % 10);
}

Document& Document::title(std::string_view text) {
    blocks.push_back(Title{std::string(text)});
    return *this;
}

Document& Document::text(std::string_view text, Align align, bool bold, Size size) {
    blocks.push_back(Text{std::string(text), align, bold, size});
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

Document& Document::image(Bitmap picture, Align align) {
    blocks.push_back(Image{std::move(picture), align});
    return *this;
}

Document& Document::barcode(std::string_view data, Symbology symbology) {
    blocks.push_back(Barcode{std::string(data), symbology});
    return *this;
}

Document& Document::qr(std::string_view data) {
    blocks.push_back(Qr{std::string(data)});
    return *this;
}

Document& Document::cut(bool partial) {
    blocks.push_back(Cut{partial});
    return *this;
}

Document& Document::pulse(bool second_drawer) {
    blocks.push_back(Pulse{second_drawer});
    return *this;
}

}  // namespace obol::drivers
