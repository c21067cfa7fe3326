#pragma once
// What the agent's end of sync needs from others. The agent's store implements Store; the
// simulation brings its own.

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/result.hpp"
#include "sync/uplink/position.hpp"
#include "sync/wire/messages.hpp"
#include "sync/wire/messages_compare.hpp"

namespace obol::uplink {

template <class T>
using awaitable = boost::asio::awaitable<T>;

// Every call commits before it returns; each is one transaction.
class Store {
public:
    virtual ~Store() = default;
    virtual awaitable<Position> position() = 0;
    // Entries from `from_seq` on, at most so many and so large; empty when there are none.
    virtual awaitable<Batch> read(std::int64_t from_seq, std::size_t most_entries,
                                  std::size_t most_bytes) = 0;
    virtual awaitable<std::optional<journal::Hash>> hash_at(std::int64_t seq) = 0;
    // The ledger has booked up to here.
    virtual awaitable<void> acknowledge(journal::Head head) = 0;
    // Grants of open asks become authority_taken entries; of closed or unknown asks they are
    // ignored.
    virtual awaitable<void> take(std::vector<wire::Grant> grants) = 0;
    // Facts, balances and cursor in one transaction, applied iff page.generation is the own one and
    // page.from is the cursor (else false). Then recalls: authority_returned of what is held. A page as of more
    // than the own journal stops the device (A7): false.
    virtual awaitable<bool> apply(wire::Page page) = 0;
    // A page of a snapshot, laid beside what is in force, in pieces that hold up nobody; one that begins a
    // snapshot drops what was staged before. False: it does not follow the page staged last, or stops the device.
    virtual awaitable<bool> stage(wire::SnapshotPage page) = 0;
    // What was staged whole is in force from then on, in one transaction.
    virtual awaitable<void> install() = 0;
    virtual awaitable<void> adopt(std::int64_t generation) = 0;  // A6, entry generation_adopted
    virtual awaitable<void> ask_placement() = 0;  // entry authority_asked, if none is open
    virtual awaitable<void> return_idle() = 0;    // authority away from home, unused
    virtual awaitable<void> stop_for_good(std::string why) = 0;  // A7
    // Rows behind `after`, at most so many, with where the chain and the feed stand at that moment.
    virtual awaitable<Slice> slice(wire::Compared what, Subject after, std::size_t most) = 0;
    // A comparison has come to its end: what differs needs a person's eye.
    virtual awaitable<void> compared(Comparison found) = 0;
};

// One exchange with the ledger. A Fault says why not: unreachable | timed_out | tls_refused |
// not_http | refused | malformed_message.
class Ledger {
public:
    virtual ~Ledger() = default;
    virtual awaitable<Result<wire::Welcome>> hello(wire::Hello hello) = 0;
    virtual awaitable<Result<wire::Receipt>> push(wire::Push push) = 0;
    virtual awaitable<Result<wire::Page>> feed(wire::FeedAsk ask) = 0;
    virtual awaitable<Result<wire::Snapshot>> snapshot() = 0;
    // Besides: snapshot_gone, begin anew. A ledger of version 1 gives the whole in one page.
    virtual awaitable<Result<wire::SnapshotPage>> snapshot_page(wire::SnapshotAsk ask);
    virtual awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) = 0;
    virtual awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) = 0;
    virtual awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) = 0;
    virtual awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk ask) = 0;
    virtual void cut() = 0;  // ends running exchanges (link mode down)
};

// The whole as the one page of a snapshot.
inline wire::SnapshotPage one_page(wire::Snapshot whole) {
    wire::SnapshotPage page{"whole", whole.generation, whole.cursor, whole.as_of};
    page.facts = std::move(whole.facts);
    page.balances = std::move(whole.balances);
    return page;
}

inline awaitable<Result<wire::SnapshotPage>> Ledger::snapshot_page(wire::SnapshotAsk) {
    Result<wire::Snapshot> whole = co_await snapshot();
    if (!whole) co_return whole.error();
    co_return one_page(std::move(*whole));
}

// What the rest of the agent sees of the uplink.
class Link {
public:
    virtual ~Link() = default;
    virtual LinkState state() const = 0;
    virtual void set_mode(LinkMode mode) = 0;
    virtual bool up() const = 0;
    virtual void journal_grew() = 0;  // call after commits: pushes soon
    // Direct questions to the centre; Fault link_required when the link is down.
    virtual awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) = 0;
    virtual awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) = 0;
    virtual awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) = 0;
    // Compares all rows now. Fault link_required; busy: entries came in between, again in a moment.
    virtual awaitable<Result<Comparison>> compare() = 0;
};

}  // namespace obol::uplink
