#include "sync/ledger/store/holders.hpp"

#include <algorithm>
#include <array>

#include "sync/core/ensure.hpp"

namespace obol::ledger {

using wire::HolderStatus;

HolderStatus status_named(std::string_view name) {
    for (const HolderStatus status : {HolderStatus::active, HolderStatus::quarantined,
                                      HolderStatus::written_off, HolderStatus::revoked}) {
        if (wire::name_of(status) == name) return status;
    }
    throw sql::SqlError(11, "a holder with the unknown status " + std::string(name));
}

namespace {

journal::Hash hash_from(ByteView bytes) {
    journal::Hash out{};
    // A chain that has not begun is stored with an empty or zero hash.
    if (bytes.size() == out.size()) std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

}  // namespace

std::optional<HolderRow> holder(sql::Db& db, std::string_view h) {
    auto row = db.prepare(
        "SELECT h, venue, business, name, public_key, certificate, status, head_seq, "
        "head_hash, reported_generation, revoked FROM holder WHERE h = ?");
    row.bind_all(h);
    if (!row.step()) return std::nullopt;
    return HolderRow{.h = DeviceId{row.text(0)},
                     .venue = VenueId{row.text(1)},
                     .business = BusinessId{row.text(2)},
                     .name = row.text(3),
                     .public_key = row.blob(4),
                     .certificate = row.text(5),
                     .status = status_named(row.text_view(6)),
                     .head = {row.integer(7), hash_from(row.blob_view(8))},
                     .reported_generation = row.integer(9),
                     .revoked = row.integer(10) != 0};
}

void set_head(sql::Db& db, const DeviceId& h, const journal::Head& head) {
    db.run("UPDATE holder SET head_seq = ?, head_hash = ? WHERE h = ?", head.seq, head.hash,
           h.text);
}

void set_status(sql::Db& db, const DeviceId& h, HolderStatus status) {
    db.run("UPDATE holder SET status = ? WHERE h = ?", wire::name_of(status), h.text);
}

void set_revoked(sql::Db& db, const DeviceId& h) { db.run("UPDATE holder SET revoked = 1 WHERE h = ?", h.text); }

void set_reported_generation(sql::Db& db, const DeviceId& h, std::int64_t generation) {
    db.run("UPDATE holder SET reported_generation = ? WHERE h = ?", generation, h.text);
}

void set_last_seen(sql::Db& db, const DeviceId& h, Instant at) {
    db.run("UPDATE holder SET last_seen = ? WHERE h = ?", to_millis(at), h.text);
}

book::Standing standing_of(HolderStatus status) {
    switch (status) {
        case HolderStatus::quarantined:
            return book::Standing::quarantined;
        case HolderStatus::written_off:
            return book::Standing::written_off;
        default:
            return book::Standing::active;
    }
}

Era era(sql::Db& db) {
    const auto generation =
        db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'generation'");
    const auto recovery = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'recovery'");
    return {generation.value_or(1), recovery.value_or(0) != 0};
}

}  // namespace obol::ledger
