#include "sync/ledger/store/recovery.hpp"

#include "sync/ledger/store/device_facts.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

using wire::HolderStatus;

namespace {

std::int64_t number(sql::Db& db, std::string_view key) {
    return db.value<std::int64_t>("SELECT value FROM meta WHERE key = ?", key).value_or(0);
}

void set_number(sql::Db& db, std::string_view key, std::int64_t value) {
    db.run("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2", key, value);
}

bool name_is_taken(sql::Db& db, const std::string& name) {
    return db.value<std::int64_t>("SELECT 1 FROM holder WHERE name = ?", name).has_value();
}

// A device that the backup does not know. Its chain begins anew here and comes from the device.
void put_back(sql::Db& db, const IssuedKey& key, HolderStatus status) {
    std::string name = key.name;
    for (int n = 2; name_is_taken(db, name); ++n) name = key.name + "-" + std::to_string(n);
    db.run(
        "INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, status, head_hash, "
        "enrolled_at, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key.h.text, key.venue.text, key.business.text, name, key.public_key, key.certificate, key.cache_key_sealed,
        wire::name_of(status), journal::Hash{}, key.enrolled_at, key.revoked);
}

// What the record says of a device is not undone by a backup. Its write-off is not in these books,
// though, and cannot be done again without knowing what it had: it is given nothing and may hand in
// its chain, as one in quarantine.
HolderStatus after_the_backup(const IssuedKey& listed) {
    return listed.status == HolderStatus::written_off ? HolderStatus::quarantined : listed.status;
}

void take_from_record(sql::Db& db, const IssuedKey& listed) {
    const HolderStatus status = after_the_backup(listed);
    const auto row = holder(db, listed.h.text);
    if (!row) return put_back(db, listed, status);
    if (row->status == HolderStatus::active) set_status(db, listed.h, status);
    if (listed.revoked) set_revoked(db, listed.h);
}

bool end_if_over(sql::Db& db) {
    if (!era(db).recovery || later_ledger_seen(db)) return false;
    if (db.value<std::int64_t>("SELECT 1 FROM recovery_holder WHERE state = 'awaited' LIMIT 1")) return false;
    set_number(db, "recovery", 0);
    return true;
}

}  // namespace

std::int64_t begin_recovery(Books& books, IssuedKeys* record) {
    sql::Db& db = books.db();
    std::int64_t highest = std::max(era(db).generation, number(db, "generation_seen"));
    highest = std::max(highest, db.value<std::int64_t>("SELECT max(reported_generation) FROM holder").value_or(0));
    if (record) highest = std::max(highest, record->generation());
    const std::int64_t generation = highest + 1;
    if (record) record->add_generation(generation);

    // Who is awaited still stays so, whatever became of it: a recovery that did not end leaves this one
    // as much to learn.
    db.run(
        "INSERT INTO recovery_holder (h, state, listed) "
        "SELECT h, CASE status WHEN 'active' THEN 'awaited' ELSE 'excepted' END, status FROM holder WHERE true "
        "ON CONFLICT (h) DO UPDATE SET listed = excluded.listed, "
        "state = CASE recovery_holder.state WHEN 'awaited' THEN 'awaited' ELSE excluded.state END");
    for (const auto& [h, listed] : record ? record->keys() : std::map<DeviceId, IssuedKey>{}) {
        take_from_record(db, listed);
        db.run(
            "INSERT INTO recovery_holder (h, state, listed) VALUES (?1, 'awaited', ?2) "
            "ON CONFLICT (h) DO UPDATE SET listed = ?2",
            h.text, wire::name_of(listed.status));
    }
    tell_devices(books);
    set_number(db, "generation", generation);
    set_number(db, "recovery", 1);
    db.run("UPDATE holder SET reported_generation = 0");
    end_if_over(db);
    return generation;
}

void stop_granting(sql::Db& db, std::int64_t generation_seen) {
    set_number(db, "generation_seen", std::max(number(db, "generation_seen"), generation_seen));
    set_number(db, "recovery", 1);
}

bool later_ledger_seen(sql::Db& db) { return number(db, "generation_seen") > era(db).generation; }

bool is_news(sql::Db& db, const DeviceId& h) {
    if (later_ledger_seen(db)) return false;
    return !db.value<std::int64_t>("SELECT 1 FROM recovery_holder WHERE h = ?", h.text);
}

bool is_awaited(sql::Db& db, const DeviceId& h) {
    return db.value<std::int64_t>("SELECT 1 FROM recovery_holder WHERE h = ? AND state = 'awaited'", h.text)
        .has_value();
}

bool has_adopted(sql::Db& db, const DeviceId& h) {
    db.run("DELETE FROM recovery_holder WHERE h = ? AND state = 'awaited'", h.text);
    return end_if_over(db);
}

bool give_up(sql::Db& db, const DeviceId& h) {
    db.run("UPDATE recovery_holder SET state = 'excepted' WHERE h = ?", h.text);
    return end_if_over(db);
}

std::vector<Awaited> awaited(sql::Db& db) {
    std::vector<Awaited> out;
    db.each(
        "SELECT r.h, h.name, h.venue, h.status, r.listed, h.last_seen FROM recovery_holder r "
        "JOIN holder h ON h.h = r.h WHERE r.state = 'awaited' ORDER BY h.name",
        [&](sql::Statement& row) {
            std::optional<Instant> seen;
            if (!row.null(5)) seen = from_millis(row.integer(5));
            out.push_back({DeviceId{row.text(0)}, row.text(1), row.text(2), row.text(3), row.text(4), seen});
        });
    return out;
}

std::vector<Money> ceiling_of(sql::Db& db, const HolderRow& row) {
    std::vector<Money> out;
    db.each(
        "SELECT s.currency, sum(s.centre) FROM subject s JOIN sees ON sees.viewer = ? AND sees.business = s.business "
        "WHERE s.centre > 0 AND s.currency <> 'XXX' GROUP BY s.currency ORDER BY s.currency",
        [&](sql::Statement& found) {
            out.push_back({Amount{found.integer(1)}, currency_of(found.text_view(0))});
        },
        row.business.text);
    return out;
}

}  // namespace obol::ledger
