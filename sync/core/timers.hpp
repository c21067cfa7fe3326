#pragma once

#include <functional>

#include "sync/core/time.hpp"

namespace obol {

// Timers of the event loop that owns the caller. Callbacks never run inside `after` itself.
class Timers {
public:
    using Token = std::uint64_t;
    virtual ~Timers() = default;
    virtual Token after(Millis delay, std::function<void()> callback) = 0;
    virtual void cancel(Token token) = 0;
};

}  // namespace obol
