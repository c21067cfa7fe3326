#pragma once
// Authority that the venue lacks is asked for within a time budget; after it the caller decides with
// what is held. The ask stays open and its grant comes in by itself.

#include <vector>

#include "agent/app/context.hpp"

namespace obol::agent {

class UplinkStore;

class Acquire {
public:
    Acquire(Store& store, UplinkStore& uplink_store, uplink::Link& link, Millis budget)
        : store_(store), uplink_store_(uplink_store), link_(link), budget_(budget) {}

    // Returns when the ask was answered, the budget is over, the link is down, or nothing is lacking.
    // `currency` is that of the money; draft: and right: subjects count in XXX by themselves.
    awaitable<void> want(std::vector<Want> wants, Currency currency, Millis budget);
    awaitable<void> want(std::vector<Want> wants, Currency currency);  // with the configured budget
    Millis budget() const { return budget_; }

private:
    Store& store_;
    UplinkStore& uplink_store_;
    uplink::Link& link_;
    Millis budget_;
};

}  // namespace obol::agent
