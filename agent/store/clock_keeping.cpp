#include "agent/store/clock_keeping.hpp"

#include <algorithm>

namespace obol::agent {

ClockKept clock_kept(Facts& facts, const std::string& boot_id, const std::optional<Instant>& born) {
    ClockKept out;
    const std::optional<journal::Entry> last = facts.entry(facts.head().seq);
    if (last) {
        out.past.floor = last->wall;
        // The time that counts went on from the anchor, so any entry of this boot is as good as it, but
        // for what crept since.
        if (last->boot_id == boot_id) out.past.this_boot = ClockAnchor{last->wall, last->wall, last->boot, true};
    }
    facts.db().each("SELECT boot_id, boot, system, taken, trusted, seen, stamp FROM clock", [&](sql::Statement& row) {
        const bool trusted = row.integer(4) != 0;
        out.past.untrusted = !trusted;
        // Stamps that have not moved since say nothing about the time, which they may be ahead of.
        const bool moved = last && to_millis(last->wall) > row.integer(6);
        if (!moved) out.past.floor = from_millis(row.integer(5));
        if (row.text(0) != boot_id) return;
        out.past.this_boot = ClockAnchor{from_millis(row.integer(2)), from_millis(row.integer(3)),
                                         Millis{row.integer(1)}, trusted};
        out.anchored = true;
    });
    if (born) out.past.floor = std::max(*born, out.past.floor.value_or(*born));
    return out;
}

void keep_anchor(sql::Db& db, const ClockAnchor& anchor, const std::string& boot_id, Instant seen, Instant stamp) {
    db.run(
        "INSERT OR REPLACE INTO clock (one, boot_id, boot, system, taken, trusted, seen, stamp) "
        "VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        boot_id, anchor.boot.count(), to_millis(anchor.system), to_millis(anchor.taken), anchor.trusted ? 1 : 0,
        to_millis(seen), to_millis(stamp));
}

void keep_seen(sql::Db& db, Instant seen, Instant stamp) {
    db.run("UPDATE clock SET seen = ?, stamp = ?", to_millis(seen), to_millis(stamp));
}

}  // namespace obol::agent
