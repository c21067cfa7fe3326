// obolctl: what an operator types. Exit codes: 0 well, 1 a finding or a refusal, 2 wrong use.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

#include "agent/journal_export.hpp"
#include "agent/obolctl_client.hpp"
#include "agent/obolctl_devices.hpp"
#include "agent/simulate_policy.hpp"
#include "sync/host/input.hpp"
#include "sync/host/system.hpp"

namespace {

using namespace obol;

struct Asked {
    std::string agent = "http://127.0.0.1:8480", token_file, mode, data;
    std::vector<std::string> files;
    std::int64_t after = 0;
    bool json = false;
    agent::PolicyAsked policy{};
    std::string device{};
    agent::SampleAsked sample{};
};

int fail(const Fault& fault) {
    fmt::print(stderr, "obolctl: {}: {}\n", fault.code, fault.detail);
    return 1;
}

Result<Secret> read_token(const std::string& path) {
    if (path.empty()) return Secret{};
    Result<std::string> text = host::read_file(path);
    if (!text) return text.error();
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) {
        text->pop_back();
    }
    return Secret(std::move(*text));
}

// Runs one conversation with the agent to its end.
int converse(const Asked& asked,
             const std::function<net::awaitable<int>(agent::ObolctlClient&)>& conversation) {
    Result<Secret> token = read_token(asked.token_file);
    if (!token) return fail(token.error());
    boost::asio::io_context loop;
    agent::ObolctlClient client(loop.get_executor(), asked.agent, std::move(*token));
    int code = 1;
    boost::asio::co_spawn(loop, conversation(client), [&](std::exception_ptr thrown, int got) {
        if (thrown) std::rethrow_exception(thrown);
        code = got;
    });
    loop.run();
    return code;
}

int tell(const Result<std::string>& text) {
    if (!text) return fail(text.error());
    fmt::print("{}", *text);
    return 0;
}

net::awaitable<int> status(agent::ObolctlClient& client, bool as_json) {
    co_return tell(co_await client.status(as_json));
}

net::awaitable<int> link(agent::ObolctlClient& client, std::string mode) {
    co_return tell(co_await client.link(std::move(mode)));
}

net::awaitable<int> reconcile(agent::ObolctlClient& client) { co_return tell(co_await client.reconcile()); }
net::awaitable<int> exposure(agent::ObolctlClient& client) { co_return tell(co_await client.exposure()); }

net::awaitable<int> verify_receipt(agent::ObolctlClient& client, std::string data) {
    co_return tell(co_await client.verify_receipt(std::move(data)));
}

net::awaitable<int> verify(agent::ObolctlClient& client) { co_return tell(co_await client.verify_journal()); }

net::awaitable<int> export_journal(agent::ObolctlClient& client, std::int64_t after) {
    std::function<void(const std::string&)> sink = [](const std::string& line) { fmt::print("{}\n", line); };
    const Result<void> done = co_await client.export_journal(after, std::move(sink));
    if (!done) co_return fail(done.error());
    // Who archives by this must not believe a file that a full disk cut short.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        co_return fail({"output_failed", "the export could not be written to its end"});
    }
    co_return 0;
}

int verify_files(const std::vector<std::string>& paths) {
    std::vector<agent::ExportPiece> pieces;
    for (const std::string& path : paths) {
        Result<std::unique_ptr<std::istream>> file = host::open_input(path);
        if (!file) return fail(file.error());
        pieces.push_back({path, std::move(*file)});
    }
    const Result<agent::ExportSummary> good = agent::check_exports(std::move(pieces));
    if (!good) return fail(good.error());
    const std::string in_files = paths.size() == 1 ? "" : fmt::format(" in {} files", paths.size());
    const std::string before =
        good->after.seq == 0 ? "" : fmt::format("; entries 1 to {} are not among them", good->after.seq);
    fmt::print("good: venue {}, {} entries{}, {} signatures, head {}{}\n", good->venue,
               good->head.seq - good->after.seq, in_files, good->signatures, to_hex(good->head.hash), before);
    return 0;
}

net::awaitable<int> devices_list(agent::ObolctlClient& client) { co_return tell(co_await agent::list_devices_at(client)); }

