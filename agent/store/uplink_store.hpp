#pragma once
// The uplink's view of the store: what is pushed, and what pages, grants and recalls do to it
// (PROTOCOL.md 2.5). One object for the life of the process, on the loop.

#include <map>
#include <memory>
#include <set>

#include "agent/store/in_use.hpp"
#include "agent/store/store.hpp"
#include "sync/core/timers.hpp"
#include "sync/uplink/ports.hpp"

namespace obol::agent {

// A commit that the store refused, where there are no timers to try again by.
class StoreRefused : public std::runtime_error {
public:
    explicit StoreRefused(Fault fault)
        : std::runtime_error(fault.code + ": " + fault.detail), fault_(std::move(fault)) {}
    const Fault& fault() const { return fault_; }

private:
    Fault fault_;
};

class UplinkStore final : public uplink::Store {
public:
    // With `timers`, a commit that meets a full disk (or a store that has failed, while the process ends) is
    // tried again until it goes through: the uplink waits, it does not fail. Without them: StoreRefused.
    UplinkStore(agent::Store& store, InUse& in_use, boost::asio::any_io_executor loop, Millis idle_return,
                Timers* timers = nullptr);
    ~UplinkStore() override;

    awaitable<uplink::Position> position() override;
    awaitable<uplink::Batch> read(std::int64_t from_seq, std::size_t most_entries, std::size_t most_bytes) override;
    awaitable<std::optional<journal::Hash>> hash_at(std::int64_t seq) override;
    awaitable<void> acknowledge(journal::Head head) override;
    awaitable<void> take(std::vector<wire::Grant> grants) override;
    awaitable<bool> apply(wire::Page page) override;
    awaitable<bool> stage(wire::SnapshotPage page) override;
    awaitable<void> install() override;
    awaitable<void> install(wire::Snapshot whole);  // the same with all at once
    awaitable<void> adopt(std::int64_t generation) override;
    awaitable<void> ask_placement() override;
    awaitable<void> return_idle() override;
    awaitable<void> stop_for_good(std::string why) override;
    awaitable<uplink::Slice> slice(wire::Compared what, Subject after, std::size_t most) override;
    awaitable<void> compared(uplink::Comparison found) override;

    // --- for the app -------------------------------------------------------------------------------
    // Writes an explicit ask, unless one for the same lines is open; its seq names it. While somebody waits for it, it is not given up for age.
    awaitable<Result<std::int64_t>> ask(std::vector<journal::AuthorityLine> lines);
    // Is the ask still open? Then calls back once, on the loop, when it is closed, or when a page has come
    // after which it is `moot`; else at once, posted. Returns a token for stop_waiting.
    using Closed = std::function<void()>;
    using Moot = std::function<bool()>;
    std::uint64_t wait_for(std::int64_t ask, Closed closed, Moot moot = {});
    void stop_waiting(std::uint64_t token);
    // Called on the loop each time other facts are in force: a page brought some, or a snapshot did.
    void on_facts(std::function<void()> changed) { facts_changed_ = std::move(changed); }

private:
    struct Waiter {
        std::int64_t ask;
        Closed closed;
        Moot moot;
    };
    template <class Due>
    void wake(Due due);
    template <class T>
    awaitable<T> commit(std::function<Result<T>(WriteTxn&)> job, Standing standing = surely);
    awaitable<void> pause();
    awaitable<void> empty_staged();
    awaitable<void> look_at_homes();
    awaitable<void> ask_for_lacking_uses(Instant now);
    void ask_closed(std::int64_t seq);
    void retry_recalls();

    agent::Store& store_;
    InUse& in_use_;
    boost::asio::any_io_executor loop_;
    Millis idle_return_;
    Timers* timers_;
    std::map<std::uint64_t, Waiter> waiters_;
    std::uint64_t next_token_ = 1;
    // Recalls of the last page that found their subject in use, with that page's as_of.
    std::vector<wire::Recall> put_off_;
    std::int64_t put_off_as_of_ = 0;
    std::function<void()> facts_changed_ = [] {};
    std::shared_ptr<UplinkStore*> self_;
};

}  // namespace obol::agent
