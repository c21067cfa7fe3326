#pragma once
// A server on a loop in a thread, and plain blocking sockets to talk to it with.

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <thread>

#include "sync/net/http.hpp"

namespace obol::net {

namespace asio = boost::asio;

class Loop {
public:
    Loop() : work_(context.get_executor()), thread_([this] { context.run(); }) {}
    ~Loop() {
        work_.reset();
        context.stop();
        thread_.join();
    }
    template <class Work>
    auto on_loop(Work work) {
        std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
        auto future = task.get_future();
        asio::post(context, [&task] { task(); });
        return future.get();
    }
    template <class T>
    T await(awaitable<T> what) {
        return asio::co_spawn(context, std::move(what), asio::use_future).get();
    }

    asio::io_context context;

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

// A caller that sends what it is told, byte for byte.
class RawCaller {
public:
    explicit RawCaller(std::uint16_t port) : socket_(context_) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        const timeval patience{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    void send(std::string_view text) {
        boost::system::error_code ignored;
        asio::write(socket_, asio::buffer(text.data(), text.size()), ignored);
    }
    void finish() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }
    // One answer: head and body by its length; "" when the connection ended before.
    std::string answer() {
        while (true) {
            const std::size_t end = got_.find("\r\n\r\n");
            if (end != std::string::npos) {
                const std::size_t field = got_.find("Content-Length: ");
                const std::size_t length = field < end ? std::stoul(got_.substr(field + 16)) : 0;
                if (got_.size() >= end + 4 + length) {
                    std::string one = got_.substr(0, end + 4 + length);
                    got_.erase(0, end + 4 + length);
                    return one;
                }
            }
            if (!more()) return {};
        }
    }
    int status() {
        const std::string text = answer();
        return text.size() > 12 ? std::stoi(text.substr(9, 3)) : 0;
    }
    // Everything until the server closes.
    std::string rest() {
        while (more()) {
        }
        return std::exchange(got_, {});
    }
    bool closed() { return rest().empty() && ended_; }

private:
    bool more() {
        char buffer[16384];
        const ssize_t n = ::recv(socket_.native_handle(), buffer, sizeof buffer, 0);
        if (n > 0) got_.append(buffer, static_cast<std::size_t>(n));
        ended_ = n == 0 || (n < 0 && errno == ECONNRESET);
        return n > 0;
    }
    asio::io_context context_;
    asio::ip::tcp::socket socket_;
    std::string got_;
    bool ended_ = false;
};

inline Reply refusal(int status, std::string_view code, std::string_view detail) {
    return {.status = status,
            .content_type = "application/problem+json",
            .body = "{\"code\":\"" + std::string(code) + "\",\"detail\":\"" + std::string(detail) +
                    "\"}"};
}

}  // namespace obol::net