net::awaitable<int> devices_test(agent::ObolctlClient& client, std::string name) {
    co_return tell(co_await agent::test_device_at(client, std::move(name)));
}

net::awaitable<int> devices_watch(agent::ObolctlClient& client) {
    std::function<void(const std::string&)> sink = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    const Result<void> done = co_await agent::watch_devices_at(client, std::move(sink));
    co_return done ? 0 : fail(done.error());
}

int print_sample(const agent::SampleAsked& asked) {
    const Result<std::string> bytes = agent::sample_receipt_as(asked);
    if (!bytes) return fail(bytes.error());
    std::fwrite(bytes->data(), 1, bytes->size(), stdout);
    return std::fflush(stdout) == 0 ? 0 : fail({"output_failed", "the sample could not be written to its end"});
}

struct DeviceCommands {
    CLI::App *list, *test, *sample, *watch;
};

DeviceCommands add_devices(CLI::App& app, Asked& asked) {
    CLI::App* devices = app.add_subcommand("devices", "what stands on the counter");
    devices->require_subcommand(1);
    DeviceCommands out{};
    out.list = devices->add_subcommand("list", "each device and how it stands");
    out.test = devices->add_subcommand("test", "a printer prints a page, a display shows two lines; exit 1 where it fails");
    out.test->add_option("NAME", asked.device, "of the configuration")->required();
    out.sample = devices->add_subcommand("print-sample", "a sample receipt to standard output; needs no agent");
    out.sample->add_option("--profile", asked.sample.profile, "printer model, or the path of a profile")->capture_default_str();
    out.sample->add_option("--language", asked.sample.language)->check(CLI::IsMember({"en", "el"}))->capture_default_str();
    out.sample->add_option("--form", asked.sample.form)->check(CLI::IsMember({"text", "html", "png", "escpos"}))->capture_default_str();
    out.sample->add_flag("--copy", asked.sample.copy, "as a reprint");
    out.watch = devices->add_subcommand("watch", "a line for each change of a device or print job, until Ctrl-C");
    return out;
}

constexpr const char* policy_help =
    "Answers from the journals what an outage would have cost: how many purchases would have been refused or cut\n"
    "short because their money was held by another venue, how much money by venue, and which were the largest.\n"
    "\n"
    "EXPORT: what `obolctl journal export` wrote at every venue of the business, over a time in which the links\n"
    "were up; each journal from its first entry on, whole or in pieces, in any order.\n"
    "A POSITION is an instant (2026-11-21T18:00:00Z), ticket:NUMBER (the first purchase with this ticket of the\n"
    "point of sale) or entry:VENUE:SEQ. What a purchase asked of the centre beforehand is cut off with it.\n"
    "With --per-transaction and the like it tries an allowance: what a venue that is cut off may spend without\n"
    "holding it. Amounts are minor units (5000 is 50.00); a cap that is not given does not bind. The answer then\n"
    "says how much was at risk, and how much of it turned out to be spent twice.\n"
    "\n"
    "  obolctl simulate-policy city.ndjson port.ndjson --from 2026-11-21T18:00:00Z --until 2026-11-21T20:00:00Z\n"
    "  obolctl simulate-policy *.ndjson --daily 18:00-20:00 --venues city --per-transaction 2000 --per-outage 20000";

