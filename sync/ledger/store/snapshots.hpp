#pragma once
// All that a venue reads at its first start, page by page and all of one moment: each snapshot under way has a
// connection of its own, whose read transaction keeps that moment while the books go on. Memory at both ends is
// that of a page.

#include <list>
#include <memory>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

// The log of the database cannot be emptied while a moment is kept, so none is for long.
inline constexpr std::size_t most_snapshots = 8;
inline constexpr Millis snapshot_idle{2 * 60 * 1000}, snapshot_life{30 * 60 * 1000};

class Snapshots {
public:
    Snapshots(sql::Db& db, Random& random);
    ~Snapshots();

    // Fault snapshot_gone: that moment is not kept any more; begin anew.
    Result<wire::SnapshotPage> page(const HolderRow& holder, const wire::SnapshotAsk& ask, Instant now);
    void forget_old(Instant now);
    std::size_t open() const { return open_.size(); }

private:
    struct Kept;
    Result<Kept*> find(const HolderRow& holder, const wire::SnapshotAsk& ask, Instant now);

    sql::Db& db_;
    Random& random_;
    std::list<std::unique_ptr<Kept>> open_;  // the longest unused first
};

}  // namespace obol::ledger
