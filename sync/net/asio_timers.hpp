#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "sync/core/timers.hpp"

namespace obol::net {

// The Timers port on an Asio executor.
class AsioTimers final : public Timers {
public:
    explicit AsioTimers(boost::asio::any_io_executor executor);
    ~AsioTimers() override;
    Token after(Millis delay, std::function<void()> callback) override;
    void cancel(Token token) override;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

boost::asio::awaitable<void> sleep_for(Millis delay);

}  // namespace obol::net
