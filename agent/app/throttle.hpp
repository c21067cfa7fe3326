#pragma once
// Codes that are not found: 10 a minute per terminal, 30 per venue; then every call with a code is
// refused before any look-up, so that a guessing program learns nothing and costs nothing.

#include <deque>
#include <map>
#include <string>

#include "agent/app/context.hpp"
#include "sync/core/time.hpp"

namespace obol::agent {

struct ThrottleLimits {
    std::size_t per_terminal = 10;
    std::size_t per_venue = 30;
    Millis window{60'000};
};

class Throttle {
public:
    explicit Throttle(BootClock& boot, ThrottleLimits limits = {}) : boot_(boot), limits_(limits) {}

    // Seconds until the next try is let through; 0: now.
    int retry_after_s(const std::string& terminal);
    void count_unknown(const std::string& terminal);

private:
    using Times = std::deque<Millis>;
    void forget_old(Times& times) const;

    BootClock& boot_;
    ThrottleLimits limits_;
    std::map<std::string, Times> terminals_;
    Times venue_;
};

}  // namespace obol::agent
