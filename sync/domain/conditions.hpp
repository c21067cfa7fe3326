#pragma once
// What restricts pools and offers alike: time windows, places, products. All kinds must hold; within a
// kind any one suffices; an empty kind restricts nothing. `Rules` is a Pool or an Offer.

#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/basket.hpp"
#include "sync/domain/zone.hpp"

namespace obol {

struct TimeWindow {
    std::bitset<7> days{};     // bit 0 = Monday; none set = every day
    std::bitset<12> months{};  // bit 0 = January; none set = every month
    int from_minute = 0;       // 0..1439
    int to_minute = 0;         // 0..1440; <= from runs into the next day; equal = 24 hours
    bool operator==(const TimeWindow&) const = default;
};

struct Place {
    VenueId venue;
    BusinessId business;
    bool operator==(const Place&) const = default;
};

// Is the moment inside one of the windows, by what the venue's wall clock shows?
bool is_open(const std::vector<TimeWindow>& windows, Instant at, const Zone& zone);
bool is_open(const std::vector<TimeWindow>& windows, const LocalTime& shown);
// The first instant >= at for which is_open says yes; none within eight years gives nullopt.
std::optional<Instant> next_opening(const std::vector<TimeWindow>& windows, Instant at, const Zone& zone);

struct Opening {
    bool open = false;
    std::optional<Instant> next{};  // where it is closed
    std::string next_offset{};      // of the zone then
};
// A zone that the database does not have opens no window: better closed than open at a wrong hour.
Opening opening_at(const std::vector<TimeWindow>& windows, Instant now, const std::string& zone_name);

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

template <class Rules>
bool location_allowed(const Rules& rules, const Place& place) {
    return !rules.restricts_location() || contains(rules.venues, place.venue) ||
           contains(rules.businesses, place.business);
}

// A line of zero or less matches nothing. Rules without product conditions match every other line.
template <class Rules>
bool line_matches(const Rules& rules, const Line& line) {
    if (line.amount <= Amount{}) return false;
    return !rules.restricts_product() || contains(rules.brands, line.brand) ||
           contains(rules.families, line.family) || contains(rules.skus, line.sku) ||
           contains(rules.types, line.type);
}

// What would have passed, for the reason of a refusal.
template <class Rules>
std::vector<std::string> wanted_places(const Rules& rules) {
    std::vector<std::string> out;
    out.reserve(rules.venues.size() + rules.businesses.size());
    for (const VenueId& venue : rules.venues) out.push_back(venue.text);
    for (const BusinessId& business : rules.businesses) out.push_back(business.text);
    return out;
}

template <class Rules>
std::vector<std::string> wanted_products(const Rules& rules) {
    std::vector<std::string> out;
    out.reserve(rules.brands.size() + rules.families.size() + rules.skus.size() + rules.types.size());
    for (const auto* kind : {&rules.brands, &rules.families, &rules.skus, &rules.types}) {
        out.insert(out.end(), kind->begin(), kind->end());
    }
    return out;
}

}  // namespace obol
