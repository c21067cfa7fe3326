#include "agent/store/full_check.hpp"

#include <boost/asio/post.hpp>

#include "sync/host/background.hpp"
#include "sync/journal/entry.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t entries_a_read = 200;
constexpr Millis again_soon{10 * 60 * 1000};

Fault damaged(std::string what) { return {"database_damaged", std::move(what)}; }
const Fault stopped{"stopped", "the check was ended before its end"};

Result<void> check_tables(sql::Db& db, const std::atomic<bool>& stop) {
    std::vector<std::string> tables;
    db.each("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
            [&tables](sql::Statement& row) { tables.push_back(row.text(0)); });
    for (const std::string& table : tables) {
        if (stop) return stopped;
        const auto found = db.value<std::string>("PRAGMA integrity_check(\"" + table + "\")");
        if (found != "ok") return damaged("table " + table + ": " + found.value_or("cannot be checked"));
    }
    // A read-only connection does not know the CHECKs of a table, so the one that money hangs on is asked here.
    Result<void> out;
    db.each("SELECT subject, minor FROM held WHERE minor < 0 LIMIT 1", [&out](sql::Statement& row) {
        out = damaged("held of " + row.text(0) + ": " + std::to_string(row.integer(1)));
    });
    return out;
}

struct Row {
    std::int64_t seq;
    Bytes body;
    Bytes hash;
    std::optional<Bytes> signature;
};

std::vector<Row> rows_after(sql::Db& db, std::int64_t seq) {
    std::vector<Row> out;
    db.each("SELECT e.seq, e.body, e.hash, s.signature FROM entry e LEFT JOIN head_signature s ON s.seq = e.seq "
            "WHERE e.seq > ? ORDER BY e.seq LIMIT ?",
            [&out](sql::Statement& row) {
                out.push_back({row.integer(0), row.blob(1), row.blob(2), {}});
                if (!row.null(3)) out.back().signature = row.blob(3);
            },
            seq, entries_a_read);
    return out;
}

Result<void> check_chain(sql::Db& db, const DeviceId& device, const Bytes& public_key,
                         const std::atomic<bool>& stop) {
    journal::Head head;
    for (;;) {
        std::optional<std::pair<journal::Head, Bytes>> signed_head;
        const std::vector<Row> rows = rows_after(db, head.seq);
        if (rows.empty()) return {};
        if (stop) return stopped;
        for (const Row& row : rows) {
            const std::string where = "entry " + std::to_string(row.seq) + ": ";
            const Result<journal::Entry> entry = journal::follow(head, row.body);
            if (!entry) return damaged(where + entry.error().detail);
            head = {row.seq, journal::hash_of(row.body)};
            if (!std::equal(row.hash.begin(), row.hash.end(), head.hash.begin(), head.hash.end())) {
                return damaged(where + "its hash is another");
            }
            if (row.signature) signed_head = {head, *row.signature};
        }
        // The last one of these rows covers the others, and a till signs nearly every entry.
        if (signed_head && !crypto::verify(public_key, journal::signed_text(device, signed_head->first),
                                           signed_head->second)) {
            return damaged("entry " + std::to_string(signed_head->first.seq) +
                           ": the signature is not of this device and this head");
        }
    }
}

}  // namespace

Result<void> check_all(sql::Db& db, const DeviceId& device, const Bytes& public_key, const std::atomic<bool>& stop) {
    try {
        if (const Result<void> tables = check_tables(db, stop); !tables) return tables;
        return check_chain(db, device, public_key, stop);
    } catch (const sql::SqlError& error) {
        if (stop) return stopped;
        if (error.damaged()) return damaged(error.what());
        throw;
    }
}

struct FullCheck::Report {
    std::function<void(Result<void>)> done;
};

FullCheck::FullCheck(asio::any_io_executor loop, Of what, std::function<void(Result<void>)> done)
    : report_(std::make_shared<Report>(Report{std::move(done)})) {
    auto look = [this, what = std::move(what)]() -> Result<void> {
        host::work_in_the_background();
        try {
            sql::Db db(what.path, sql::Db::Mode::reader, what.vfs);
            db.stop_when(stop_);
            return check_all(db, what.device, what.public_key, stop_);
        } catch (const sql::SqlError& error) {
            constexpr int io_error = 10;  // SQLITE_IOERR: what cannot be read is as good as damaged
            if ((error.code() & 0xff) == io_error) return damaged(error.what());
            return Fault{"not_looked", error.what()};  // no descriptor, no memory: it says nothing of the file
        }
    };
    auto body = [this, look = std::move(look), loop = std::move(loop),
                 weak = std::weak_ptr<Report>(report_)] {
        Result<void> found = look();
        if (stop_) return;
        asio::post(loop, [weak, found = std::move(found)]() mutable {
            if (const auto report = weak.lock()) report->done(std::move(found));
        });
    };
    thread_ = std::make_unique<host::Worker>("obol-check", std::move(body));
}

FullCheck::~FullCheck() { stop_ = true; }

RepeatedCheck::RepeatedCheck(asio::any_io_executor loop, Timers& timers, Millis between, FullCheck::Of what,
                             std::function<void(Fault)> damaged)
    : loop_(std::move(loop)),
      timers_(timers),
      between_(between),
      what_(std::move(what)),
      damaged_(std::move(damaged)) {
    look();
}

RepeatedCheck::~RepeatedCheck() {
    if (next_) timers_.cancel(*next_);
}

void RepeatedCheck::look() {
    next_.reset();
    check_ = std::make_unique<FullCheck>(loop_, what_, [this](Result<void> found) {
        const bool looked = found || found.error().code != "not_looked";
        if (!found && looked) return damaged_(found.error());
        next_ = timers_.after(looked ? between_ : again_soon, [this] { look(); });
    });
}

}  // namespace obol::agent
