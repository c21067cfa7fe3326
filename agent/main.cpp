// obol-agent: reads the command and its configuration, and runs it.

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>

#include "agent/app/access.hpp"
#include "agent/device_makers.hpp"
#include "agent/enrol.hpp"
#include "agent/hand_in.hpp"
#include "agent/serve.hpp"
#include "agent/state.hpp"
#include "sync/net/asio_timers.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

int fail(const Fault& fault) {
    std::cerr << "obol-agent: " << fault.code << ": " << fault.detail << "\n";
    return 1;
}

// Nothing is opened, so that it can be asked while the agent runs.
int check(const Config& config, const std::string& file) {
    asio::io_context loop(1);
    net::AsioTimers timers(loop.get_executor());
    const Result<DeviceSet> devices = DeviceSet::make(config.devices, device_makers(loop.get_executor(), timers));
    if (!devices) return fail(devices.error());
    std::cout << file << ": good\n";
    return 0;
}

int run_agent(const Config& config) {
    host::forbid_core_dumps();
    const Result<Credentials> credentials = load_credentials(config.credentials);
    if (!credentials) return fail(credentials.error());
    const Result<int> ended = serve(config, *credentials);
    return ended ? *ended : fail(ended.error());
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
    Result<OpenedStore> opened = open_store(loop.get_executor(), config, *credentials, clocks);
    if (!opened) {
        if (opened.error().code != "already_running") return fail(opened.error());
        return fail({"already_running", "the database has one writer, and the agent runs; stop it first, or let a "
                                        "manager make a pairing code (POST /v1/terminals/" + terminal +
                                        "/pairing-codes)"});
    }
    Store* const store = opened->store.get();
    std::optional<Result<std::string>> made;
    auto make = [&]() -> awaitable<void> {
        std::function<Result<std::string>(WriteTxn&)> job = [&](WriteTxn& txn) -> Result<std::string> {
            return grant_token(txn, clocks.random, terminal, *role, std::nullopt).reveal();
        };
        made = co_await store->write<std::string>(std::move(job));
    };
    asio::co_spawn(loop, make(), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    if (!made || !*made) return fail(made ? made->error() : Fault{"outcome_unknown", "nothing was written"});
    opened->follow();
    std::cout << **made << "\n";
    return 0;
}

int accept(const Config& config, const std::string& reason) {
    const Result<Credentials> credentials = load_credentials(config.credentials);
    if (!credentials) return fail(credentials.error());
    if (const auto done = accept_state(config, *credentials, reason); !done) return fail(done.error());
    std::cout << "the journal says that this state was answered for; the device goes on\n";
    return 0;
}

int hand_in(const Config& config, const std::string& from) {
    const Result<Credentials> credentials = load_credentials(config.credentials);
    if (!credentials) return fail(credentials.error());
    const Result<HandedIn> done = hand_in_journal(config, *credentials, from);
    if (!done) return fail(done.error());
    std::cout << "device " << done->device << ": ";
    if (done->entries == 0) {
        std::cout << "the ledger has all of it\n";
    } else {
        std::cout << "the ledger has booked up to entry " << done->entries << "\n";
    }
    return 0;
}

}  // namespace

int run(int argc, char** argv) {
    CLI::App app("obol-agent: honours passes and wallet money at the venue, with or without a network");
    app.require_subcommand(1);
    std::string config_file, url, enrol_token, ca, terminal, role, reason, from;
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
    CLI::App* accept_command = command("accept-state", "answer for a state whose witness is lost; the journal tells it");
    accept_command->add_option("--reason", reason, "why it is no copy and was not put back")->required();
    CLI::App* hand_in_command = command("hand-in", "bring the ledger the journal of a device that cannot come any more");
    hand_in_command->add_option("--from", from, "that device's state directory")->required();
    CLI11_PARSE(app, argc, argv);

    const Result<Config> config = read_config(config_file);
    if (!config) return fail(config.error());
    if (*serve_command) return run_agent(*config);
    if (*check_command) return check(*config, config_file);
    if (*enrol_command) return enrol(*config, url, enrol_token, ca);
    if (*accept_command) return accept(*config, reason);
    if (*hand_in_command) return hand_in(*config, from);
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
