#include "agent/store/guarded_clock.hpp"

namespace obol::agent {

GuardedClock::GuardedClock(WallClock& wall, BootClock& boot, const ClockPast& past)
    : wall_(wall), boot_(boot), judge_(past, read()) {
    if (!judge_.anchor().trusted) why_ = "since_before";
    if (judge_.events() > 0) why_ = judge_.event(judge_.events() - 1).reason;
}

// Two clocks cannot be read at once; stopped or suspended between them, one would look wrong.
ClockReading GuardedClock::read() {
    constexpr Millis at_once{1000};
    constexpr int most_tries = 5;
    ClockReading out;
    for (int i = 0; i < most_tries; ++i) {
        const Millis before = boot_.since_boot();
        out.wall = wall_.now();
        out.boot = boot_.since_boot();
        if (out.boot - before <= at_once) break;
    }
    return out;
}

// The clocks are read under the lock: a reading that came late would look like a clock that went back.
template <class Change>
void GuardedClock::judge(Change change) {
    std::vector<std::function<void()>> tell;
    {
        const std::lock_guard lock{mutex_};
        const std::uint64_t before = judge_.events();
        change(read());
        if (judge_.events() > before) {
            why_ = judge_.event(judge_.events() - 1).reason;
            tell = on_event_;
        }
        if (judge_.anchor().trusted) why_.clear();
    }
    for (const auto& callback : tell) callback();
}

ClockNow GuardedClock::judged() {
    ClockNow out;
    judge([&](const ClockReading& reading) { out = judge_.at(reading); });
    return out;
}

void GuardedClock::ledger_told(Instant time, Millis begun) {
    judge([&](const ClockReading& came) { judge_.told(time, came, std::max(Millis{0}, came.boot - begun)); });
}

void GuardedClock::confirmed(const ClockReading& reading) {
    judge([&](const ClockReading&) { judge_.confirmed(reading); });
}

GuardedClock::News GuardedClock::news(std::uint64_t told, std::uint64_t version) {
    const std::lock_guard lock{mutex_};
    News out;
    for (std::uint64_t i = std::max(told, judge_.first_event()); i < judge_.events(); ++i) {
        out.events.push_back(judge_.event(i));
    }
    out.told = judge_.events();
    out.version = judge_.anchor_version();
    if (out.version != version) out.anchor = judge_.anchor();
    return out;
}

std::string GuardedClock::why() {
    const std::lock_guard lock{mutex_};
    return why_;
}

void GuardedClock::on_event(std::function<void()> callback) {
    const std::lock_guard lock{mutex_};
    on_event_.push_back(std::move(callback));
}

}  // namespace obol::agent
