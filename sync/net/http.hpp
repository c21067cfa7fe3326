#pragma once
// HTTP/1.1 over TCP or TLS 1.3. Beast and libssl stay behind this door (http.cpp, tls.cpp …), so
// including it is cheap.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/core/result.hpp"
#include "sync/core/secret.hpp"
#include "sync/core/time.hpp"

namespace obol::net {

template <class T>
using awaitable = boost::asio::awaitable<T>;
using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct Request {
    std::string method;  // GET | POST | PATCH | …
    std::string path;    // percent-decoded, without the query
    std::string query;   // raw, without '?'
    Headers headers;
    std::string body;
    std::string peer_address;
    std::string peer_certificate;  // PEM, with client certificates

    std::string_view header(std::string_view lower_case_name) const;  // "" if absent
    std::optional<std::string> query_value(std::string_view name) const;
};

// A body that comes piece by piece, as there is something to tell. It goes out in chunks, each when the one before
// has left, so a slow reader makes the next call late; how much waits meanwhile is the stream's to bound.
class ReplyStream {
public:
    virtual ~ReplyStream() = default;
    virtual awaitable<std::string> next() = 0;  // waits; empty: it is over
    // From the server: the reader is gone or the server stops. Who waits in `next` is told that it is over.
    virtual void end() = 0;
};

struct Reply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body{};
    Headers headers{};
    bool close = false;
    std::shared_ptr<ReplyStream> stream{};  // instead of `body`; the connection ends with it
};

using Handler = std::function<awaitable<Reply>(Request)>;
// Words a refusal that is made before routing (411, 413, 414, 421, 431, 400 …).
using Refuse = std::function<Reply(int status, std::string_view code, std::string_view detail)>;

struct Limits {
    std::size_t header_bytes = 8 << 10;
    std::size_t body_bytes = 256 << 10;
    std::size_t target_bytes = 1 << 10;
    std::size_t fields = 64;
    Millis header_deadline{5'000}, body_deadline{10'000}, idle{15'000}, write_deadline{30'000};
    std::size_t connections = 1024;
};

struct ServerTls {
    std::string certificate_chain;  // PEM
    Secret private_key;             // PEM
    std::string client_ca;          // PEM; empty: no client certificates are asked for
    bool client_certificate_required = true;
    std::function<Instant()> now;  // certificates are judged by this clock
    // A client certificate of our CA that ended no longer ago than this gets through the handshake, so that its
    // renewal can be asked for. Nothing more: the handler refuses whatever else comes over it.
    Millis ended_client_for{0};
};

struct ServerOptions {
    std::vector<std::string> addresses{"127.0.0.1", "::1"};
    std::uint16_t port = 0;
    Limits limits{};
    // Exact values of Host that are served, e.g. "127.0.0.1:8480"; "*" serves all. Else 421
    // wrong_host.
    std::vector<std::string> hosts{"*"};
    std::optional<ServerTls> tls{};
    // Bodies may come and go in the content coding zstd, where the other end says that it takes it. What a
    // body unpacks to is bound by limits.body_bytes, too.
    bool zstd = false;
};

// Refuses before routing (THREATS 3.2): any Transfer-Encoding, HTTP/1.0, no or two Host, more than
// one Content-Length, POST without Content-Length (411), GET with a body, obs-fold, a target that
// is not origin-form printable ASCII, unknown verbs. Answers on one connection keep their order.
class Server {
public:
    Server(boost::asio::any_io_executor executor, ServerOptions options, Handler handler,
           Refuse refuse);
    ~Server();
    // Fault address_in_use | address_invalid. After it `port()` is the real one (options.port may
    // be 0).
    Result<void> start();
    std::uint16_t port() const;
    // New connections see another certificate, open ones keep theirs. Fault tls_invalid: all stays as it was.
    Result<void> present(ServerTls tls);
    // Accepts no more; open exchanges get up to `grace` to end.
    awaitable<void> stop(Millis grace);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

struct ClientTls {
    std::string ca;           // only this CA is believed: PEM, or "sha256:" and the fingerprint of one shown
    std::string certificate;  // PEM; empty: none is shown
    Secret private_key;
    std::string server_name;  // must be in the certificate
    std::function<Instant()> now;
    // While this is true, a certificate that begins after `now` is believed: our CA dates none ahead, so it is
    // the clock here that is behind. Unset: never.
    std::function<bool()> clock_may_be_behind{};
};

struct ClientOptions {
    std::string url;  // http://host:port or https://host:port
    std::optional<ClientTls> tls{};
    Millis connect_deadline{3'000};
    std::size_t most_body_bytes = 64 << 20;  // also of what unpacks
    bool zstd = false;  // asks for answers in that coding, and uses it for bodies once the server says it takes it
};

struct Response {
    int status = 0;
    Headers headers;
    std::string body;
    std::string_view header(std::string_view lower_case_name) const;
};

// One keep-alive connection to one host, reopened when needed. One exchange at a time. A reply that
// is not HTTP, of another content type than asked for, or late, is a Fault: unreachable | timed_out
// | tls_refused | not_http.
// The system looks a name up, in any client of this process, and nothing can interrupt it: who ends now
// must not wait for its thread.
bool looking_up_names();

class Client {
public:
    Client(boost::asio::any_io_executor executor, ClientOptions options);
    ~Client();
    awaitable<Result<Response>> exchange(std::string method, std::string target, Headers headers,
                                         std::string body, Millis deadline);
    void close();  // ends a running exchange, too
    // From the next exchange on, over a new connection; one under way ends as it began.
    void present(ClientTls tls);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace obol::net
