#pragma once
// The named conditions under which a lot may be spent. All kinds must hold; within a kind any one
// suffices; an empty kind restricts nothing.

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/basket.hpp"
#include "sync/domain/reason.hpp"
#include "sync/domain/validity.hpp"

namespace obol {

struct TimeWindow {
    std::bitset<7> days{};     // bit 0 = Monday; none set = every day
    std::bitset<12> months{};  // bit 0 = January; none set = every month
    int from_minute = 0;       // 0..1439
    int to_minute = 0;         // 0..1440; <= from runs into the next day; equal = 24 hours
    bool operator==(const TimeWindow&) const = default;
};

enum class SpendOn { basket, matching_lines };

struct Pool {
    PoolId id;
    BusinessId business;
    std::string name;
    int version = 1;
    std::vector<TimeWindow> time{};
    std::vector<VenueId> venues{};
    std::vector<BusinessId> businesses{};
    std::vector<std::string> brands{}, families{}, skus{}, types{};
    SpendOn spend_on = SpendOn::basket;
    Validity validity{};
    bool operator==(const Pool&) const = default;

    bool restricts_time() const { return !time.empty(); }
    bool restricts_location() const { return !venues.empty() || !businesses.empty(); }
    bool restricts_product() const {
        return !brands.empty() || !families.empty() || !skus.empty() || !types.empty();
    }
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

bool location_allowed(const Pool& pool, const Place& place);
// A line of zero or less matches nothing. A pool without product conditions matches every other line.
bool line_matches(const Pool& pool, const Line& line);

}  // namespace obol
