#include "sync/domain/basket.hpp"

namespace obol {

Amount Basket::total() const {
    Amount sum{};
    for (const Line& line : lines) sum += line.amount;
    return sum;
}

}  // namespace obol
