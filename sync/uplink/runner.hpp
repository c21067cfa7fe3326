#pragma once
// The uplink with its hands: executes the engine's actions against the store and the ledger, sets
// its timers, and answers the rest of the agent as Link. One event loop owns it.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "sync/core/random.hpp"
#include "sync/core/timers.hpp"
#include "sync/uplink/engine.hpp"
#include "sync/uplink/ports.hpp"

namespace obol::uplink {

class Runner final : public Link {
public:
    // What it uses outlives it. `executor` runs one thread; `timers` fire on it.
    struct Uses {
        Store& store;
        Ledger& ledger;
        Timers& timers;
        WallClock& clock;
        Random& random;
    };
    Runner(boost::asio::any_io_executor executor, Uses uses, Pace pace = {});
    ~Runner() override;

    void start();
    // Cuts what runs and starts nothing more; store calls under way end by themselves.
    void stop();
    // Called on the loop whenever state() has changed.
    void on_change(std::function<void(const LinkState&)> changed);

    LinkState state() const override;
    void set_mode(LinkMode mode) override;
    bool up() const override;
    void journal_grew() override;  // from any thread
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) override;
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) override;
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) override;
    awaitable<Result<Comparison>> compare() override;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace obol::uplink
