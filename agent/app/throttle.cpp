#include "agent/app/throttle.hpp"

#include <algorithm>

namespace obol::agent {

void Throttle::forget_old(Times& times) const {
    const Millis now = boot_.since_boot();
    while (!times.empty() && times.front() + limits_.window <= now) times.pop_front();
}

int Throttle::retry_after_s(const std::string& terminal) {
    const auto wait = [this](Times& times, std::size_t limit) {
        forget_old(times);
        if (times.size() < limit) return Millis{0};
        // The oldest of the last `limit` tries must leave the window first.
        return times[times.size() - limit] + limits_.window - boot_.since_boot();
    };
    Millis longest = wait(venue_, limits_.per_venue);
    const auto found = terminals_.find(terminal);
    if (found != terminals_.end()) {
        longest = std::max(longest, wait(found->second, limits_.per_terminal));
        if (found->second.empty()) terminals_.erase(found);  // so that the map stays as small as the venue
    }
    return static_cast<int>((longest.count() + 999) / 1000);
}

void Throttle::count_unknown(const std::string& terminal) {
    const Millis now = boot_.since_boot();
    for (Times* times : {&venue_, &terminals_[terminal]}) {
        times->push_back(now);
        forget_old(*times);
    }
}

}  // namespace obol::agent
