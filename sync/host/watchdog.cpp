#include "sync/host/watchdog.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>

#include "sync/host/system.hpp"

namespace obol::host {

std::optional<Millis> watched() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
    return std::chrono::duration_cast<Millis>(std::chrono::microseconds{microseconds});
}

Watchdog::Watchdog(Timers& timers, StuckFor stuck_for) : timers_(timers), stuck_for_(std::move(stuck_for)) {
    const std::optional<Millis> deadline = watched();
    if (!deadline) return;
    // One shorter than the unit files' leaves less room for a slow disk.
    every_ = std::min(beat, *deadline / 4);
    look();
}

Watchdog::~Watchdog() {
    if (next_) timers_.cancel(*next_);
}

void Watchdog::look() {
    const bool well = !stuck_for_ || stuck_for_() < stuck;
    if (well) notify_service_manager("WATCHDOG=1");
    next_ = timers_.after(well ? every_ : std::min(look_again, every_), [this] { look(); });
}

}  // namespace obol::host
