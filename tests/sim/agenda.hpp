#pragma once
// Virtual time: what is due, in order. Chance from one seed. What was done, counted and told.

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sync/core/time.hpp"

namespace obol::sim {

// Something that must never be.
class Violation : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Agenda {
public:
    using Ticket = std::uint64_t;

    Instant now() const { return now_; }
    Ticket at(Instant when, std::function<void()> what) {
        const Instant due = std::max(when, now_);
        due_.emplace(std::pair{due, ++last_}, std::move(what));
        times_.emplace(last_, due);
        return last_;
    }
    Ticket after(Millis delay, std::function<void()> what) { return at(now_ + delay, std::move(what)); }
    void cancel(Ticket ticket) {
        const auto found = times_.find(ticket);
        if (found == times_.end()) return;
        due_.erase({found->second, ticket});
        times_.erase(found);
    }
    // Time in which nothing happens: what was due is due so much later.
    void leap(Millis by) {
        std::map<std::pair<Instant, Ticket>, std::function<void()>> later;
        for (auto& [when, what] : due_) later.emplace(std::pair{when.first + by, when.second}, std::move(what));
        due_ = std::move(later);
        for (auto& [ticket, when] : times_) when += by;
        now_ += by;
    }
    // Does the next thing that is due until then; false: there is none, and it is then.
    bool next(Instant until) {
        if (due_.empty() || due_.begin()->first.first > until) {
            now_ = std::max(now_, until);
            return false;
        }
        auto node = due_.extract(due_.begin());
        now_ = node.key().first;
        times_.erase(node.key().second);
        node.mapped()();
        return true;
    }

private:
    Instant now_ = parse_rfc3339("2026-11-20T08:00:00Z").value();
    Ticket last_ = 0;
    std::map<std::pair<Instant, Ticket>, std::function<void()>> due_{};
    std::map<Ticket, Instant> times_{};
};

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t draw() { return engine_(); }
    int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound)); }
    bool percent(int chance) { return below(100) < chance; }
    Millis between(Millis least, Millis most) {
        return least + Millis{static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>((most - least).count() + 1))};
    }
    template <class T>
    const T& of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
    }
    std::mt19937_64& engine() { return engine_; }

private:
    std::mt19937_64 engine_;
};

// By kind, over all seeds of the process: "deed: refund", "fault: power lost", "branch: grant in part".
std::map<std::string, std::int64_t>& counts();
inline void count(const std::string& what, std::int64_t times = 1) { counts()[what] += times; }

}  // namespace obol::sim
