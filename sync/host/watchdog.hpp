#pragma once
// The service manager ends and restarts a program that falls silent (WatchdogSec of systemd).

#include <functional>
#include <optional>

#include "sync/core/timers.hpp"

namespace obol::host {

// After so long a silence of this very process the service manager ends it; nullopt: nobody watches it.
std::optional<Millis> watched();

// Says WATCHDOG=1 from the event loop, so that a loop that is blocked says nothing. Of a process that nobody
// watches it says nothing at all.
class Watchdog {
public:
    // How long other work of the program has stood at one step; zero while it has nothing to do.
    using StuckFor = std::function<Millis()>;

    // With a deadline of 10 s: a beat goes every 2 s, unless the work is stuck for a second by then; from then
    // on it is looked at again every 200 ms. So the last beat before a step that hangs from 0 s on went between
    // -1 s and +1 s, and the program is ended between 9 s and 11 s. A step that ends within 8 s is told of by
    // 8.2 s, at most 9.2 s after that last beat: a slow disk is no reason to end.
    static constexpr Millis beat{2'000}, look_again{200}, stuck{1'000};

    // Begins at once. `stuck_for` may be empty.
    Watchdog(Timers& timers, StuckFor stuck_for);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    void look();

    Timers& timers_;
    StuckFor stuck_for_;
    Millis every_{};
    std::optional<Timers::Token> next_{};
};

}  // namespace obol::host
