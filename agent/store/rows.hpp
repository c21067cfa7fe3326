#pragma once
// Columns of our own rows as values. What they hold was checked when it was stored.

#include "sync/domain/money.hpp"
#include "sync/sql/db.hpp"

namespace obol::agent {

// "XXX" (no currency) counts rights.
inline Currency currency_in(const sql::Statement& row, int column) {
    const std::string_view code = row.text_view(column);
    return code == Currency::none().code() ? Currency::none() : Currency::parse(code).value();
}

}  // namespace obol::agent
