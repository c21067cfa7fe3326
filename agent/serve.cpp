#include "agent/serve.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include "agent/api/access_routes.hpp"
#include "agent/api/device_routes.hpp"
#include "agent/api/event_routes.hpp"
#include "agent/api/health_routes.hpp"
#include "agent/api/page_routes.hpp"
#include "agent/api/pass_routes.hpp"
#include "agent/api/purchase_routes.hpp"
#include "agent/api/quote_routes.hpp"
#include "agent/api/receipt_routes.hpp"
#include "agent/api/report_routes.hpp"
#include "agent/api/status_routes.hpp"
#include "agent/api/wallet_routes.hpp"
#include "agent/api/words.hpp"
#include "agent/app/access.hpp"
#include "agent/app/acquire.hpp"
#include "agent/app/exception_watch.hpp"
#include "agent/app/here.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/ledger_time.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/print_receipt.hpp"
#include "agent/app/refusals.hpp"
#include "agent/app/scan_events.hpp"
#include "agent/app/status.hpp"
#include "agent/app/throttle.hpp"
#include "agent/certificate.hpp"
#include "agent/device_makers.hpp"
#include "agent/enrol.hpp"
#include "agent/state.hpp"
#include "agent/store/full_check.hpp"
#include "agent/store/uplink_store.hpp"
#include "sync/host/watchdog.hpp"
#include "sync/net/asio_timers.hpp"
#include "sync/uplink/http_ledger.hpp"
#include "sync/uplink/runner.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

constexpr Millis one_day{24 * 60 * 60 * 1000};
constexpr Millis grace{5'000};          // of requests under way when the program is told to end
constexpr Millis between_tries{5'000};  // to open a state that cannot be written

std::size_t cores() { return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))); }

net::ClientOptions ledger_options(const Config& config, const CertificateKeeper& certificate) {
    net::ClientOptions options;
    options.url = config.ledger_url;
    options.tls = certificate.tls();
    options.zstd = true;
    return options;
}

