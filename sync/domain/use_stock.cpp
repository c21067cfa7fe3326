#include "sync/domain/use_stock.hpp"

#include <algorithm>

namespace obol {

namespace {

constexpr Millis first_pause{60 * 1000};
constexpr int most_doublings = 5;

Millis pause_after(int tries) { return first_pause * (std::int64_t{1} << std::min(tries, most_doublings)); }

}  // namespace

UsePace at(UsePace pace, Instant when) {
    const Millis gone = when - pace.since;
    if (gone >= Millis{} && gone < use_window) return pace;
    const bool next = gone >= use_window && gone < 2 * use_window;
    return {when, 0, next ? pace.now : 0, next ? pace.asked : std::nullopt, 0};
}

UsePace used_once(UsePace pace, Instant when) {
    pace = at(pace, when);
    ++pace.now;
    return pace;
}

std::int64_t uses_to_keep(const UsePace& pace) { return std::min(std::max(pace.now, pace.before), most_uses_kept); }

std::int64_t uses_to_ask(const UsePace& pace, std::int64_t held, std::int64_t elsewhere, Instant when) {
    const std::int64_t keep = uses_to_keep(pace);
    const std::int64_t low = (keep + 1) / 2;
    if (held >= low) return 0;
    if (pace.asked && when >= *pace.asked && when - *pace.asked < pause_after(pace.tries)) return 0;
    return std::clamp<std::int64_t>(elsewhere / 2, 0, keep - held);
}

}  // namespace obol
