#pragma once
// What a venue reads: pages of changes and the whole at one cursor. Call within one read
// transaction, so that facts, balances, cursor and as_of are of one moment. Nothing here ever
// carries `held`.

#include "sync/ledger/store/answers.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

inline constexpr int most_changes_a_page = 500;

// What venues are told of the row `s` of subject, however they come by it: what the centre and all
// holders have together, less what others will pay of it for what was spent at risk. A loss is the
// business's, not the wallet's.
inline constexpr std::string_view told_value =
    "(s.centre + coalesce((SELECT sum(minor) FROM held WHERE held.subject = s.subject), 0) - s.owed)";
// And of which they are told: money, and uses of offers, of the businesses that viewer ?1 sees.
inline constexpr std::string_view told_subjects =
    "((s.currency <> 'XXX' OR s.subject LIKE 'offer:%') AND "
    "s.business IN (SELECT business FROM sees WHERE viewer = ?1))";

// Facts and balances changed after `cursor`, as of page.now; `to`, `more` and `as_of` set.
void read_changes(Books& books, const HolderRow& holder, std::int64_t cursor, wire::Page& page);
wire::Snapshot read_snapshot(Books& books, const HolderRow& holder, Instant now);
// Short and opaque: differs when recalls, grants, placement, status or generation do.
std::string news_of(const wire::Page& page);

}  // namespace obol::ledger
