// obol-agent: builds every object, joins them, runs. No logic.

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

#include "agent/api/access_routes.hpp"
#include "agent/api/health_routes.hpp"
#include "agent/api/pass_routes.hpp"
#include "agent/api/purchase_routes.hpp"
#include "agent/api/quote_routes.hpp"
#include "agent/api/receipt_routes.hpp"
#include "agent/api/status_routes.hpp"
#include "agent/api/wallet_routes.hpp"
#include "agent/api/words.hpp"
#include "agent/app/access.hpp"
#include "agent/app/acquire.hpp"
#include "agent/app/here.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/ledger_time.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/status.hpp"
#include "agent/app/throttle.hpp"
#include "agent/config.hpp"
#include "agent/credentials.hpp"
#include "agent/enrol.hpp"
#include "agent/store/full_check.hpp"
#include "agent/store/uplink_store.hpp"
#include "sync/host/system.hpp"
#include "sync/net/asio_timers.hpp"
#include "sync/uplink/http_ledger.hpp"
#include "sync/uplink/runner.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

constexpr Millis grace{5'000};  // of requests under way when the program is told to end

int fail(const Fault& fault) {
    std::cerr << "obol-agent: " << fault.code << ": " << fault.detail << "\n";
    return 1;
}

struct Clocks {
    host::SystemWallClock wall;
    host::SystemBootClock boot;
    crypto::SystemRandom random;
};

std::size_t cores() { return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))); }

Result<std::unique_ptr<Store>> open_store(asio::any_io_executor loop, const Config& config,
                                          const Credentials& credentials, Clocks& clocks) {
    if (const auto made = host::make_directories(config.state, 0700); !made) return made.error();
    // An empty journal under a key that has one already would be another history of the same device.
    const std::string marker = config.credentials + "/" + credentials.here.device_name + ".opened";
    if (host::file_exists(marker) && !host::file_exists(config.database())) {
        return Fault{"database_missing", config.database() + " is not there, but this device has a journal; "
                                         "restore it, or enrol the device anew"};
    }
    StoreOptions options;
    options.path = config.database();
    options.reserve_file = config.state + "/reserve";
    options.group_size = config.group_size;
    options.venue = credentials.here.venue;
    options.business = credentials.here.business;
    options.device_name = credentials.here.device_name;
    options.software = "obol-agent " + std::string(agent_version);
    if (const auto own = crypto::read_identity(credentials.certificate)) options.born = own->not_before;
    // The store signs with a key of its own, since keys are not copied.
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(credentials.key.to_pem());
    if (!key) return key.error();
    auto store = Store::open(std::move(loop), std::move(options), StoreKeys{std::move(*key), credentials.cache_key},
                             clocks.wall, clocks.boot, clocks.random);
    if (store && !host::file_exists(marker)) {
        const auto written = host::write_file_atomically(marker, credentials.here.device_name + "\n", 0600);
        if (!written) host::log_line(host::Level::warning, written.error().detail);
    }
    return store;
}

// By a clock that was wrong in either direction the ledger's certificate would be refused for ever, and with it
// the time that sets the clock right. While the own certificate lives, the ledger's does; when it is over, it
// is for the ledger to say so.
std::function<Instant()> certificate_time(const Credentials& credentials, GuardedClock& clock) {
    const auto own = crypto::read_identity(credentials.certificate);
    if (!own) return [&clock] { return clock.now(); };
    constexpr Millis one_second{1000};
    return [&clock, from = own->not_before, to = own->not_after - one_second] {
        return std::max(from, std::min(to, clock.now()));
    };
}

net::ClientOptions ledger_options(const Config& config, const Credentials& credentials, GuardedClock& clock) {
    net::ClientOptions options;
    options.url = config.ledger_url;
    options.tls = net::ClientTls{};
    options.tls->ca = credentials.ca;
    options.tls->certificate = credentials.certificate;
    options.tls->private_key = credentials.key.to_pem();
    options.tls->server_name = host_of(config.ledger_url);
    options.tls->now = certificate_time(credentials, clock);
    return options;
}

