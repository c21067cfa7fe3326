#pragma once
// Members that several bodies share. Each adds its faults, so that one answer tells them all.

#include "agent/api/route.hpp"
#include "agent/api/words.hpp"

namespace obol::agent {

// A body without members: {}.
void read_nothing(const wire::Json& body, wire::JsonFaults& faults);

// {"amount", "currency"}, or a bare number whose currency is that of the wallet or plan (then XXX).
// More than zero.
std::optional<Money> read_amount(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults);
Money read_required_amount(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults);

std::string read_tender(wire::ObjectReader& reader);  // cash | card | other
std::string read_ticket(wire::ObjectReader& reader);
Role read_role(wire::ObjectReader& reader);

net::Reply refuse_malformed(const wire::JsonFaults& faults);

}  // namespace obol::agent
