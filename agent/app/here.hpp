#pragma once
// The venue's zone comes with its fact; before the first snapshot it is not known.

#include "agent/app/context.hpp"

namespace obol::agent {

inline void refresh(Here& here, Facts& facts) {
    if (const std::optional<Venue> venue = facts.venue(here.venue)) here.zone = venue->zone;
}

}  // namespace obol::agent
