#pragma once
// When which venues are cut off from the centre, said in the words of a shop and found in the chains.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sync/domain/zone.hpp"
#include "sync/policy/timeline.hpp"

namespace obol::policy {

struct EntryAt {
    VenueId venue;
    std::int64_t seq = 0;
};
struct TicketAt {  // the first purchase with this number
    std::string ticket;
};
using Position = std::variant<Instant, EntryAt, TicketAt>;

// Every day from this minute of the wall clock on, for so long.
struct Daily {
    int from_minute = 0;
    Millis lasts{};
};

struct Pattern {
    std::optional<Position> from{}, until{};  // none: from the first entry, to the last
    std::optional<Daily> daily{};             // only then, within from and until
    std::vector<VenueId> venues{};            // that are cut; empty: all
};

// Steps [from, until) of the timeline are an outage of these chains.
struct Outage {
    std::size_t from = 0, until = 0;
    std::vector<std::size_t> chains{};  // by their place in the timeline
};

// Where an outage begins: an entry that asked for authority beforehand is cut off with what it asked for.
// Fault unknown_ticket, unknown_entry.
Result<std::size_t> step_at(const Timeline& timeline, const Position& position);

// Fault unknown_venue, empty_outage (it ends before it begins, or no entry lies in it), and those of
// step_at. `zone` is the one that daily outages are told in.
Result<std::vector<Outage>> outages_of(const Timeline& timeline, const Pattern& pattern,
                                       const Zone& zone);

}  // namespace obol::policy
