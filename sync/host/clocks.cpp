#include <time.h>

#include "sync/host/system.hpp"

namespace obol::host {

namespace {

Millis read_clock(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::chrono::duration_cast<Millis>(std::chrono::seconds{now.tv_sec} +
                                              std::chrono::nanoseconds{now.tv_nsec});
}

}  // namespace

Instant SystemWallClock::now() { return Instant{read_clock(CLOCK_REALTIME)}; }

Millis SystemBootClock::since_boot() { return read_clock(CLOCK_BOOTTIME); }

std::string SystemBootClock::boot_id() {
    // Read once: it cannot change under a running process.
    static const std::string id = [] {
        std::string text = read_file("/proc/sys/kernel/random/boot_id").value();
        while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
        return text;
    }();
    return id;
}

}  // namespace obol::host
