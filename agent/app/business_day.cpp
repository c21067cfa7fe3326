#include "agent/app/business_day.hpp"

namespace obol::agent {

std::optional<BusinessCalendar> calendar_of(Facts& facts, const Here& here) {
    const std::optional<Business> business = facts.business(here.business);
    Result<Zone> zone = Zone::find(business ? business->zone : here.zone);
    if (!zone) return std::nullopt;
    return BusinessCalendar{std::move(*zone), business ? business->cutoff_minute : 0};
}

Instant opening_of(LocalDate day, const BusinessCalendar& calendar) {
    return calendar.zone.first_instant(day, calendar.cutoff_minute * 60);
}

}  // namespace obol::agent
