#pragma once
// One connection of the server, from accept to close: head, body, handler, answer, and again.
// Private to sync/net.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>

#include "sync/net/coding.hpp"
#include "sync/net/request_head.hpp"
#include "sync/net/tls.hpp"

namespace obol::net {

using Steady = std::chrono::steady_clock;

// What all connections of a server share, and what they tell it.
struct Service {
    ServerOptions options;
    Handler handler;
    Refuse refuse;
    bool stopping = false;
};

// The server sweeps over its connections and aborts what is past its deadline: one timer for all,
// nothing to arm per request.
class ConnectionBase {
public:
    virtual ~ConnectionBase() = default;
    virtual void abort() = 0;  // closes the socket; whatever waits on it ends with an error

    Steady::time_point deadline = Steady::time_point::max();
    bool idle = false;  // between two requests
    std::shared_ptr<ReplyStream> streaming{};  // what is under way
};

void append_reply(std::string& out, const Reply& reply, bool close, bool without_body);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
void append_chunk(std::string& out, std::string_view piece);  // an empty one is the last

template <class Stream>
class Connection final : public ConnectionBase {
public:
    Connection(Stream stream, Service& service, std::string peer_address)
        : stream_(std::move(stream)), service_(service), peer_address_(std::move(peer_address)) {
        buffer_.reserve(16'384);
    }

    awaitable<void> run() {
        if (!co_await shake_hands()) co_return;
        bool open = true;  // GCC 12 loses `this` where the condition of a loop awaits a member
        while (open) open = co_await exchange();
        co_await linger();
    }

    void abort() override {
        if (streaming) streaming->end();
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

private:
    static constexpr std::size_t chunk = 16'384;
    static constexpr std::size_t copied_whole =
        64 << 10;  // larger bodies are sent from where they lie
    static constexpr auto quiet = boost::asio::as_tuple(boost::asio::use_awaitable);

    void due_in(Millis time) { deadline = Steady::now() + time; }

    awaitable<bool> shake_hands() {
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            due_in(service_.options.limits.header_deadline);
            judge_at(stream_, service_.options.tls->now());
            const auto got =
                co_await stream_.async_handshake(boost::asio::ssl::stream_base::server, quiet);
            if (std::get<0>(got)) co_return false;
            peer_certificate_ = peer_certificate(stream_);
        }
        co_return true;
    }

    // One request and its answer. False: the connection ends.
    awaitable<bool> exchange() {
        const Limits& limits = service_.options.limits;
        HeadScanner scanner;
        HeadScanner::Found found = scanner.scan(buffer_, limits);
        if (buffer_.empty()) {
            idle = true;
            due_in(answered_ ? limits.idle : limits.header_deadline);
            if (service_.stopping) co_return false;
            if (!co_await read_more()) co_return false;
            idle = false;
            due_in(limits.header_deadline);
            found = scanner.scan(buffer_, limits);
        } else {
            due_in(limits.header_deadline);
        }
        while (found == HeadScanner::Found::more) {
            if (!co_await read_more()) co_return false;
            found = scanner.scan(buffer_, limits);
        }
        if (found == HeadScanner::Found::refused) co_return co_await refuse(scanner.refusal());

        Request request;
        Head head;
        const std::string_view text = std::string_view(buffer_).substr(0, scanner.head_size());
        if (const auto no = read_head(text, limits, service_.options.hosts, request, head)) {
            co_return co_await refuse(*no);
        }
        buffer_.erase(0, scanner.head_size());
        if (!co_await read_body(request, head)) co_return false;
        if (const auto no = unpack(request)) co_return co_await refuse(*no);

        request.peer_address = peer_address_;
        request.peer_certificate = peer_certificate_;
        const bool without_body = request.method == "HEAD";
        const bool packs = service_.options.zstd && accepts_zstd(request.header("accept-encoding"));
        deadline = Steady::time_point::max();  // the handler keeps its own time
        Reply reply = co_await service_.handler(std::move(request));
        if (reply.stream) {
            co_await tell(reply, without_body);
            co_return false;
        }
        if (service_.options.zstd) code(reply, packs);
        const bool close = head.close || reply.close || service_.stopping;
        const bool sent = co_await answer(reply, close, without_body);
        co_return sent && !close;
    }

    awaitable<bool> read_body(Request& request, const Head& head) {
        if (head.content_length == 0) co_return true;
        due_in(service_.options.limits.body_deadline);
        const std::size_t here = std::min(head.content_length, buffer_.size());
        request.body.reserve(head.content_length);
        request.body.assign(buffer_, 0, here);
        buffer_.erase(0, here);
        if (here == head.content_length) co_return true;

        if (head.expects_continue && here == 0) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            const auto buffer = boost::asio::buffer(go_on.data(), go_on.size());
            const auto sent = co_await boost::asio::async_write(stream_, buffer, quiet);
            if (std::get<0>(sent)) co_return false;
        }
        request.body.resize(head.content_length);
        std::size_t have = here;
        while (have < head.content_length) {
            const auto rest =
                boost::asio::buffer(request.body.data() + have, head.content_length - have);
            const auto got = co_await stream_.async_read_some(rest, quiet);
            if (std::get<0>(got)) co_return false;
            have += std::get<1>(got);
        }
        co_return true;
    }