CLI::App* add_simulate_policy(CLI::App& app, Asked& asked) {
    CLI::App* it = app.add_subcommand("simulate-policy", "what an outage would have cost, from the venues' journals");
    agent::PolicyAsked& policy = asked.policy;
    it->footer(policy_help);
    it->add_option("EXPORT", policy.files, "journal exports of all venues")->required();
    it->add_option("--from", policy.from, "POSITION at which the link goes; the begin of the journals if not given");
    it->add_option("--until", policy.until, "POSITION at which it is back; the end of the journals if not given");
    it->add_option("--daily", policy.daily, "only at this time of each day: 18:00-20:00; 22:00-02:00 runs into the next");
    it->add_option("--zone", policy.zone, "time zone of --daily; that of the venues if not given");
    it->add_option("--venues", policy.venues, "which are cut off, by commas; all if not given")
        ->delimiter(',')
        ->allow_extra_args(false);
    it->add_option("--per-transaction", policy.per_transaction, "most at risk by one wallet within 15 minutes")
        ->check(CLI::NonNegativeNumber);
    it->add_option("--per-subject", policy.per_subject, "most at risk of one lot or pocket in an outage")
        ->check(CLI::NonNegativeNumber);
    it->add_option("--per-outage", policy.per_outage, "most at risk at one venue in an outage")
        ->check(CLI::NonNegativeNumber);
    it->add_option("--count", policy.count, "most purchases at risk at one venue in an outage")
        ->check(CLI::NonNegativeNumber);
    it->add_option("--largest", policy.largest, "how many of the largest are listed")->capture_default_str();
    it->add_flag("--json", policy.json, "every purchase, pass and refund of the outage, as JSON");
    return it;
}

int run(int argc, char** argv) {
    CLI::App app{"Operate an Obol agent", "obolctl"};
    app.require_subcommand(1);
    app.fallthrough();  // the options may also stand behind the command
    Asked asked;
    app.add_option("--agent", asked.agent, "address of the agent")->capture_default_str();
    app.add_option("--token-file", asked.token_file, "file with a token; the journal and the link need a manager's");

    CLI::App* status_of = app.add_subcommand("status", "how the agent stands");
    status_of->add_flag("--json", asked.json, "as the agent says it");
    CLI::App* journal = app.add_subcommand("journal", "the agent's chain of entries");
    journal->require_subcommand(1);
    CLI::App* verify_it = journal->add_subcommand("verify", "check every link, hash and signature");
    verify_it->add_option("FILE", asked.files,
                          "an export, or all pieces of one, in any order; without it, the running agent's journal");
    CLI::App* export_it = journal->add_subcommand("export", "write the chain as NDJSON to standard output");
    export_it->add_option("--after", asked.after, "only what came after this entry: the next piece of an archive")
        ->check(CLI::NonNegativeNumber);
    CLI::App* compare_it = app.add_subcommand("reconcile", "compare all rows with the ledger's; exit 1 where they differ");
    CLI::App* exposure_of = app.add_subcommand("exposure", "what this venue could lose at most, in words");
    CLI::App* link_to = app.add_subcommand("link", "switch the link to the centre, until the next start");
    link_to->add_option("MODE", asked.mode)->required()->check(CLI::IsMember({"up", "down", "slow", "flapping"}));
    CLI::App* receipt = app.add_subcommand("receipt", "what stands on paper");
    receipt->require_subcommand(1);
    CLI::App* verify_paper = receipt->add_subcommand("verify", "is it genuine? exit 1 where it is not");
    verify_paper->add_option("DATA", asked.data, "the text of the receipt's QR code")->required();
    CLI::App* simulate = add_simulate_policy(app, asked);
    const DeviceCommands devices = add_devices(app, asked);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (*simulate) return tell(agent::simulate_policy(asked.policy));
    if (*devices.sample) return print_sample(asked.sample);
    if (*devices.list) return converse(asked, devices_list);
    if (*devices.test) return converse(asked, [&](agent::ObolctlClient& c) { return devices_test(c, asked.device); });
    if (*devices.watch) return converse(asked, devices_watch);
    if (*status_of) return converse(asked, [&](agent::ObolctlClient& c) { return status(c, asked.json); });
    if (*compare_it) return converse(asked, reconcile);
    if (*verify_paper) {
        return converse(asked, [&](agent::ObolctlClient& c) { return verify_receipt(c, asked.data); });
    }
    if (*exposure_of) return converse(asked, exposure);
    if (*link_to) return converse(asked, [&](agent::ObolctlClient& c) { return link(c, asked.mode); });
    if (*export_it) {
        return converse(asked, [&](agent::ObolctlClient& c) { return export_journal(c, asked.after); });
    }
    if (*verify_it && !asked.files.empty()) return verify_files(asked.files);
    return converse(asked, verify);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "obolctl: {}\n", error.what());
        return 1;
    }
}
