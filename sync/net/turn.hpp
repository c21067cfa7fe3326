#pragma once
// Coroutines of one loop wait here until another lets them go on. It measures no time: the timer
// below never ends by itself and serves as a condition.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace obol::net {

class Turn {
public:
    explicit Turn(boost::asio::any_io_executor executor)
        : never_(std::move(executor), boost::asio::steady_timer::time_point::max()) {}

    boost::asio::awaitable<void> wait() {
        boost::system::error_code woken;
        co_await never_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
    void wake_one() { never_.cancel_one(); }
    void wake_all() { never_.cancel(); }

private:
    boost::asio::steady_timer never_;
};

}  // namespace obol::net
