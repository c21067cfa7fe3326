#pragma once
// Private to this folder: what the clock must know after a restart, in the database.

#include "agent/store/clock_judge.hpp"
#include "agent/store/facts.hpp"

namespace obol::agent {

struct ClockKept {
    ClockPast past{};
    bool anchored = false;  // the anchor in `past` lies in the database already
};

// `born`: the device cannot be older than its certificate.
ClockKept clock_kept(Facts& facts, const std::string& boot_id, const std::optional<Instant>& born);

// stamp: the wall of the newest entry.
void keep_anchor(sql::Db& db, const ClockAnchor& anchor, const std::string& boot_id, Instant seen, Instant stamp);
void keep_seen(sql::Db& db, Instant seen, Instant stamp);

}  // namespace obol::agent
