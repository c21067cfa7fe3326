#pragma once
// Timers that a test turns by hand.

#include <map>
#include <vector>

#include "sync/core/timers.hpp"

namespace obol::testing_support {

class HandTimers final : public Timers {
public:
    Token after(Millis delay, std::function<void()> callback) override {
        waiting_.emplace(++last_, Waiting{now_ + delay, std::move(callback)});
        return last_;
    }
    void cancel(Token token) override { waiting_.erase(token); }

    // Time goes on, and what is due meanwhile is called in its order.
    void pass(Millis time) {
        const Millis end = now_ + time;
        for (;;) {
            auto next = waiting_.end();
            for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
                if (it->second.at <= end && (next == waiting_.end() || it->second.at < next->second.at)) next = it;
            }
            if (next == waiting_.end()) break;
            const Waiting due = std::move(next->second);
            waiting_.erase(next);
            now_ = due.at;
            due.callback();
        }
        now_ = end;
    }
    std::size_t waiting() const { return waiting_.size(); }
    Millis now() const { return now_; }

private:
    struct Waiting {
        Millis at;
        std::function<void()> callback;
    };
    std::map<Token, Waiting> waiting_;
    Token last_ = 0;
    Millis now_{};
};

}  // namespace obol::testing_support
