#include "agent/hand_in.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "agent/enrol.hpp"
#include "sync/host/system.hpp"
#include "sync/sql/db.hpp"
#include "sync/uplink/http_ledger.hpp"

namespace obol::agent {

namespace {

constexpr std::int64_t most_entries = 200;

// Entries from `from` on, up to one whose head the device has signed.
std::optional<wire::Push> batch_from(sql::Db& db, std::int64_t from) {
    const auto last = db.value<std::int64_t>("SELECT max(seq) FROM head_signature WHERE seq >= ? AND seq < ?", from,
                                             from + most_entries);
    if (!last) return std::nullopt;
    wire::Push out{.from_seq = from, .entries = {}, .signature = {}};
    db.each("SELECT body FROM entry WHERE seq >= ? AND seq <= ? ORDER BY seq",
            [&out](sql::Statement& row) { out.entries.push_back(row.blob(0)); }, from, *last);
    out.signature = db.value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", *last).value();
    return out;
}

net::ClientOptions options_of(const Config& config, const Credentials& credentials, host::SystemWallClock& wall) {
    net::ClientOptions options;
    options.url = config.ledger_url;
    options.tls = net::ClientTls{};
    options.tls->ca = credentials.ca;
    options.tls->certificate = credentials.certificate;
    options.tls->private_key = credentials.key.to_pem();
    options.tls->server_name = host_of(config.ledger_url);
    options.tls->now = [&wall] { return wall.now(); };
    return options;
}

Result<wire::Receipt> exchange(const net::ClientOptions& options, const std::string& device, const wire::Push& push) {
    boost::asio::io_context loop(1);
    std::optional<Result<wire::Receipt>> answer;
    boost::asio::co_spawn(loop, uplink::hand_in(loop.get_executor(), options, device, push),
                          [&answer](std::exception_ptr error, Result<wire::Receipt> got) {
                              if (error) std::rethrow_exception(error);
                              answer = std::move(got);
                          });
    loop.run();
    return answer ? std::move(*answer) : Fault{"unreachable", "the ledger did not answer"};
}

}  // namespace

Result<HandedIn> hand_in_journal(const Config& config, const Credentials& credentials, const std::string& state) {
    const std::string path = state + "/agent.db";
    if (!host::file_exists(path)) return Fault{"database_missing", path + " is not there"};
    auto lock = host::FileLock::take(path + ".lock");
    if (!lock) return lock.error();
    sql::Db db(path, sql::Db::Mode::reader);
    const auto device = db.value<std::string>("SELECT value FROM meta WHERE key = 'device'");
    if (!device) return Fault{"database_missing", path + " is no agent's database"};

    host::SystemWallClock wall;
    const net::ClientOptions options = options_of(config, credentials, wall);
    HandedIn out{*device, 0};
    std::int64_t from = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'acked_seq'").value_or(0) + 1;
    while (const std::optional<wire::Push> push = batch_from(db, from)) {
        const Result<wire::Receipt> receipt = exchange(options, out.device, *push);
        if (!receipt) return receipt.error();
        out.entries = receipt->head.seq;
        const std::int64_t sent = from + static_cast<std::int64_t>(push->entries.size());
        // A ledger that was put back from a backup has less than it once said.
        const std::int64_t next = receipt->results.empty() ? receipt->head.seq + 1 : sent;
        if (next == from) return Fault{"refused", "the ledger booked nothing of what was handed in"};
        from = next;
    }
    return out;
}

}  // namespace obol::agent
