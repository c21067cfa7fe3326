#pragma once
// Who asks for something that waits on the disk hears within a bounded time what there is to say; the work
// itself is never cut short, since half of it may stand already.

#include <memory>
#include <optional>

#include "agent/app/context.hpp"
#include "sync/core/timers.hpp"
#include "sync/net/http.hpp"

namespace obol::agent {

class Deadline {
public:
    // Longer than a slow disk takes, shorter than tills wait.
    static constexpr Millis patience{8'000};

    explicit Deadline(Timers& timers) : timers_(timers) {}
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    // The reply, or what the work threw; nullopt when the patience is over: the work goes on by itself, holds
    // all that is its own until its end, and nobody hears of its reply.
    awaitable<std::optional<net::Reply>> wait(awaitable<net::Reply> work);

    int working() const { return working_; }  // also those that nobody waits for any more

private:
    struct Race;
    void ended(Race& race, std::exception_ptr thrown, net::Reply reply);
    void give_up();

    Timers& timers_;
    int working_ = 0;
    int late_ = 0;
};

}  // namespace obol::agent
