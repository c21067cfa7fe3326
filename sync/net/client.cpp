#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <optional>
#include <utility>

#include "sync/net/coding.hpp"
#include "sync/net/tls.hpp"

namespace obol::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t most_header_bytes = 16 << 10;

struct Place {
    bool secure = false;
    std::string host, port;
    std::string host_field;  // as it goes into Host
};

Result<Place> place_of(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty()) return Fault{"unreachable", "not a URL: " + url};
    Place place;
    place.secure = parsed->scheme() == "https";
    if (!place.secure && parsed->scheme() != "http")
        return Fault{"unreachable", "not http: " + url};
    place.host = parsed->host_address();
    place.port = parsed->has_port() ? std::string(parsed->port()) : (place.secure ? "443" : "80");
    place.host_field = std::string(parsed->encoded_host_and_port());
    return place;
}

std::string request_text(const Place& place, const std::string& method, const std::string& target,
                         const Headers& headers, const std::string& body) {
    std::string out;
    out.reserve(256 + body.size());
    out.append(method)
        .append(" ")
        .append(target)
        .append(" HTTP/1.1\r\nHost: ")
        .append(place.host_field);
    for (const auto& [name, value] : headers)
        out.append("\r\n").append(name).append(": ").append(value);
    if (!body.empty() || method != "GET") {
        out.append("\r\nContent-Length: ").append(std::to_string(body.size()));
    }
    return out.append("\r\n\r\n").append(body);
}

Response response_of(Parser& parser) {
    auto message = parser.release();
    Response response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        std::string name(field.name_string().data(), field.name_string().size());
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        response.headers.emplace_back(std::move(name),
                                      std::string(field.value().data(), field.value().size()));
    }
    response.body = std::move(message.body());
    return response;
}

// What an error of the stream means to the caller.
Fault fault_of(const error_code& error, std::string_view doing) {
    std::string detail = std::string(doing) + ": " + error.message();
    if (error.category() == asio::error::get_ssl_category())
        return Fault{"tls_refused", std::move(detail)};
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
        return Fault{"unreachable", std::move(detail)};
    }
    static const auto& http_category = error_code(http::error::bad_version).category();
    if (error.category() == http_category) return Fault{"not_http", std::move(detail)};
    return Fault{"unreachable", std::move(detail)};
}

std::atomic<int> names_looked_up{0};

struct LookUp {
    LookUp() { ++names_looked_up; }
    ~LookUp() { --names_looked_up; }
    LookUp(const LookUp&) = delete;
    LookUp& operator=(const LookUp&) = delete;
};

// Asio resolves names on a thread that it makes at the first name. Where the system gives none it loses the
// coroutine that asked, so the thread is made here, by a name that needs no look-up.
void make_resolver_thread(const asio::any_io_executor& executor, const std::string& host) {
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address) return;
    using Flags = tcp::resolver::flags;
    try {
        tcp::resolver(executor).async_resolve("127.0.0.1", "0", Flags::numeric_host | Flags::numeric_service,
                                              [](const error_code&, const tcp::resolver::results_type&) {});
    } catch (const boost::system::system_error& refused) {
        throw std::runtime_error("the system gives no thread for resolving " + host + ": " + refused.code().message());
    }
}

}  // namespace

bool looking_up_names() { return names_looked_up > 0; }

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
    Impl(asio::any_io_executor on, ClientOptions with)
        : executor(on), options(std::move(with)), place(place_of(options.url)), alarm(on) {
        if (place) make_resolver_thread(on, place->host);
    }

    awaitable<Result<Response>> exchange(std::string method, std::string target, Headers headers,
                                         std::string body, Millis deadline);
    awaitable<Result<void>> connect();
    awaitable<Result<void>> connect_tls();
    awaitable<Result<void>> resolve();
    template <class Stream>
    awaitable<Result<Response>> talk(Stream& stream, std::string text, bool head_only);
    bool is_stale();
    Result<Response> plain_of(Response response);
    void drop();
    void arm(std::chrono::steady_clock::time_point end);
    Fault explain(Fault fault) const;

    asio::any_io_executor executor;
    ClientOptions options;
    Result<Place> place;
    asio::steady_timer alarm;
    std::unique_ptr<TlsContext> tls;
    // At most one is open; the TLS stream lies over a socket of its own.
    std::optional<Socket> plain;
    std::optional<TlsStream> secure;
    boost::beast::flat_buffer buffer;
    std::vector<tcp::endpoint>
        known;  // what the name last resolved to: DNS may fail when the link does not
    std::shared_ptr<asio::ip::tcp::resolver> resolver;
    std::uint64_t alarm_number = 0;
    bool late = false, cut = false, running = false;
    bool reconnect = false;   // the identity has changed
    bool takes_zstd = false;  // so the server of this connection said
};

void Client::Impl::drop() {
    error_code ignored;
    if (resolver) resolver->cancel();
    if (plain) plain->close(ignored);
    if (secure) secure->lowest_layer().close(ignored);
}

// The whole exchange has one absolute end; connecting may have an earlier one.
void Client::Impl::arm(std::chrono::steady_clock::time_point end) {
    alarm.expires_at(end);
    alarm.async_wait([weak = weak_from_this(), number = ++alarm_number](const error_code& error) {
        const auto self = weak.lock();
        if (error || !self || self->alarm_number != number) return;
        self->late = true;
        self->drop();
    });
}

Fault Client::Impl::explain(Fault fault) const {
    if (cut) return Fault{"unreachable", "the connection was closed here"};
    if (late) return Fault{"timed_out", std::move(fault.detail)};
    return fault;
}

