#pragma once
// The life of a pass plan: it may change until it has a pass, and makes its printed passes when it is
// activated. In the caller's transaction.

#include "sync/ledger/store/passes.hpp"

namespace obol::ledger {

std::int64_t passes_of(Books& books, const PlanId& plan);
bool plan_in_use(Books& books, const PlanId& plan);
void set_plan_active(Books& books, Plan& plan);

// May so many passes more be made? Codes are told apart by their text alone, so all plans whose forms
// meet, of whatever business, draw from one stock. Fault plan_complete | codes_exhausted.
Result<void> check_room(Books& books, const Plan& plan, std::int64_t more);

struct Activated {
    Plan plan;
    std::vector<IssuedPass> passes{};
    std::int64_t remaining = 0;  // still to be made by the same call again
};
// A PIN takes a hash made to be slow, and venues wait meanwhile; so a large batch is made in parts.
inline constexpr std::int64_t most_with_pin = 500, most_without_pin = 5'000;
// Fault plan_unknown | plan_already_active | those of issue_passes.
Result<Activated> activate_plan(Books& books, const SecretKeys& keys, const PlanId& plan,
                                const VenueId& venue, const std::string& source, Instant now,
                                Random& random);

struct PrintedPass {
    PassId id;
    Secret code;
    std::optional<Secret> pin{};  // while it is readable
    bool has_pin = false;
};
// For the print shop, in the order of their ids. With this the PINs cease to be readable.
Result<std::vector<PrintedPass>> export_passes(Books& books, const SecretKeys& keys, const PlanId& plan,
                                               std::string_view after, std::int64_t limit);

}  // namespace obol::ledger