    // What a body unpacks to is bound like one that came as it is.
    std::optional<Refusal> unpack(Request& request) {
        if (!service_.options.zstd) return std::nullopt;
        const std::string_view coding = request.header("content-encoding");
        if (coding.empty() || coding == "identity") return std::nullopt;
        if (coding != zstd_name) return Refusal{415, "unsupported_media_type", "of the codings only zstd is taken"};
        Result<std::string> plain = unpacked(request.body, service_.options.limits.body_bytes);
        if (plain) {
            request.body = std::move(*plain);
            return std::nullopt;
        }
        if (plain.error().code == "body_too_large") return Refusal{413, "body_too_large", "unpacked, the body is too large"};
        return Refusal{400, "malformed_request", "the body is not one whole zstd frame"};
    }

    // The field says that bodies in the coding are taken, too (RFC 9110, 12.5.3).
    void code(Reply& reply, bool packs) {
        reply.headers.emplace_back("Accept-Encoding", zstd_name);
        if (!packs || reply.body.size() < least_packed) return;
        reply.body = packed(reply.body);
        reply.headers.emplace_back("Content-Encoding", zstd_name);
    }

    awaitable<bool> read_more() {
        const auto room = boost::asio::buffer(arriving_.get(), chunk);
        const auto got = co_await stream_.async_read_some(room, quiet);
        buffer_.append(arriving_.get(), std::get<1>(got));
        co_return !std::get<0>(got);  // any error ends the connection; reading again would park it
    }

    awaitable<bool> refuse(Refusal refusal) {
        const Reply reply = service_.refuse(refusal.status, refusal.code, refusal.detail);
        co_await answer(reply, true, false);
        co_return false;  // where a request ends is no longer certain
    }

    awaitable<bool> answer(const Reply& reply, bool close, bool without_body) {
        due_in(service_.options.limits.write_deadline);
        const bool whole = without_body || reply.body.size() <= copied_whole;
        out_.clear();
        append_reply(out_, reply, close, without_body || !whole);
        answered_ = true;
        const auto head = boost::asio::buffer(out_);
        const auto sent = co_await boost::asio::async_write(stream_, head, quiet);
        if (std::get<0>(sent) || whole) co_return !std::get<0>(sent);

        const auto body = boost::asio::buffer(reply.body);
        const auto rest = co_await boost::asio::async_write(stream_, body, quiet);
        co_return !std::get<0>(rest);
    }

    // Head and chunks, each within the write deadline. While nothing is to be told the time does not count; that
    // the reader went away shows in its socket.
    awaitable<void> tell(Reply& reply, bool without_body) {
        answered_ = true;
        out_.clear();
        append_reply(out_, reply, true, without_body);
        const std::shared_ptr<ReplyStream> stream = reply.stream;
        streaming = stream;
        if (service_.stopping) stream->end();
        watch_reader(stream);
        for (bool last = without_body;;) {
            due_in(service_.options.limits.write_deadline);
            const auto bytes = boost::asio::buffer(out_);
            const auto sent = co_await boost::asio::async_write(stream_, bytes, quiet);
            if (std::get<0>(sent) || last) break;
            deadline = Steady::time_point::max();
            const std::string piece = co_await stream->next();
            last = piece.empty();
            out_.clear();
            append_chunk(out_, piece);
        }
        streaming.reset();
        stream->end();
    }

    // Whatever comes from a reader while it is told something, an end or bytes, is the end: nobody asks meanwhile.
    void watch_reader(const std::shared_ptr<ReplyStream>& stream) {
        raw_socket().async_wait(Socket::wait_read,
                                [weak = std::weak_ptr<ReplyStream>(stream)](const boost::system::error_code&) {
                                    if (const auto self = weak.lock()) self->end();
                                });
    }

    // Closing with unread bytes would reset the connection and could take the answer with it: say
    // that no more comes, then read the rest for a moment.
    awaitable<void> linger() {
        due_in(Millis{1'000});
        boost::system::error_code ignored;
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            co_await stream_.async_shutdown(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        } else {
            stream_.shutdown(Socket::shutdown_send, ignored);
        }
        Socket& raw = raw_socket();
        const auto room = boost::asio::buffer(arriving_.get(), chunk);
        for (std::size_t left = 1 << 20; left > chunk;) {
            const auto got = co_await raw.async_read_some(room, quiet);
            if (std::get<0>(got)) break;
            left -= std::get<1>(got);
        }
        abort();
    }

    Socket& raw_socket() {
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    Stream stream_;
    Service& service_;
    std::string peer_address_, peer_certificate_;
    // Read into as it is: to clear that much for each request costs more than to copy what came.
    std::unique_ptr<char[]> arriving_ = std::make_unique_for_overwrite<char[]>(chunk);
    std::string buffer_;  // what has arrived and is not used yet
    std::string out_;
    bool answered_ = false;
};

}  // namespace obol::net
