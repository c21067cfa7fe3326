#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "sync/net/asio_timers.hpp"
#include "sync/net/connection.hpp"

namespace obol::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr Millis after_failed_accept{100};
constexpr Millis slowest_sweep{250};
constexpr int ports_tried = 8;  // with port 0 each address must be free at the port of the first

Millis sweep_every(const Limits& limits) {
    const Millis shortest = std::min({limits.header_deadline, limits.body_deadline, limits.idle});
    return std::clamp(shortest / 4, Millis{5}, slowest_sweep);
}

void prepare(Socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const unsigned most_unacknowledged_ms = 30'000;  // a peer that vanished is noticed
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &most_unacknowledged_ms,
                 sizeof most_unacknowledged_ms);
}

}  // namespace

struct Server::Impl : Service, std::enable_shared_from_this<Server::Impl> {
    Impl(asio::any_io_executor on, ServerOptions with, Handler handle, Refuse word)
        : Service{std::move(with), std::move(handle), std::move(word)},
          executor(on),
          sweeper(on),
          gone(on),
          reserve(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}
    ~Impl() {
        if (reserve >= 0) ::close(reserve);
    }

    Result<void> listen();
    Result<void> listen_on(std::uint16_t wanted);
    // The coroutines own the Impl from the moment they are made: they may start after Server is
    // gone.
    static awaitable<void> accept_loop(std::shared_ptr<Impl> self, std::size_t index);
    void give_up_one(tcp::acceptor& acceptor);
    void welcome(Socket socket);
    template <class Stream>
    void serve(Stream stream, std::string peer, std::shared_ptr<TlsContext> shown);
    bool make_room();
    void sweep();
    void close_acceptors();

    asio::any_io_executor executor;
    std::shared_ptr<TlsContext> tls;
    std::vector<tcp::acceptor> acceptors;
    std::list<ConnectionBase*> connections;
    asio::steady_timer sweeper, gone;
    bool sweeping = false;
    int reserve;  // given up for a moment when descriptors run out, so that a caller is not left
                  // hanging
};

