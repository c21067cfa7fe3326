#include "sync/uplink/runner.hpp"

#include <array>
#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <map>

#include "sync/core/overloaded.hpp"
#include "sync/uplink/comparison.hpp"

namespace obol::uplink {
namespace {

namespace asio = boost::asio;

bool is_link_fault(const Fault& fault) {
    return fault.code == "unreachable" || fault.code == "timed_out" ||
           fault.code == "tls_refused" || fault.code == "not_http";
}

// A wait on the Timers port that a coroutine can make and another can cut short.
class Delays {
public:
    explicit Delays(Timers& timers) : timers_(timers) {}

    awaitable<void> wait(Millis delay) {
        if (delay <= Millis{0}) co_return;
        auto initiate = [this, delay](auto handler) {
            const std::uint64_t number = ++last_;
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            Waiting waiting;
            waiting.resume = [shared] { std::move (*shared)(); };
            waiting.token = timers_.after(delay, [this, number] { end(number); });
            waiting_.emplace(number, std::move(waiting));
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate),
                                                                             asio::use_awaitable);
    }
    void cut() {
        while (!waiting_.empty()) {
            timers_.cancel(waiting_.begin()->second.token);
            end(waiting_.begin()->first);
        }
    }

private:
    struct Waiting {
        Timers::Token token = 0;
        std::function<void()> resume;
    };
    void end(std::uint64_t number) {
        auto node = waiting_.extract(number);
        if (!node.empty()) node.mapped().resume();
    }

    Timers& timers_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace

struct Runner::Impl : std::enable_shared_from_this<Runner::Impl> {
    Impl(asio::any_io_executor on, Uses with, Pace pace)
        : executor(std::move(on)), uses(with), engine(pace), delays(with.timers) {}

    void deliver(Event event);
    void perform(Action action);
    void run_timer(const act::SetTimer& set);
    void stop_timer(Timer timer);
    // Coroutines own the Impl from the moment they are made, not only once they run.
    static awaitable<Outcome> execute(std::shared_ptr<Impl> self, Action action);
    template <class Message, class Came>
    static Outcome outcome_of(Result<Message> got);
    // Waits what slow mode adds. False: cut meanwhile, nothing must be sent.
    awaitable<bool> may_send(Millis delay);
    template <class Answer, class Ask>
    static awaitable<Result<Answer>> direct(std::shared_ptr<Impl> self, Ask ask,
                                            awaitable<Result<Answer>> (Ledger::*exchange)(Ask));

    static awaitable<Result<Comparison>> compare(std::shared_ptr<Impl> self);