Routes all_routes(Context& context, Metrics& metrics, Throttle& pairing) {
    Routes all;
    for (Routes part : {pass_routes(context), wallet_routes(context), quote_routes(context), purchase_routes(context),
                        receipt_routes(context), status_routes(context), access_routes(context, pairing),
                        health_routes(context, metrics)}) {
        all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
    return all;
}

// All that lives while the agent serves, in the order in which it is built.
struct Serving {
    Serving(asio::io_context& loop, const Config& config, const Credentials& credentials, Clocks& clocks,
            std::unique_ptr<Store> opened)
        : store(std::move(opened)),
          timers(loop.get_executor()),
          uplink_store(*store, in_use, loop.get_executor(), config.idle_return, &timers),
          ledger(loop.get_executor(), ledger_options(config, credentials, store->clock())),
          ledger_time(ledger, store->clock()),
          runner(loop.get_executor(), {uplink_store, ledger_time, timers, store->clock(), clocks.random}),
          acquire(uplink_store, in_use, runner, timers, config.authority_budget),
          pins(loop.get_executor(), *store, clocks.random, cores()),
          throttle(clocks.boot),
          pairing(clocks.boot, pairing_limits),
          once(*store),
          context{*store,      runner,     acquire,       pins,          throttle, once,
                  store->clock(), clocks.boot, clocks.random, credentials.here},
          router(*store, store->clock(), credentials.fingerprint_key, config.language,
                 all_routes(context, metrics, pairing),
                 [this](const std::string& route, int status) { metrics.count_request(route, status); },
                 [this] { return known_place(); }),
          server(loop.get_executor(), server_options(config),
                 [this](net::Request request) { return handle(std::move(request)); }, refuse) {
        store->on_commit([this] { runner.journal_grew(); });
        FullCheck::Of whole{config.database(), "", store->device(), {}};
        const auto public_key = credentials.key.public_key();
        whole.public_key.assign(public_key.begin(), public_key.end());
        full_check = std::make_unique<FullCheck>(loop.get_executor(), std::move(whole), [this](Result<void> found) {
            if (found) return;
            context.damage = found.error().detail;
            host::log_line(host::Level::error, "the database is damaged, and nothing is sold any more: " + context.damage +
                                                   ". Export the journal, then restore a backup or enrol the device anew");
        });
        store->clock().on_event([this] { log_clock(); });
        if (!store->clock().judged().trusted) log_clock();
        runner.on_change([this](const uplink::LinkState&) { refresh(context.here, store->facts()); });
    }
    // Jobs in the writer's queue use what stands below the store and goes before it.
    ~Serving() { store->finish(); }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    awaitable<net::Reply> handle(net::Request request) {
        struct Running {
            int& count;
            explicit Running(int& of) : count(++of) {}
            ~Running() { --count; }
        } const here(running);
        co_return co_await router.handle(std::move(request));
    }

    void log_clock() {
        GuardedClock& clock = store->clock();
        const ClockNow now = clock.judged();
        if (now.trusted) return host::log_line(host::Level::info, "the clock is trusted: " + to_rfc3339(now.now));
        host::log_line(host::Level::warning, "the system clock is not trusted (" + clock.why() +
                                                 "); the time is taken to be " + to_rfc3339(now.now));
    }

    Result<void> known_place() {
        if (context.here.zone.empty()) refresh(context.here, store->facts());
        return ready(context);
    }

    static net::ServerOptions server_options(const Config& config) {
        net::ServerOptions options;
        options.addresses = config.listen.addresses;
        options.port = config.listen.port;
        options.hosts = config.host_names();
        return options;
    }

    static net::Reply refuse(int status, std::string_view code, std::string_view detail) {
        net::Reply reply = reply_of(problem(code, detail));
        reply.status = status;
        return reply;
    }

    std::unique_ptr<Store> store;
    InUse in_use;
    net::AsioTimers timers;
    UplinkStore uplink_store;
    uplink::HttpLedger ledger;
    LedgerTime ledger_time;
    uplink::Runner runner;
    Acquire acquire;
    PinCheck pins;
    Throttle throttle, pairing;
    Once once;
    Context context;
    Metrics metrics;
    Router router;
    net::Server server;
    std::unique_ptr<FullCheck> full_check;
    int running = 0;  // requests that have no answer yet
};

awaitable<void> end(Serving& serving, asio::io_context& loop) {
    host::notify_service_manager("STOPPING=1");
    co_await serving.server.stop(grace);
    serving.runner.stop();
    loop.stop();
}

int serve(const Config& config) {
    host::forbid_core_dumps();
    Result<Credentials> credentials = load_credentials(config.credentials);
    if (!credentials) return fail(credentials.error());
    Clocks clocks;
    asio::io_context loop(1);
    Result<std::unique_ptr<Store>> store = open_store(loop.get_executor(), config, *credentials, clocks);
    if (!store) return fail(store.error());

    Serving serving(loop, config, *credentials, clocks, std::move(*store));
    int exit_code = 0;
    serving.store->on_failure([&] {
        // The answers that say outcome_unknown still leave; then a restart recovers and the keys tell.
        host::log_line(host::Level::error, "a commit failed; stopping, so that a restart recovers");
        exit_code = 1;
        serving.timers.after(Millis{500}, [&loop] { loop.stop(); });
    });
    if (const auto started = serving.server.start(); !started) return fail(started.error());
    serving.runner.start();

    asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (error) return;
        asio::co_spawn(loop, end(serving, loop), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    });
    host::log_line(host::Level::info, "serving " + config.host_names().front() + " for venue " +
                                          credentials->here.venue.text + " as " + credentials->here.device_name);
    host::notify_service_manager("READY=1");
    loop.run();
    if (serving.running > 0) {
        // Requests hang beyond their grace. Nothing may be taken down under them; what was not committed
        // has no effect, and what was, their keys will tell.
        host::log_line(host::Level::warning, "ended with requests under way");
        std::_Exit(exit_code);
    }
    return exit_code;
}

