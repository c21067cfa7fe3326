#pragma once
// What the till sells, as the rules see it.

#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/money.hpp"

namespace obol {

struct Line {
    LineId id;
    std::string sku;
    std::string quantity;  // decimal text; the rules never compute with it
    Amount amount;         // after discounts, tax included; may be negative
    std::string name, brand, family, type;

    bool operator==(const Line&) const = default;
};

inline constexpr std::size_t most_lines = 1000;

struct Basket {
    Currency currency;
    std::string ticket;  // the POS's own number; may be empty
    std::vector<Line> lines;

    Amount total() const;
    bool operator==(const Basket&) const = default;
};

}  // namespace obol