    asio::any_io_executor executor;
    Uses uses;
    Engine engine;
    Delays delays;
    std::array<std::optional<Timers::Token>, timer_count> timers{};
    std::deque<Event> inbox;
    bool delivering = false;
    bool stopped = false;
    std::uint64_t cuts = 0;
    std::atomic<bool> growth_posted{false};
    std::function<void(const LinkState&)> changed;
};

// Events that come while one is being handled wait their turn: the engine is not re-entered.
void Runner::Impl::deliver(Event event) {
    inbox.push_back(std::move(event));
    if (delivering) return;
    delivering = true;
    while (!inbox.empty() && !stopped) {
        Event next = std::move(inbox.front());
        inbox.pop_front();
        std::array<std::uint8_t, 4> dice{};
        uses.random.fill(dice);
        const std::uint32_t drawn = std::uint32_t{dice[0]} << 24 | std::uint32_t{dice[1]} << 16 |
                                    std::uint32_t{dice[2]} << 8 | dice[3];
        for (Action& action : engine.on(std::move(next), Moment{uses.clock.now(), drawn})) {
            perform(std::move(action));
        }
    }
    delivering = false;
}

void Runner::Impl::stop_timer(Timer timer) {
    auto& token = timers[static_cast<std::size_t>(timer)];
    if (token) uses.timers.cancel(*token);
    token.reset();
}

void Runner::Impl::run_timer(const act::SetTimer& set) {
    stop_timer(set.timer);
    const auto fired = [weak = weak_from_this(), timer = set.timer] {
        const auto self = weak.lock();
        if (!self || self->stopped) return;
        self->timers[static_cast<std::size_t>(timer)].reset();
        self->deliver(event::TimerFired{timer});
    };
    timers[static_cast<std::size_t>(set.timer)] = uses.timers.after(set.delay, fired);
}

void Runner::Impl::perform(Action action) {
    if (const auto* set = std::get_if<act::SetTimer>(&action.what)) return run_timer(*set);
    if (const auto* stop = std::get_if<act::StopTimer>(&action.what))
        return stop_timer(stop->timer);
    if (std::holds_alternative<act::Cut>(action.what)) {
        ++cuts;
        delays.cut();
        return uses.ledger.cut();
    }
    if (std::holds_alternative<act::LinkChanged>(action.what)) {
        if (changed) changed(engine.state());
        return;
    }
    const auto self = shared_from_this();
    const Lane lane = action.lane;
    asio::co_spawn(executor, execute(self, std::move(action)),
                   [self, lane](std::exception_ptr failed, Outcome outcome) {
                       // The store threw: a broken disk or a bug. That is the process's to end, not
                       // ours to hide.
                       if (failed) std::rethrow_exception(failed);
                       if (!self->stopped) self->deliver(LaneEvent{lane, std::move(outcome)});
                   });
}

awaitable<bool> Runner::Impl::may_send(Millis delay) {
    const std::uint64_t before = cuts;
    co_await delays.wait(delay);
    co_return cuts == before && !stopped;
}

template <class Message, class Came>
Outcome Runner::Impl::outcome_of(Result<Message> got) {
    if (!got) return event::Failed{got.error()};
    return Came{std::move(*got)};
}

awaitable<Outcome> Runner::Impl::execute(std::shared_ptr<Impl> self, Action action) {
    const Outcome was_cut = event::Failed{Fault{"unreachable", "cut"}};
    Store& store = self->uses.store;
    Ledger& ledger = self->uses.ledger;
    if (auto* hello = std::get_if<act::SayHello>(&action.what)) {
        if (!co_await self->may_send(hello->delay)) co_return was_cut;
        auto got = co_await ledger.hello(std::move(hello->hello));
        co_return outcome_of<wire::Welcome, event::Welcomed>(std::move(got));
    }
    if (auto* push = std::get_if<act::SendPush>(&action.what)) {
        if (!co_await self->may_send(push->delay)) co_return was_cut;
        auto got = co_await ledger.push(std::move(push->push));
        co_return outcome_of<wire::Receipt, event::Receipted>(std::move(got));
    }
    if (auto* feed = std::get_if<act::AskFeed>(&action.what)) {
        if (!co_await self->may_send(feed->delay)) co_return was_cut;
        auto got = co_await ledger.feed(std::move(feed->ask));
        co_return outcome_of<wire::Page, event::PageCame>(std::move(got));
    }
    if (auto* fetch = std::get_if<act::FetchSnapshot>(&action.what)) {
        if (!co_await self->may_send(fetch->delay)) co_return was_cut;
        auto got = co_await ledger.snapshot_page(std::move(fetch->ask));
        co_return outcome_of<wire::SnapshotPage, event::SnapshotCame>(std::move(got));
    }
    if (const auto* rows = std::get_if<act::CompareRows>(&action.what)) {
        if (!co_await self->may_send(rows->delay)) co_return was_cut;
        const Result<Comparison> found = co_await compare_all(store, ledger);
        if (!found && is_link_fault(found.error())) co_return event::Failed{found.error()};
        // A ledger that does not know the call will not learn it while it runs.
        co_return event::RowsCompared{found || found.error().code != "busy"};
    }
    if (std::holds_alternative<act::ReadPosition>(action.what)) {
        auto position = co_await store.position();
        co_return event::PositionRead{std::move(position)};
    }
    if (const auto* find = std::get_if<act::FindHash>(&action.what)) {
        auto hash = co_await store.hash_at(find->seq);
        co_return event::HashFound{std::move(hash)};
    }
    if (const auto* read = std::get_if<act::ReadBatch>(&action.what)) {
        auto batch = co_await store.read(read->from_seq, read->most_entries, read->most_bytes);
        co_return event::BatchRead{std::move(batch)};
    }
    if (auto* apply = std::get_if<act::Apply>(&action.what)) {
        const bool applied = co_await store.apply(std::move(apply->page));
        co_return event::Applied{applied};
    }
    if (const auto* adopt = std::get_if<act::Adopt>(&action.what))
        co_await store.adopt(adopt->generation);
    if (auto* stop = std::get_if<act::StopForGood>(&action.what))
        co_await store.stop_for_good(std::move(stop->why));
    if (auto* stage = std::get_if<act::Stage>(&action.what)) {
        const bool staged = co_await store.stage(std::move(stage->page));
        co_return event::Applied{staged};
    }
    if (std::holds_alternative<act::Install>(action.what)) co_await store.install();
    if (const auto* booked = std::get_if<act::Acknowledge>(&action.what))
        co_await store.acknowledge(booked->head);
    if (auto* take = std::get_if<act::Take>(&action.what))
        co_await store.take(std::move(take->grants));
    if (std::holds_alternative<act::AskPlacement>(action.what)) co_await store.ask_placement();
    if (std::holds_alternative<act::ReturnIdle>(action.what)) co_await store.return_idle();
    co_return event::Done{};
}

template <class Answer, class Ask>
awaitable<Result<Answer>> Runner::Impl::direct(std::shared_ptr<Impl> self, Ask ask,
                                               awaitable<Result<Answer>> (Ledger::*exchange)(Ask)) {
    const Engine& engine = self->engine;
    if (!engine.state().up) co_return Fault{"link_required", engine.state().why};
    if (!co_await self->may_send(engine.delay()))
        co_return Fault{"link_required", engine.state().why};
    Result<Answer> got = co_await (self->uses.ledger.*exchange)(std::move(ask));
    if (got || !is_link_fault(got.error())) co_return got;
    if (!self->stopped) self->deliver(event::DirectFailed{got.error()});
    co_return Fault{"link_required", got.error().detail};
}

awaitable<Result<Comparison>> Runner::Impl::compare(std::shared_ptr<Impl> self) {
    const Engine& engine = self->engine;
    if (!engine.state().up || !co_await self->may_send(engine.delay())) {
        co_return Fault{"link_required", engine.state().why};
    }
    Result<Comparison> found = co_await compare_all(self->uses.store, self->uses.ledger);
    if (found || !is_link_fault(found.error())) co_return found;
    if (!self->stopped) self->deliver(event::DirectFailed{found.error()});
    co_return Fault{"link_required", found.error().detail};
}

Runner::Runner(asio::any_io_executor executor, Uses uses, Pace pace)
    : impl_(std::make_shared<Impl>(std::move(executor), uses, pace)) {}

Runner::~Runner() { stop(); }

void Runner::start() { impl_->deliver(event::Start{}); }

void Runner::stop() {
    if (std::exchange(impl_->stopped, true)) return;
    for (std::size_t i = 0; i < timer_count; ++i) impl_->stop_timer(static_cast<Timer>(i));
    ++impl_->cuts;
    impl_->delays.cut();
    impl_->uses.ledger.cut();
}

void Runner::on_change(std::function<void(const LinkState&)> changed) {
    impl_->changed = std::move(changed);
}

LinkState Runner::state() const { return impl_->engine.state(); }

bool Runner::up() const { return impl_->engine.state().up; }

void Runner::set_mode(LinkMode mode) { impl_->deliver(event::ModeSet{mode}); }

void Runner::journal_grew() {
    // Many commits before the loop comes round are one piece of news.
    if (impl_->growth_posted.exchange(true)) return;
    asio::post(impl_->executor, [impl = impl_] {
        impl->growth_posted = false;
        if (!impl->stopped) impl->deliver(event::JournalGrew{});
    });
}

awaitable<Result<wire::PassAnswer>> Runner::pass(wire::PassAsk ask) {
    return Impl::direct<wire::PassAnswer, wire::PassAsk>(impl_, std::move(ask), &Ledger::pass);
}

awaitable<Result<wire::PurchaseAnswer>> Runner::purchase(wire::PurchaseAsk ask) {
    return Impl::direct<wire::PurchaseAnswer, wire::PurchaseAsk>(impl_, std::move(ask), &Ledger::purchase);
}

awaitable<Result<Comparison>> Runner::compare() { return Impl::compare(impl_); }

awaitable<Result<wire::IssueAnswer>> Runner::issue(wire::IssueAsk ask) {
    return Impl::direct<wire::IssueAnswer, wire::IssueAsk>(impl_, std::move(ask), &Ledger::issue);
}

}  // namespace obol::uplink
