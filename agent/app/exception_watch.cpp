#include "agent/app/exception_watch.hpp"

#include "agent/app/journal_list.hpp"

namespace obol::agent {

namespace {

constexpr std::size_t most_at_once = 50;

}  // namespace

ExceptionWatch::ExceptionWatch(Store& store, EventHub& events, Timers& timers)
    : store_(store), events_(events), timers_(timers),
      last_(store.facts().db().value<std::string>("SELECT id FROM exception ORDER BY id DESC LIMIT 1").value_or("")) {
    look_later();
}

ExceptionWatch::~ExceptionWatch() { timers_.cancel(timer_); }

void ExceptionWatch::look() {
    for (auto& [id, text] : exceptions_after(store_.facts(), last_, most_at_once)) {
        events_.publish("exception", TerminalId{}, std::move(text));
        last_ = id;
    }
}

void ExceptionWatch::look_later() {
    timer_ = timers_.after(between_looks, [this] {
        look();
        look_later();
    });
}

}  // namespace obol::agent
