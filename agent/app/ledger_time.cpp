#include "agent/app/ledger_time.hpp"

#include <algorithm>

namespace obol::agent {

awaitable<Result<wire::Welcome>> LedgerTime::hello(wire::Hello hello) {
    const Millis begun = clock_.since_boot();
    const std::int64_t generation = hello.generation;
    Result<wire::Welcome> got = co_await ledger_.hello(std::move(hello));
    // A ledger that was replaced and runs on is believed in nothing (A6).
    if (got && got->generation >= generation) clock_.ledger_told(got->now, begun);
    co_return got;
}

awaitable<Result<wire::Page>> LedgerTime::feed(wire::FeedAsk ask) {
    const Millis begun = clock_.since_boot();
    const std::int64_t generation = ask.generation;
    Result<wire::Page> got = co_await ledger_.feed(std::move(ask));
    // The ledger looks at its clock when the wait is over, so the wait makes nothing less sure.
    constexpr Millis on_its_way{5'000};
    if (got && got->generation == generation) {
        clock_.ledger_told(got->now, std::max(begun, clock_.since_boot() - on_its_way));
    }
    co_return got;
}

// These say nothing of the time.
awaitable<Result<wire::Receipt>> LedgerTime::push(wire::Push push) { return ledger_.push(std::move(push)); }
awaitable<Result<wire::Snapshot>> LedgerTime::snapshot() { return ledger_.snapshot(); }
awaitable<Result<wire::SnapshotPage>> LedgerTime::snapshot_page(wire::SnapshotAsk ask) {
    return ledger_.snapshot_page(std::move(ask));
}
awaitable<Result<wire::PassAnswer>> LedgerTime::pass(wire::PassAsk ask) { return ledger_.pass(std::move(ask)); }
awaitable<Result<wire::PurchaseAnswer>> LedgerTime::purchase(wire::PurchaseAsk ask) {
    return ledger_.purchase(std::move(ask));
}
awaitable<Result<wire::IssueAnswer>> LedgerTime::issue(wire::IssueAsk ask) { return ledger_.issue(std::move(ask)); }

}  // namespace obol::agent
