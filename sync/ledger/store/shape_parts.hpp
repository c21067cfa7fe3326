#pragma once
// Members that several shapes have in common. Each reader tells its own fault and gives back
// something harmless.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/domain/allowance.hpp"
#include "sync/domain/money.hpp"
#include "sync/domain/validity.hpp"
#include "sync/wire/json.hpp"

namespace obol::ledger {

inline constexpr std::size_t most_words = 1'000;  // in a list of a condition

Currency read_currency(wire::ObjectReader& reader);
std::string read_zone(wire::ObjectReader& reader);
// "HH:MM" as minutes of the day; "24:00" only where `end_of_day` says so.
int read_clock(wire::ObjectReader& reader, std::string_view key, bool end_of_day);
std::optional<Boundary> read_boundary(wire::ObjectReader& reader, std::string_view key);
std::optional<Period> read_period(wire::ObjectReader& reader, std::string_view key);
// {"per_transaction", "per_subject", "per_outage", "count", "with_manager"?: {the same four}}; without
// with_manager a manager may do no more than any till.
std::optional<Allowance> read_allowance(wire::ObjectReader& reader, std::string_view key,
                                        wire::JsonFaults& faults);
std::vector<std::string> read_texts(wire::ObjectReader& reader, std::string_view key,
                                    wire::JsonFaults& faults);

}  // namespace obol::ledger
