#pragma once
// When days begin here: as the business cuts them, in its own zone.

#include <optional>

#include "agent/app/context.hpp"
#include "sync/domain/limit.hpp"

namespace obol::agent {

// None: the zone is unknown, as before the first snapshot, and nobody can say.
std::optional<BusinessCalendar> calendar_of(Facts& facts, const Here& here);
Instant opening_of(LocalDate day, const BusinessCalendar& calendar);

}  // namespace obol::agent
