#pragma once
// A coroutine sleeps until somebody calls.

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace obol::agent {

// `begin` gets the function that wakes the sleeper. It must be called on the loop, after `begin` has
// returned; only the first call counts. Without memory to begin the process ends, as in Store::run.
template <class Begin>
boost::asio::awaitable<void> until_called(Begin begin) {
    auto initiate = [&begin](auto handler) noexcept {
        auto waiting = std::make_shared<std::optional<decltype(handler)>>(std::move(handler));
        begin([waiting] {
            if (!*waiting) return;
            auto wake = std::move(**waiting);
            waiting->reset();
            wake();
        });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(initiate,
                                                                                       boost::asio::use_awaitable);
}

}  // namespace obol::agent
