#pragma once
// How many uses of a capped offer a till keeps ready, so that it can go on awarding when the link is
// down: as many as it used in its busier hour of the last two. Once half of them are gone more are asked
// for; what is beyond goes back when idle. The last ones are left to whoever sells them.

#include <optional>

#include "sync/core/time.hpp"
#include "sync/domain/money.hpp"

namespace obol {

inline constexpr Millis use_window{60 * 60 * 1000};
inline constexpr std::int64_t most_uses_kept = 100;

struct UsePace {
    Instant since{};  // the hour began
    std::int64_t now = 0, before = 0;
    std::optional<Instant> asked{};  // in the background, last
    int tries = 0;                   // so often in this hour
    bool operator==(const UsePace&) const = default;
};

// The same at a later time: hours that are over are before, and then forgotten. A clock that was turned
// back begins anew.
UsePace at(UsePace pace, Instant when);
UsePace used_once(UsePace pace, Instant when);

// To keep; zero once nothing was used for two hours. `pace` as it is now.
std::int64_t uses_to_keep(const UsePace& pace);
// To ask for now: nothing above the low-water mark, nor more than half of what others have left, and at
// growing intervals while asking does not help. `elsewhere`: neither used nor held here.
std::int64_t uses_to_ask(const UsePace& pace, std::int64_t held, std::int64_t elsewhere, Instant when);

}  // namespace obol
