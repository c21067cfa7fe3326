#pragma once
// The basket as the till sent it: decoded strictly, then completed from the cached catalogue.

#include <string>

#include "agent/store/facts.hpp"
#include "sync/domain/basket.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

// `json` is the member `basket`. Every fault is added to `faults` with its pointer; the basket is only
// good when none was.
Basket read_basket(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);

// Name, brand, family and type that the till left out, by SKU. What the till did say counts: it knows
// what lies on the counter.
void complete_from_catalogue(Basket& basket, Facts& facts, const BusinessId& business);

}  // namespace obol::agent