int enrol(const Config& config, const std::string& url, const std::string& token, const std::string& ca_file) {
    EnrolOrder order;
    order.credentials = config.credentials;
    order.ledger_url = url;
    order.token = Secret(token);
    // Without --ca the token says which CA to believe.
    const std::string path = ca_file.empty() ? config.credentials + "/ca.pem" : ca_file;
    if (!ca_file.empty() || host::file_exists(path)) {
        Result<std::string> ca = host::read_file(path);
        if (!ca) return fail(ca.error());
        order.ca = std::move(*ca);
    }
    const Result<EnrolledAs> done = enrol_device(order);
    if (!done) return fail(done.error());
    std::cout << "enrolled " << done->device_name << " for venue " << done->venue << "\ndevice " << done->device
              << "\nCA " << done->ca_fingerprint << " (SHA-256)\n";
    return 0;
}

int token(const Config& config, const std::string& terminal, const std::string& role_name) {
    const std::optional<Role> role = role_named(role_name);
    if (!role || !is_id_form(terminal)) return fail({"usage", "--terminal ID --role pos|cashier|manager"});
    Result<Credentials> credentials = load_credentials(config.credentials);
    if (!credentials) return fail(credentials.error());
    Clocks clocks;
    asio::io_context loop(1);
    Result<std::unique_ptr<Store>> store = open_store(loop.get_executor(), config, *credentials, clocks);
    if (!store) {
        if (store.error().code != "already_running") return fail(store.error());
        return fail({"already_running", "the database has one writer, and the agent runs; stop it first, or let a "
                                        "manager make a pairing code (POST /v1/terminals/" + terminal +
                                        "/pairing-codes)"});
    }
    std::optional<Result<std::string>> made;
    auto make = [&]() -> awaitable<void> {
        std::function<Result<std::string>(WriteTxn&)> job = [&](WriteTxn& txn) -> Result<std::string> {
            return grant_token(txn, clocks.random, terminal, *role, std::nullopt).reveal();
        };
        made = co_await (*store)->write<std::string>(std::move(job));
    };
    asio::co_spawn(loop, make(), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    if (!made || !*made) return fail(made ? made->error() : Fault{"outcome_unknown", "nothing was written"});
    std::cout << **made << "\n";
    return 0;
}

}  // namespace

int run(int argc, char** argv) {
    CLI::App app("obol-agent: honours passes and wallet money at the venue, with or without a network");
    app.require_subcommand(1);
    std::string config_file, url, enrol_token, ca, terminal, role;
    const auto command = [&](const std::string& name, const std::string& help) {
        CLI::App* out = app.add_subcommand(name, help);
        out->add_option("--config", config_file, "configuration file")->required();
        return out;
    };
    CLI::App* serve_command = command("serve", "run the agent");
    CLI::App* check_command = command("check-config", "read the configuration and name its faults");
    CLI::App* enrol_command = command("enrol", "make this device known to the ledger");
    enrol_command->add_option("--ledger", url, "https://HOST:PORT of the sync port")->required();
    enrol_command->add_option("--token", enrol_token, "one-time enrolment token")->required();
    enrol_command->add_option("--ca", ca, "PEM of the ledger's CA (default: CREDENTIALS/ca.pem)");
    CLI::App* token_command = command("token", "make a token for a terminal; printed once");
    token_command->add_option("--terminal", terminal, "id of the terminal, made if new")->required();
    token_command->add_option("--role", role, "pos, cashier or manager")->required();
    CLI11_PARSE(app, argc, argv);

    const Result<Config> config = read_config(config_file);
    if (!config) return fail(config.error());
    if (*serve_command) return serve(*config);
    if (*check_command) {
        std::cout << config_file << ": good\n";
        return 0;
    }
    if (*enrol_command) return enrol(*config, url, enrol_token, ca);
    return token(*config, terminal, role);
}

}  // namespace obol::agent

int main(int argc, char** argv) {
    try {
        return obol::agent::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "obol-agent: " << error.what() << "\n";
        return 1;
    }
}
