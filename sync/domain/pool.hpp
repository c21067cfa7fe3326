#pragma once
// The named conditions under which a lot may be spent. All kinds must hold; within a kind any one
// suffices; an empty kind restricts nothing.

#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/conditions.hpp"
#include "sync/domain/validity.hpp"

namespace obol {

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

}  // namespace obol