Result<void> Server::Impl::listen_on(std::uint16_t wanted) {
    acceptors.clear();
    std::uint16_t port = wanted;
    for (const std::string& text : options.addresses) {
        error_code error;
        const auto address = asio::ip::make_address(text, error);
        if (error) return Fault{"address_invalid", text + ": " + error.message()};
        const tcp::endpoint endpoint(address, port);
        tcp::acceptor acceptor(executor);
        if (!acceptor.open(endpoint.protocol(), error)) {
            acceptor.set_option(asio::socket_base::reuse_address(true), error);
            if (address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
            if (!acceptor.bind(endpoint, error))
                acceptor.listen(asio::socket_base::max_listen_connections, error);
        }
        if (error) {
            // A machine without IPv6 still serves its IPv4 loopback.
            const bool no_such_family =
                error == asio::error::address_family_not_supported ||
                error == error_code(EADDRNOTAVAIL, boost::system::system_category());
            if (no_such_family && address.is_v6() && address.is_loopback() &&
                options.addresses.size() > 1) {
                continue;
            }
            const bool used = error == asio::error::address_in_use;
            return Fault{used ? "address_in_use" : "address_invalid",
                         text + ":" + std::to_string(port) + ": " + error.message()};
        }
        if (port == 0) port = acceptor.local_endpoint(error).port();
        acceptors.push_back(std::move(acceptor));
    }
    if (acceptors.empty()) return Fault{"address_invalid", "no address to listen on"};
    return {};
}

Result<void> Server::Impl::listen() {
    if (options.tls) {
        auto context = make_context(*options.tls);
        if (!context) return context.error();
        tls = std::move(*context);
    }
    Result<void> listening = listen_on(options.port);
    for (int i = 1; i < ports_tried && !listening && options.port == 0; ++i)
        listening = listen_on(0);
    return listening;
}

// Descriptors ran out: take one caller with the reserve and hang up on it at once.
void Server::Impl::give_up_one(tcp::acceptor& acceptor) {
    if (reserve < 0) return;
    ::close(reserve);
    const int caller =
        ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (caller >= 0) ::close(caller);
    reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

awaitable<void> Server::Impl::accept_loop(std::shared_ptr<Impl> self, std::size_t index) {
    while (!self->stopping) {
        tcp::acceptor& acceptor = self->acceptors[index];
        error_code error;
        Socket socket =
            co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (self->stopping) co_return;
        if (!error) {
            self->welcome(std::move(socket));
            continue;
        }
        if (error == asio::error::no_descriptors) self->give_up_one(acceptor);
        // Failing again at once would spin: the shortage lasts until somebody closes.
        co_await sleep_for(after_failed_accept);
    }
}

// At the limit whoever has been idle longest makes way; where nobody is idle the newcomer has to
// go.
bool Server::Impl::make_room() {
    if (connections.size() < options.limits.connections) return true;
    ConnectionBase* longest = nullptr;
    for (ConnectionBase* connection : connections) {
        if (!connection->idle) continue;
        if (longest == nullptr || connection->deadline < longest->deadline) longest = connection;
    }
    if (longest == nullptr) return false;
    longest->idle = false;
    longest->abort();
    return true;
}

void Server::Impl::welcome(Socket socket) {
    if (!make_room()) return;
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    prepare(socket);
    std::string address = peer.address().to_string();
    if (tls) {
        serve(TlsStream(std::move(socket), *tls), std::move(address), tls);
    } else {
        serve(std::move(socket), std::move(address), nullptr);
    }
}

// A connection keeps the context that it began with, whatever is shown to later ones.
template <class Stream>
void Server::Impl::serve(Stream stream, std::string peer, std::shared_ptr<TlsContext> shown) {
    auto connection =
        std::make_shared<Connection<Stream>>(std::move(stream), *this, std::move(peer));
    const auto place = connections.insert(connections.end(), connection.get());
    if (!sweeping) sweep();
    auto life = [](std::shared_ptr<Impl>,
                   std::shared_ptr<Connection<Stream>> c) -> awaitable<void> { co_await c->run(); };
    const auto self = shared_from_this();
    asio::co_spawn(executor, life(self, connection),
                   [self, connection, place, shown = std::move(shown)](std::exception_ptr failed) {
                       self->connections.erase(place);
                       connection->abort();
                       if (self->connections.empty()) self->gone.cancel();
                       // A handler that throws met a broken disk or a bug: that is not the server's
                       // to hide.
                       if (failed) std::rethrow_exception(failed);
                   });
}

void Server::Impl::sweep() {
    sweeping = !connections.empty();
    if (!sweeping) return;
    sweeper.expires_after(sweep_every(options.limits));
    sweeper.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (!self || error) return;
        const auto now = Steady::now();
        for (ConnectionBase* connection : self->connections) {
            if (connection->deadline <= now) connection->abort();
        }
        self->sweep();
    });
}

void Server::Impl::close_acceptors() {
    stopping = true;
    error_code ignored;
    for (tcp::acceptor& acceptor : acceptors) acceptor.close(ignored);
}

Server::Server(asio::any_io_executor executor, ServerOptions options, Handler handler,
               Refuse refuse)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(handler),
                                   std::move(refuse))) {}

Server::~Server() {
    impl_->close_acceptors();
    impl_->sweeper.cancel();
    for (ConnectionBase* connection : impl_->connections) connection->abort();
}

Result<void> Server::start() {
    if (auto listening = impl_->listen(); !listening) return listening;
    for (std::size_t i = 0; i < impl_->acceptors.size(); ++i) {
        asio::co_spawn(impl_->executor, Impl::accept_loop(impl_, i), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
    return {};
}

std::uint16_t Server::port() const {
    error_code ignored;
    return impl_->acceptors.empty() ? 0 : impl_->acceptors.front().local_endpoint(ignored).port();
}

Result<void> Server::present(ServerTls tls) {
    auto context = make_context(tls);
    if (!context) return context.error();
    impl_->options.tls = std::move(tls);  // by its clock handshakes are judged
    impl_->tls = std::move(*context);
    return {};
}

awaitable<void> Server::stop(Millis grace) {
    const std::shared_ptr<Impl> impl = impl_;
    impl->close_acceptors();
    for (ConnectionBase* connection : impl->connections) {
        if (connection->idle) connection->abort();
        if (connection->streaming) connection->streaming->end();
    }
    // Twice: first the open exchanges end by themselves, then what was aborted winds up.
    for (const Millis patience : {grace, Millis{1'000}}) {
        if (impl->connections.empty()) break;
        impl->gone.expires_after(patience);
        error_code ignored;
        co_await impl->gone.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        for (ConnectionBase* connection : impl->connections) connection->abort();
    }
}

}  // namespace obol::net
