#include "agent/api/deadline.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "agent/app/suspend.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace asio = boost::asio;

// Between the work, the timer and who waits for either.
struct Deadline::Race {
    explicit Race(int& of) : working(of) { ++working; }
    ~Race() { --working; }
    Race(const Race&) = delete;
    Race& operator=(const Race&) = delete;
    void wake() {
        if (const auto sleeper = std::exchange(waiting, {})) sleeper();
    }

    int& working;
    std::optional<net::Reply> reply{};
    std::exception_ptr thrown{};
    std::function<void()> waiting{};
    bool over = false, given_up = false;
};

awaitable<std::optional<net::Reply>> Deadline::wait(awaitable<net::Reply> work) {
    const auto race = std::make_shared<Race>(working_);
    const auto loop = co_await asio::this_coro::executor;
    asio::co_spawn(loop, std::move(work), [this, race](std::exception_ptr thrown, net::Reply reply) {
        ended(*race, thrown, std::move(reply));
    });
    if (!race->over) {
        // Weak: a timer that was cancelled may lie about for a while, and must not count as work.
        const Timers::Token timer = timers_.after(patience, [weak = std::weak_ptr<Race>(race)] {
            if (const auto self = weak.lock()) self->wake();
        });
        auto begin = [&race](std::function<void()> wake) { race->waiting = std::move(wake); };
        co_await until_called(std::move(begin));
        timers_.cancel(timer);
    }
    if (race->thrown) std::rethrow_exception(race->thrown);
    if (!race->over) {
        race->given_up = true;
        give_up();
    }
    co_return std::move(race->reply);
}

void Deadline::ended(Race& race, std::exception_ptr thrown, net::Reply reply) {
    race.over = true;
    if (!race.given_up) {
        race.thrown = thrown;
        if (!thrown) race.reply = std::move(reply);
        return race.wake();
    }
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        host::log_line(host::Level::error, std::string("what went on after its answer has failed: ") + error.what());
    }
    if (--late_ == 0) host::log_line(host::Level::info, "all that was told that its outcome is unknown has ended");
}

void Deadline::give_up() {
    if (late_++ > 0) return;  // one line for all that hang on the same disk
    host::log_line(host::Level::error, "a request has not ended within " + std::to_string(patience.count()) +
                                           " ms; it is told that its outcome is unknown, and goes on");
}

}  // namespace obol::agent
