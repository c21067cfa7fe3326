#pragma once
// New exceptions, told to managers that listen. They come with entries, pages and comparisons; looking is one
// look-up, so it is done after each commit and now and then.

#include <string>

#include "agent/app/events.hpp"

namespace obol::agent {

class ExceptionWatch {
public:
    static constexpr Millis between_looks{2'000};

    // What there is already is no news.
    ExceptionWatch(Store& store, EventHub& events, Timers& timers);
    ~ExceptionWatch();
    ExceptionWatch(const ExceptionWatch&) = delete;
    ExceptionWatch& operator=(const ExceptionWatch&) = delete;

    void look();

private:
    void look_later();

    Store& store_;
    EventHub& events_;
    Timers& timers_;
    Timers::Token timer_ = 0;
    std::string last_;  // ids begin with their time
};

}  // namespace obol::agent
