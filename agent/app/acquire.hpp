#pragma once
// Authority that the venue lacks is asked for within a time budget; after it the caller decides with
// what is held. The ask stays open and its grant comes in by itself.

#include <functional>
#include <optional>
#include <vector>

#include "agent/app/context.hpp"
#include "agent/store/in_use.hpp"
#include "sync/core/timers.hpp"

namespace obol::agent {

class UplinkStore;

// Keep it until the job that spends has committed: meanwhile no recall takes the subjects away again.
struct Acquired {
    std::optional<Protected> in_use{};
};

class Acquire {
public:
    Acquire(UplinkStore& uplink_store, InUse& in_use, uplink::Link& link, Timers& timers, Millis budget)
        : uplink_store_(uplink_store), in_use_(in_use), link_(link), timers_(timers), budget_(budget) {}

    // Returns when the ask was answered, the budget is over, the link is down, nothing is lacking, or a
    // page has come after which the wants are `moot`.
    // `amount` of a want: what is lacking. `currency` is that of the money; draft: and right: subjects
    // count in XXX by themselves.
    awaitable<Acquired> want(std::vector<Want> wants, Currency currency, Millis budget,
                             std::function<bool()> moot = {});
    awaitable<Acquired> want(std::vector<Want> wants, Currency currency);  // with the configured budget
    Millis budget() const { return budget_; }

private:
    UplinkStore& uplink_store_;
    InUse& in_use_;
    uplink::Link& link_;
    Timers& timers_;
    Millis budget_;
};

}  // namespace obol::agent
