#include "sync/net/asio_timers.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

namespace obol::net {

namespace asio = boost::asio;

struct AsioTimers::Impl {
    explicit Impl(asio::any_io_executor on) : executor(std::move(on)) {}
    asio::any_io_executor executor;
    Token last = 0;
    std::map<Token, asio::steady_timer> running;
};

AsioTimers::AsioTimers(asio::any_io_executor executor)
    : impl_(std::make_shared<Impl>(std::move(executor))) {}

AsioTimers::~AsioTimers() { impl_->running.clear(); }

Timers::Token AsioTimers::after(Millis delay, std::function<void()> callback) {
    const Token token = ++impl_->last;
    asio::steady_timer& timer =
        impl_->running.try_emplace(token, impl_->executor, delay).first->second;
    // A timer that was cancelled after it had expired must stay silent, so the map decides.
    timer.async_wait([weak = std::weak_ptr<Impl>(impl_), token,
                      callback = std::move(callback)](const boost::system::error_code& error) {
        const auto impl = weak.lock();
        if (error || !impl || impl->running.erase(token) == 0) return;
        callback();
    });
    return token;
}

void AsioTimers::cancel(Token token) { impl_->running.erase(token); }

asio::awaitable<void> sleep_for(Millis delay) {
    asio::steady_timer timer(co_await asio::this_coro::executor, delay);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace obol::net
