#pragma once
// A table as text/csv that a spreadsheet opens as it is meant: UTF-8 with its mark, lines that end in CR LF, and no cell
// of text that is taken for a formula.

#include <string>
#include <string_view>

#include "sync/domain/money.hpp"

namespace obol::agent {

// How the reader's spreadsheet writes numbers. Where the comma is the decimal mark, cells are parted by semicolons.
enum class DecimalMark { point, comma };

class Table {
public:
    explicit Table(DecimalMark mark) : mark_(mark) {}

    // Text that begins like a formula (= + - @ TAB CR) gets an apostrophe before it, so that it stays text.
    Table& text(std::string_view cell);
    Table& number(std::int64_t cell);
    Table& money(Amount amount, Currency currency);  // "12.50", without its currency
    Table& end_line();
    // What was written; the table is used up.
    std::string take() { return std::move(out_); }

private:
    void part();

    DecimalMark mark_;
    std::string out_ = "\xEF\xBB\xBF";
    bool first_ = true;
};

}  // namespace obol::agent