// An idle connection with something to read was closed by the other end, or is out of step.
bool Client::Impl::is_stale() {
    if (reconnect) return true;
    Socket& socket = secure ? secure->next_layer() : *plain;
    if (!socket.is_open() || buffer.size() > 0) return true;
    char byte;
    error_code error;
    socket.non_blocking(true, error);
    socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error != asio::error::would_block;
}

awaitable<Result<void>> Client::Impl::resolve() {
    error_code error;
    const auto address = asio::ip::make_address(place->host, error);
    if (!error) {
        known.assign(1, tcp::endpoint(address, static_cast<std::uint16_t>(std::stoi(place->port))));
        co_return Result<void>{};
    }
    const LookUp counted;
    resolver = std::make_shared<tcp::resolver>(executor);
    const auto found = co_await resolver->async_resolve(
        place->host, place->port, asio::redirect_error(asio::use_awaitable, error));
    resolver.reset();
    if (!error) {
        known.clear();
        for (const auto& entry : found) known.push_back(entry.endpoint());
    }
    if (known.empty()) co_return fault_of(error, "resolving " + place->host);
    co_return Result<void>{};
}

awaitable<Result<void>> Client::Impl::connect() {
    secure.reset();
    plain.reset();
    if (std::exchange(reconnect, false)) tls.reset();  // after the streams, which look into it
    takes_zstd = false;
    buffer.clear();
    if (auto resolved = co_await resolve(); !resolved) co_return resolved.error();
    if (late || cut) co_return Fault{"timed_out", "resolving " + place->host};
    plain.emplace(executor);
    error_code error;
    co_await asio::async_connect(*plain, known, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fault_of(error, "connecting to " + place->host_field);
    plain->set_option(tcp::no_delay(true), error);
    plain->set_option(asio::socket_base::keep_alive(true), error);
    if (place->secure) co_return co_await connect_tls();
    co_return Result<void>{};
}

awaitable<Result<void>> Client::Impl::connect_tls() {
    if (!options.tls) co_return Fault{"tls_refused", "no CA is configured"};
    if (!tls) {
        auto made = make_context(*options.tls);
        if (!made) co_return Fault{"tls_refused", made.error().detail};
        tls = std::move(*made);
    }
    secure.emplace(std::move(*plain), *tls);
    plain.reset();
    judge_at(*secure, options.tls->now());
    const bool behind = options.tls->clock_may_be_behind && options.tls->clock_may_be_behind();
    expect_name(*secure, options.tls->server_name, options.tls->ca, behind);
    error_code error;
    co_await secure->async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        Fault fault = fault_of(error, "TLS with " + place->host_field);
        fault.detail += verdict_on_peer(*secure);
        co_return fault;
    }
    co_return Result<void>{};
}

template <class Stream>
awaitable<Result<Response>> Client::Impl::talk(Stream& stream, std::string text, bool head_only) {
    error_code error;
    co_await asio::async_write(stream, asio::buffer(text),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fault_of(error, "sending");
    Parser parser;
    parser.header_limit(most_header_bytes);
    parser.body_limit(options.most_body_bytes);
    parser.skip(head_only);
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fault_of(error, "reading");
    if (!parser.keep_alive()) drop();
    co_return response_of(parser);
}

Result<Response> Client::Impl::plain_of(Response response) {
    if (!options.zstd) return response;
    takes_zstd = accepts_zstd(response.header("accept-encoding"));
    if (response.header("content-encoding") != zstd_name) return response;
    Result<std::string> body = unpacked(response.body, options.most_body_bytes);
    if (!body) return Fault{"not_http", body.error().detail};
    response.body = std::move(*body);
    return response;
}

awaitable<Result<Response>> Client::Impl::exchange(std::string method, std::string target,
                                                   Headers headers, std::string body,
                                                   Millis deadline) {
    if (!place) co_return place.error();
    late = cut = false;
    const auto now = std::chrono::steady_clock::now();
    const bool fresh = (!plain && !secure) || is_stale();
    if (fresh) {
        arm(now + std::min(options.connect_deadline, deadline));
        if (auto connected = co_await connect(); !connected) {
            alarm.cancel();
            drop();
            co_return explain(connected.error());
        }
        if (late || cut) co_return explain(Fault{"timed_out", "connecting"});
    }
    arm(now + deadline);
    const bool head_only = method == "HEAD";
    if (options.zstd) {
        headers.emplace_back("Accept-Encoding", zstd_name);
        if (takes_zstd && body.size() >= least_packed) {
            body = packed(body);
            headers.emplace_back("Content-Encoding", zstd_name);
        }
    }
    std::string text = request_text(*place, method, target, headers, body);
    Result<Response> got = Fault{};
    if (secure) {
        got = co_await talk(*secure, std::move(text), head_only);
    } else {
        got = co_await talk(*plain, std::move(text), head_only);
    }
    alarm.cancel();
    ++alarm_number;
    if (got) got = plain_of(std::move(*got));
    if (got) co_return got;
    drop();
    co_return explain(got.error());
}

Client::Client(asio::any_io_executor executor, ClientOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

Client::~Client() { close(); }

awaitable<Result<Response>> Client::exchange(std::string method, std::string target,
                                             Headers headers, std::string body, Millis deadline) {
    const std::shared_ptr<Impl> impl = impl_;  // outlives a Client that is destroyed meanwhile
    if (impl->running) co_return Fault{"unreachable", "another exchange is running"};
    impl->running = true;
    Result<Response> got = co_await impl->exchange(std::move(method), std::move(target),
                                                   std::move(headers), std::move(body), deadline);
    impl->running = false;
    co_return got;
}

void Client::close() {
    impl_->cut = true;
    impl_->alarm.cancel();
    impl_->drop();
}

void Client::present(ClientTls tls) {
    impl_->options.tls = std::move(tls);
    impl_->reconnect = true;
}

}  // namespace obol::net
