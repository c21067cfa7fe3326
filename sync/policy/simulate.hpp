#pragma once
// The venues' journals lived through again with their links down at times. What a till decided then is
// decided anew, by the same rules and on the same basket, with what its venue would have held and shown.
//
// A venue that is cut off keeps what it held at the cut and sees of the others what it saw then; what it
// sells, refunds, redeems and tops up itself counts from then on. The venues with a link reach all that no
// venue which is cut off holds. When a link is back, what was done on both sides is added up.

#include "sync/policy/forecast.hpp"
#include "sync/policy/outage.hpp"
#include "sync/policy/risk.hpp"

namespace obol::policy {

// Outages in the order of their begin.
std::vector<OutageForecast> simulate(const Timeline& timeline, const std::vector<Outage>& outages,
                                     const AllowanceCaps& caps);

}  // namespace obol::policy