Routes all_routes(Context& context, Metrics& metrics, Throttle& pairing, EventHub& events, Baskets& baskets) {
    Routes all;
    for (Routes part : {pass_routes(context), wallet_routes(context), quote_routes(context),
                        purchase_routes(context, events), event_routes(context, events, baskets),
                        receipt_routes(context), report_routes(context), device_routes(context), status_routes(context),
                        access_routes(context, pairing), health_routes(context, metrics), page_routes()}) {
        all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
    return all;
}

// All that lives while the agent serves, in the order in which it is built.
struct Serving {
    Serving(asio::io_context& loop, const Config& config, const Credentials& credentials, Clocks& clocks,
            OpenedStore the_opened, DeviceSet the_devices)
        : opened(std::move(the_opened)),
          witness_thread(std::make_unique<WitnessThread>(*opened.witness)),
          store(opened.store.get()),
          timers(loop.get_executor()),
          uplink_store(*store, in_use, loop.get_executor(), config.idle_return, &timers),
          certificate(loop.get_executor(), config.credentials, host_of(config.ledger_url), credentials, store->clock(),
                      clocks.boot, timers),
          ledger(loop.get_executor(), ledger_options(config, certificate)),
          ledger_time(ledger, store->clock()),
          runner(loop.get_executor(), {uplink_store, ledger_time, timers, store->clock(), clocks.random}),
          acquire(uplink_store, in_use, runner, timers, config.authority_budget),
          pins(loop.get_executor(), *store, clocks.random, cores()),
          throttle(clocks.boot),
          pairing(clocks.boot, pairing_limits),
          once(*store),
          events(timers, clocks.random),
          exception_watch(*store, events, timers),
          devices(std::move(the_devices)),
          printing(loop.get_executor(), *store, devices, timers,
                   [this, language = config.language](PrintJob job, const DeviceSet::Printer& printer) {
                       return document_of_job(context, language, std::move(job), printer);
                   }),
          context{*store,      runner,     acquire,       pins,          throttle, once,
                  store->clock(), clocks.boot, clocks.random, credentials.here},
          refusals(loop.get_executor(), context),
          router(*store, store->clock(), timers, credentials.fingerprint_key, config.language,
                 all_routes(context, metrics, pairing, events, baskets),
                 [this](const std::string& route, int status) { metrics.count_request(route, status); },
                 [this] { return ready(context); },
                 [this](const TerminalId& terminal, const std::string& code) { refusals.count(terminal, code); }),
          scan_events(loop.get_executor(), context, events, config.language) {
        scan_events.listen(devices);
        printing.on_change([this](const PrintJob& job) {
            events.publish("print", TerminalId{job.terminal}, print_job_text(job));
        });
        store->on_commit([this] {
            if (!opened.doubt) witness_thread->follow(opened.head());
            runner.journal_grew();
            exception_watch.look();
            printing.look();
        });
        context.devices = &devices;
        context.printing = &printing;
        FullCheck::Of whole{config.database(), "", store->device(), {}};
        const auto public_key = credentials.key.public_key();
        whole.public_key.assign(public_key.begin(), public_key.end());
        const auto damaged = [this](const Fault& found) {
            context.damage = found.detail;
            host::log_line(host::Level::error, "the database is damaged, and nothing is sold any more: " + context.damage +
                                                   ". Export the journal, then restore a backup or enrol the device anew");
        };
        full_check.emplace(loop.get_executor(), timers, one_day, std::move(whole), damaged);
        store->clock().on_event([this] { log_clock(); });
        if (!store->clock().judged().trusted) log_clock();
        refresh(context.here, store->facts());
        uplink_store.on_facts([this] { refresh(context.here, store->facts()); });
        runner.on_change([this](const uplink::LinkState& state) {
            events.publish("link", TerminalId{}, link_text(state));
            certificate.link_changed();
        });
        context.certificate = [this] { return certificate.now(); };
        if (context.certificate().ending) host::log_line(host::Level::warning, "the device's certificate ends soon");
    }
    // Jobs in the writer's queue use what stands below the store and goes before it.
    ~Serving() {
        store->finish();
        witness_thread.reset();
        opened.follow();
        opened.witness->sync();
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    void log_clock() {
        GuardedClock& clock = store->clock();
        const ClockNow now = clock.judged();
        if (now.trusted) return host::log_line(host::Level::info, "the clock is trusted: " + to_rfc3339(now.now));
        host::log_line(host::Level::warning, "the system clock is not trusted (" + clock.why() +
                                                 "); the time is taken to be " + to_rfc3339(now.now));
    }

    // The first of all jobs: no request's comes before it.
    void stop_if_in_doubt(asio::io_context& loop) {
        if (!opened.doubt) return;
        host::log_line(host::Level::error, "nothing is sold by this state: " + *opened.doubt);
        asio::co_spawn(loop, uplink_store.stop_for_good(*opened.doubt), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }

    OpenedStore opened;
    std::unique_ptr<WitnessThread> witness_thread;
    Store* store;
    InUse in_use;
    net::AsioTimers timers;
    UplinkStore uplink_store;
    CertificateKeeper certificate;
    uplink::HttpLedger ledger;
    LedgerTime ledger_time;
    uplink::Runner runner;
    Acquire acquire;
    PinCheck pins;
    Throttle throttle, pairing;
    Once once;
    EventHub events;
    ExceptionWatch exception_watch;
    Baskets baskets{};
    DeviceSet devices;
    PrintQueue printing;
    Context context;
    Refusals refusals;
    Metrics metrics;
    Router router;
    ScanEvents scan_events;
    std::optional<RepeatedCheck> full_check;
};

net::ServerOptions server_options(const Config& config) {
    net::ServerOptions options;
    options.addresses = config.listen.addresses;
    options.port = config.listen.port;
    options.hosts = config.host_names();
    return options;
}

net::Reply refuse(int status, std::string_view code, std::string_view detail) {
    net::Reply reply = reply_of(problem(code, detail));
    reply.status = status;
    return reply;
}

awaitable<net::Reply> answered(net::Reply reply) { co_return reply; }

// Listens from the first moment. A state that cannot be written yet is no reason to end: restarts would not
// help, and nobody could ask what is wrong.
class Daemon {
public:
    Daemon(const Config& config, const Credentials& credentials)
        : config_(config), credentials_(credentials), timers_(loop_.get_executor()), signals_(loop_, SIGTERM, SIGINT),
          server_(loop_.get_executor(), server_options(config),
                  [this](net::Request request) { return handle(std::move(request)); }, refuse) {}

    Result<int> run() {
        const Result<void> opened = open();
        if (!opened && !may_come(opened.error())) return opened.error();
        if (const auto started = server_.start(); !started) return started.error();
        signals_.async_wait([this](const boost::system::error_code& error, int) {
            if (!error) end();
        });
        if (opened) {
            begin();
        } else {
            why_not_ = opened.error();
            host::log_line(host::Level::error, "the state cannot be written, and nothing is sold until it can: " +
                                                   why_not_.detail);
            host::notify_service_manager("STATUS=The file system of the state is read-only");
            try_later();
        }
        // Before READY=1, from which on the service manager waits for it.
        watchdog_.emplace(timers_, [this] { return serving_ ? serving_->store->stuck_for() : Millis{}; });
        host::notify_service_manager("READY=1");
        loop_.run();
        if (serving_ && serving_->router.busy()) {
            // Requests hang beyond their grace. Nothing may be taken down under them; what was not committed
            // has no effect, and what was, their keys will tell.
            host::log_line(host::Level::warning, "ended with requests under way");
            std::_Exit(exit_code_);
        }
        if (net::looking_up_names()) {
            // Its thread would be waited for. All that matters is closed in order before.
            serving_.reset();
            std::_Exit(exit_code_);
        }
        return exit_code_;
    }

private:
    static bool may_come(const Fault& fault) { return fault.code == "storage_read_only"; }

    Result<void> open() {
        auto opened = open_store(loop_.get_executor(), config_, credentials_, clocks_);
        if (!opened) return opened.error();
        auto devices = DeviceSet::make(config_.devices, device_makers(loop_.get_executor(), timers_));
        if (!devices) return devices.error();
        serving_.emplace(loop_, config_, credentials_, clocks_, std::move(*opened), std::move(*devices));
        serving_->stop_if_in_doubt(loop_);
        serving_->store->on_failure([this] {
            // The answers that say outcome_unknown still leave; then a restart recovers and the keys tell.
            host::log_line(host::Level::error, "a commit failed; stopping, so that a restart recovers");
            exit_code_ = 1;
            timers_.after(Millis{500}, [this] { loop_.stop(); });
        });
        return {};
    }

    void begin() {
        serving_->runner.start();
        serving_->printing.start();  // listens before the first event comes
        serving_->devices.start(serving_->timers);
        serving_->certificate.start(serving_->ledger, serving_->runner);
        host::log_line(host::Level::info, "serving " + config_.host_names().front() + " for venue " +
                                              credentials_.here.venue.text + " as " + credentials_.here.device_name);
        host::notify_service_manager("STATUS=Serving");
    }

    void try_later() {
        timers_.after(between_tries, [this] {
            if (ending_) return;
            const Result<void> opened = open();
            if (opened) return begin();
            why_not_ = opened.error();
            if (may_come(why_not_)) return try_later();
            host::log_line(host::Level::error, why_not_.code + ": " + why_not_.detail);
            exit_code_ = 1;
            loop_.stop();
        });
    }

    awaitable<net::Reply> handle(net::Request request) {
        return serving_ ? serving_->router.handle(std::move(request)) : answered(without_store(request, why_not_));
    }

    void end() {
        ending_ = true;
        host::notify_service_manager("STOPPING=1");
        asio::co_spawn(loop_, wind_up(), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    awaitable<void> wind_up() {
        co_await server_.stop(grace);
        if (serving_) {
            serving_->runner.stop();
            serving_->devices.stop();
        }
        loop_.stop();
    }

    const Config& config_;
    const Credentials& credentials_;
    Clocks clocks_{};
    asio::io_context loop_{1};
    net::AsioTimers timers_;
    asio::signal_set signals_;
    net::Server server_;
    std::optional<host::Watchdog> watchdog_{};
    std::optional<Serving> serving_{};
    Fault why_not_{};  // while there is nothing to serve from
    bool ending_ = false;
    int exit_code_ = 0;
};

}  // namespace

Result<int> serve(const Config& config, const Credentials& credentials) {
    Daemon daemon(config, credentials);
    return daemon.run();
}

}  // namespace obol::agent
