#include "sync/ledger/ledger.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>

#include "sync/host/pool.hpp"
#include "sync/host/system.hpp"
#include "sync/host/watchdog.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/enrol_routes.hpp"
#include "sync/ledger/api/sync_routes.hpp"
#include "sync/net/asio_timers.hpp"

namespace obol::ledger {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_sync_body = 8 << 20;  // a full push as base64
constexpr Millis grace{5'000};                      // for open exchanges when the program ends
constexpr Millis between_marks{5 * 60 * 1000};
constexpr std::size_t pin_threads = 2, most_pins_waiting = 64;

net::ServerTls server_tls(const Credentials& credentials, WallClock& wall) {
    // The CA goes along: a device that enrols knows no more of it than its fingerprint.
    return {.certificate_chain = credentials.server_certificate + credentials.ca_certificate,
            .private_key = credentials.server_key,
            .client_ca = {},
            .now = [&wall] { return wall.now(); }};
}

// A web page that points its own name at this machine (DNS rebinding) sends that name.
std::vector<std::string> admin_hosts(const Config& config) {
    std::vector<std::string> names = config.names;
    for (const std::string name : {"localhost", "127.0.0.1", "::1"}) names.push_back(name);
    names.push_back(config.admin_address);
    std::vector<std::string> hosts;
    for (const std::string& name : names) {
        hosts.push_back((name.find(':') != std::string::npos ? "[" + name + "]" : name) + ":" +
                        std::to_string(config.admin_port));
    }
    return hosts;
}

net::ServerOptions admin_options(const Config& config, const Credentials& credentials, WallClock& wall) {
    net::ServerOptions options{.addresses = {config.admin_address}, .port = config.admin_port};
    // A port that the system picks is known to nobody beforehand.
    if (config.admin_port != 0) options.hosts = admin_hosts(config);
    if (config.admin_tls) options.tls = server_tls(credentials, wall);
    return options;
}

net::ServerOptions sync_options(const Config& config, const Credentials& credentials, WallClock& wall) {
    net::ServerOptions options{.addresses = {config.sync_address}, .port = config.sync_port};
    options.limits.body_bytes = largest_sync_body;
    options.tls = server_tls(credentials, wall);
    options.tls->client_ca = credentials.ca_certificate;
    // A device that enrols has none yet; every other call demands one itself.
    options.tls->client_certificate_required = false;
    return options;
}

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool ipv6 = host.find(':') != std::string::npos;
    return fmt::format("https://{}:{}", ipv6 ? "[" + host + "]" : host, port);
}

class Running {
public:
    Running(const Config& config, const Credentials& credentials, sql::Db& db, IssuedKeys& record, Machine machine)
        : config_(config), books_(db), record_(record), timers_(io_.get_executor()), signals_(io_, SIGTERM, SIGINT),
          sync_(db, machine.wall, timers_, machine.random, credentials.keys,
                [this](std::string_view why) { broken(why); }, &pins_, &record),
          office_{.books = books_,
                  .keys = credentials.keys,
                  .wall = machine.wall,
                  .random = machine.random,
                  .changed = [this] { sync_.end().centre_changed(); },
                  .broken = [this](std::string_view why) { broken(why); },
                  .record = &record,
                  .ca_fingerprint = crypto::fingerprint(credentials.ca_certificate)},
          admin_(office_),
          enrol_(office_, Authority{credentials.ca_key, credentials.ca_certificate,
                                    url_of(config.names.front(), config.sync_port)}),
          admin_server_(io_.get_executor(), admin_options(config, credentials, machine.wall),
                        [this](net::Request request) { return admin(std::move(request)); }, refusal),
          sync_server_(io_.get_executor(), sync_options(config, credentials, machine.wall),
                       [this](net::Request request) { return sync(std::move(request)); }, refusal) {}

    int run() {
        for (auto [server, name] : {std::pair{&admin_server_, "admin"}, std::pair{&sync_server_, "sync"}}) {
            if (auto started = server->start(); !started) {
                host::log_line(host::Level::error, fmt::format("{} port: {}: {}", name, started.error().code,
                                                               started.error().detail));
                return 1;
            }
        }
        host::log_line(host::Level::info,
                       fmt::format("ledger serves admin on {}:{} and sync on {}:{}", config_.admin_address,
                                   admin_server_.port(), config_.sync_address, sync_server_.port()));
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error) end();
        });
        // Each transaction runs on the loop, so a loop that is blocked is all that there is to notice.
        watchdog_.emplace(timers_, host::Watchdog::StuckFor{});
        mark_now_and_then();
        host::notify_service_manager("READY=1");
        io_.run();
        if (status_ == 0) mark();
        return status_;
    }

private:
    net::awaitable<net::Reply> admin(net::Request request) { co_return admin_.handle(request); }

    net::awaitable<net::Reply> sync(net::Request request) {
        if (request.path == "/enrol/v1") co_return enrol_.handle(request);
        co_return co_await sync_.handle(std::move(request));
    }

    // So that a database that is put back without a word is noticed at the next start.
    void mark() {
        try {
            record_.mark(books_.db());
        } catch (const RecordLost& lost) {
            broken(lost.what());
        } catch (const sql::SqlError& error) {
            broken(error.what());
        }
    }
    void mark_now_and_then() {
        timers_.after(between_marks, [this] {
            if (ending_) return;
            mark();
            mark_now_and_then();
        });
    }

    // What a failed commit left behind is known after the database was opened again: the service
    // manager starts the program anew.
    void broken(std::string_view why) {
        if (status_ == 0) {
            host::log_line(host::Level::error, fmt::format("a commit failed, stopping: {}", why));
        }
        status_ = 1;
        end();
    }

    void end() {
        if (ending_) return;
        ending_ = true;
        host::notify_service_manager("STOPPING=1");
        asio::co_spawn(io_, stop(), [this](std::exception_ptr) { io_.stop(); });
    }

    net::awaitable<void> stop() {
        sync_.stop();
        signals_.cancel();
        co_await admin_server_.stop(grace);
        co_await sync_server_.stop(grace);
    }

    const Config& config_;
    asio::io_context io_{1};
    Books books_;
    IssuedKeys& record_;
    net::AsioTimers timers_;
    asio::signal_set signals_;
    host::Pool pins_{"pin", pin_threads, most_pins_waiting};
    SyncRoutes sync_;
    Office office_;
    AdminApi admin_;
    EnrolRoute enrol_;
    net::Server admin_server_;
    net::Server sync_server_;
    std::optional<host::Watchdog> watchdog_{};
    int status_ = 0;
    bool ending_ = false;
};

}  // namespace

int serve(const Config& config, const Credentials& credentials, sql::Db& db, IssuedKeys& record, Machine machine) {
    Running running{config, credentials, db, record, machine};
    return running.run();
}

}  // namespace obol::ledger
