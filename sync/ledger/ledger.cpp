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
#include "sync/ledger/certificates.hpp"
#include "sync/ledger/store/device_facts.hpp"
#include "sync/net/asio_timers.hpp"

namespace obol::ledger {

namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_sync_body = 8 << 20;  // a full push as base64
constexpr Millis grace{5'000};                      // for open exchanges when the program ends
constexpr Millis between_marks{5 * 60 * 1000};
constexpr std::size_t pin_threads = 2, most_pins_waiting = 64;

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

net::ServerOptions admin_options(const Config& config, const Certificates& papers) {
    net::ServerOptions options{.addresses = {config.admin_address}, .port = config.admin_port};
    // A port that the system picks is known to nobody beforehand.
    if (config.admin_port != 0) options.hosts = admin_hosts(config);
    if (config.admin_tls) options.tls = papers.for_people();
    return options;
}

net::ServerOptions sync_options(const Config& config, const Certificates& papers) {
    net::ServerOptions options{.addresses = {config.sync_address}, .port = config.sync_port};
    options.limits.body_bytes = largest_sync_body;
    options.tls = papers.for_devices();
    options.zstd = true;
    return options;
}

class Running {
public:
    Running(const Config& config, const Credentials& credentials, sql::Db& db, IssuedKeys& record, Machine machine)
        : config_(config), papers_(config, credentials, machine.wall, machine.random), wall_(machine.wall),
          random_(machine.random), books_(db), record_(record), timers_(io_.get_executor()),
          signals_(io_, SIGTERM, SIGINT),
          sync_(db, machine.wall, timers_, machine.random, credentials.keys,
                [this](std::string_view why) { broken(why); }, &pins_,
                {[this] { return papers_.authority(); }, [this] { return papers_.cas(); }}, &record),
          office_{.books = books_,
                  .keys = credentials.keys,
                  .wall = machine.wall,
                  .random = machine.random,
                  .changed = [this] { sync_.end().centre_changed(); },
                  .broken = [this](std::string_view why) { broken(why); },
                  .record = &record,
                  .ca_fingerprint = [this] { return crypto::fingerprint(papers_.serving_ca()); }},
          admin_(office_),
          enrol_(office_, [this] { return papers_.authority(); }),
          admin_server_(io_.get_executor(), admin_options(config, papers_),
                        [this](net::Request request) { return admin(std::move(request)); }, refusal),
          sync_server_(io_.get_executor(), sync_options(config, papers_),
                       [this](net::Request request) { return sync(std::move(request)); }, refusal) {}

    int run() {
        look_at_papers();
        tell_of_devices();
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

    // Renews what is due and tells people of what nobody renewed. Open connections stay as they are.
    void look_at_papers() {
        const auto renewed = papers_.look();
        if (!renewed) {
            host::log_line(host::Level::error, fmt::format("the server's certificate could not be renewed: {}",
                                                           renewed.error().detail));
        } else if (*renewed) {
            host::log_line(host::Level::info, "the server's certificate was renewed");
        }
        // Also where nothing was renewed: a CA may have ended, and is believed no more.
        if (config_.admin_tls) must_present(admin_server_, papers_.for_people());
        must_present(sync_server_, papers_.for_devices());
        if (const auto what = papers_.ending()) tell(*what);
        timers_.after(papers_.pause(), [this] {
            if (!ending_) look_at_papers();
        });
    }

    void must_present(net::Server& server, net::ServerTls tls) {
        const auto presented = server.present(std::move(tls));
        if (!presented) host::log_line(host::Level::error, "certificates: " + presented.error().detail);
    }

    void tell(const std::string& what) {
        try {
            sql::Txn txn{books_.db()};
            if (!books_.raise_once("certificate_ending", what, "admin", "", wall_.now(), random_)) return;
            txn.commit();
            host::log_line(host::Level::warning, what);
        } catch (const sql::SqlError& error) {
            if (!error.disk_full()) broken(error.what());
        }
    }

    // Of books that were made before venues were told of devices at all.
    void tell_of_devices() {
        try {
            sql::Txn txn{books_.db()};
            if (tell_devices(books_)) txn.commit();
        } catch (const sql::SqlError& error) {
            if (!error.disk_full()) broken(error.what());
        }
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
    Certificates papers_;
    WallClock& wall_;
    Random& random_;
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
