#include "agent/store/open.hpp"

#include "agent/store/clock_keeping.hpp"
#include "agent_migrations_embedded.hpp"

namespace obol::agent {

namespace {

constexpr int application_id = 0x4f424f41;  // "OBOA"
constexpr sql::Migration migrations[] = {{1, embedded::agent_migrations::_001_first},
                                         {2, embedded::agent_migrations::_002_elsewhere},
                                         {3, embedded::agent_migrations::_003_offers},
                                         {4, embedded::agent_migrations::_004_limits},
                                         {5, embedded::agent_migrations::_005_passes},
                                         {6, embedded::agent_migrations::_006_clock},
                                         {7, embedded::agent_migrations::_007_growth},
                                         {8, embedded::agent_migrations::_008_allow},
                                         {9, embedded::agent_migrations::_009_wire},
                                         {10, embedded::agent_migrations::_010_use_stock},
                                         {11, embedded::agent_migrations::_011_print},
                                         {12, embedded::agent_migrations::_012_reports}};
constexpr std::int64_t tail_checked = 100;  // entries; all of them are `obolctl journal verify`'s

Fault damaged(const StoreOptions& options, const std::string& what) {
    return {"database_damaged", options.path + ": " + what};
}

// Set once, compared ever after.
bool fixed(sql::Db& db, std::string_view key, const std::string& value) {
    if (value.empty()) return true;
    db.run("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, value);
    return db.value<std::string>("SELECT value FROM meta WHERE key = ?", key) == value;
}

std::string meta(sql::Db& db, std::string_view key) {
    return db.value<std::string>("SELECT value FROM meta WHERE key = ?", key).value_or("");
}

// The last entries follow one another and the head is signed by this device.
Result<void> check_tail(Facts& facts, const StoreOptions& options, const DeviceId& device,
                        const crypto::SigningKey& key) {
    const journal::Head head = facts.head();
    if (head.seq == 0) return {};
    const std::int64_t from = std::max<std::int64_t>(1, head.seq - tail_checked + 1);
    journal::Head at{from - 1, {}};
    if (from > 1) {
        const auto hash = facts.hash_at(from - 1);
        if (!hash) return damaged(options, "the journal has a gap");
        at.hash = *hash;
    }
    for (const auto& [seq, body] : facts.bodies(from, tail_checked)) {
        const Result<journal::Entry> entry = journal::follow(at, body);
        if (!entry) return damaged(options, "entry " + std::to_string(seq) + ": " + entry.error().detail);
        at = {seq, journal::hash_of(body)};
        if (facts.hash_at(seq) != at.hash) return damaged(options, "hash of entry " + std::to_string(seq));
    }
    const auto signature =
        facts.db().value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", head.seq);
    if (at != head || !signature ||
        !crypto::verify(key.public_key(), journal::signed_text(device, head), *signature)) {
        return damaged(options, "the journal's head is not signed by this device");
    }
    return {};
}

}  // namespace

Result<Opened> open_database(const StoreOptions& options, const crypto::SigningKey& key, const std::string& boot_id) {
    Opened out;
    out.device = DeviceId{crypto::device_id_of(key.public_key())};
    if (options.lock_file) {
        auto lock = host::FileLock::take(options.path + ".lock");
        if (!lock) return lock.error();
        out.lock = std::move(*lock);
    }
    out.db = std::make_unique<sql::Db>(options.path, sql::Db::Mode::writer, options.vfs);
    sql::Db& db = *out.db;
    if (const Result<void> done = sql::migrate(db, migrations, application_id); !done) return done.error();

    sql::Txn txn{db};
    if (!fixed(db, "device", out.device.text) || !fixed(db, "venue", options.venue.text) ||
        !fixed(db, "business", options.business.text)) {
        return Fault{"wrong_device", options.path + ": belongs to another key or venue"};
    }
    fixed(db, "device_name", options.device_name);
    out.venue = meta(db, "venue");
    out.business = meta(db, "business");
    out.device_name = meta(db, "device_name");
    Facts facts{db, {}};
    if (const Result<void> tail = check_tail(facts, options, out.device, key); !tail) return tail.error();
    out.state.head = facts.head();
    if (const auto last = facts.entry(out.state.head.seq)) out.state.wall = last->wall;
    out.state.generation = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'generation'").value_or(0);
    ClockKept clock = clock_kept(facts, boot_id, options.born);
    out.clock = std::move(clock.past);
    out.state.clock_version = clock.anchored ? 1 : 0;
    out.state.stopped = !meta(db, "stopped_why").empty();
    txn.commit();
    return out;
}

}  // namespace obol::agent
