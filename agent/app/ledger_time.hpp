#pragma once
// The ledger, with an ear for what time it says it is: its answers come over mutual TLS, so they set the
// device's clock right.

#include "agent/store/guarded_clock.hpp"
#include "sync/uplink/ports.hpp"

namespace obol::agent {

template <class T>
using awaitable = boost::asio::awaitable<T>;

class LedgerTime final : public uplink::Ledger {
public:
    LedgerTime(uplink::Ledger& ledger, GuardedClock& clock) : ledger_(ledger), clock_(clock) {}

    awaitable<Result<wire::Welcome>> hello(wire::Hello hello) override;
    awaitable<Result<wire::Receipt>> push(wire::Push push) override;
    awaitable<Result<wire::Page>> feed(wire::FeedAsk ask) override;
    awaitable<Result<wire::Snapshot>> snapshot() override;
    awaitable<Result<wire::SnapshotPage>> snapshot_page(wire::SnapshotAsk ask) override;
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) override;
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) override;
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) override;
    awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk ask) override {
        return ledger_.compare(std::move(ask));
    }
    void cut() override { ledger_.cut(); }

private:
    uplink::Ledger& ledger_;
    GuardedClock& clock_;
};

}  // namespace obol::agent
