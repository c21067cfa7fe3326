#pragma once
// The venue's zone comes with its fact; before the first snapshot it is not known.

#include "agent/app/context.hpp"

namespace obol::agent {

inline void refresh(Here& here, Facts& facts) {
    const std::optional<Venue> venue = facts.venue(here.venue);
    if (venue && venue->zone != here.zone) here.zone = venue->zone;
}

}  // namespace obol::agent
