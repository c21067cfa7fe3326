#include "agent/app/table.hpp"

#include <algorithm>

namespace obol::agent {

void Table::part() {
    if (!first_) out_ += mark_ == DecimalMark::comma ? ';' : ',';
    first_ = false;
}

Table& Table::text(std::string_view cell) {
    part();
    const bool formula = !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
    if (!formula && cell.find_first_of("\",;\r\n\t") == std::string_view::npos) {
        out_ += cell;
        return *this;
    }
    out_ += formula ? "\"'" : "\"";
    for (const char c : cell) {
        if (c == '"') out_ += '"';
        out_ += c;
    }
    out_ += '"';
    return *this;
}

Table& Table::number(std::int64_t cell) {
    part();
    out_ += std::to_string(cell);
    return *this;
}

Table& Table::money(Amount amount, Currency currency) {
    part();
    std::string text = to_decimal(amount, currency);
    if (mark_ == DecimalMark::comma) std::ranges::replace(text, '.', ',');
    out_ += text;
    return *this;
}

Table& Table::end_line() {
    out_ += "\r\n";
    first_ = true;
    return *this;
}

}  // namespace obol::agent
