#include "sync/uplink/runner.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <map>

namespace obol::uplink {
namespace {

namespace asio = boost::asio;

class ManualTimers final : public Timers {
public:
    Token after(Millis delay, std::function<void()> callback) override {
        waiting_.emplace(std::pair{now + delay, ++last_}, std::move(callback));
        return last_;
    }
    void cancel(Token token) override {
        std::erase_if(waiting_, [token](const auto& entry) { return entry.first.second == token; });
    }
    // Fires what is due up to then, in order; `settle` runs the loop dry in between.
    void advance(Millis by, const std::function<void()>& settle) {
        const Millis until = now + by;
        while (!waiting_.empty() && waiting_.begin()->first.first <= until) {
            auto node = waiting_.extract(waiting_.begin());
            now = node.key().first;
            node.mapped()();
            settle();
        }
        now = until;
    }

    Millis now{0};

private:
    std::map<std::pair<Millis, Token>, std::function<void()>> waiting_;
    Token last_ = 0;
};

class ManualClock final : public WallClock {
public:
    explicit ManualClock(const ManualTimers& timers) : timers_(timers) {}
    Instant now() override { return from_millis(1'700'000'000'000) + timers_.now; }

private:
    const ManualTimers& timers_;
};

class HalfDice final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = 0x80;
    }
};

journal::Hash hash(std::int64_t n) {
    journal::Hash out{};
    out[0] = static_cast<std::uint8_t>(n);
    return out;
}

// A journal that is a number of entries; what the ledger makes it do stands in `log`.
class FakeStore final : public Store {
public:
    std::int64_t seq = 3, acked = 0, generation = 1, cursor = 0, staged_cursor = 0;
    bool stopped = false;
    std::string log;
    bool broken = false;

    awaitable<Position> position() override {
        if (broken) throw std::runtime_error("disk");
        Position p;
        p.head = {seq, hash(seq)};
        p.acked_seq = acked;
        p.generation = generation;
        p.cursor = cursor;
        p.stopped = stopped;
        co_return p;
    }
    awaitable<Batch> read(std::int64_t from, std::size_t most, std::size_t) override {
        Batch b;
        b.from_seq = from;
        for (std::int64_t i = from; i <= seq && b.entries.size() < most; ++i) {
            b.entries.push_back({static_cast<std::uint8_t>(i)});
            b.last = {i, hash(i)};
        }
        co_return b;
    }
    awaitable<std::optional<journal::Hash>> hash_at(std::int64_t at) override {
        if (at > seq) co_return std::nullopt;
        co_return hash(at);
    }
    awaitable<void> acknowledge(journal::Head head) override {
        acked = head.seq;
        co_return;
    }
    awaitable<void> take(std::vector<wire::Grant> grants) override {
        for (const auto& grant : grants) {
            if (!open_asks.erase(grant.ask)) continue;
            log += "taken " + std::to_string(grant.ask) + "; ";
            ++seq;
        }
        co_return;
    }
    awaitable<bool> apply(wire::Page page) override {
        if (page.from != cursor) co_return false;
        cursor = page.to;
        co_return true;
    }
    awaitable<bool> stage(wire::SnapshotPage page) override {
        staged_cursor = page.cursor;
        co_return true;
    }
    awaitable<void> install() override {
        cursor = staged_cursor;
        log += "installed; ";
        co_return;
    }
    awaitable<void> adopt(std::int64_t g) override {
        generation = g;
        ++seq;
        log += "adopted; ";
        co_return;
    }
    awaitable<void> ask_placement() override {
        open_asks[++seq] = true;
        co_return;
    }
    awaitable<void> return_idle() override {
        log += "idle; ";
        co_return;
    }
    awaitable<void> stop_for_good(std::string why) override {
        stopped = true;
        log += "stopped: " + why + "; ";
        co_return;
    }

    awaitable<Slice> slice(wire::Compared what, Subject after, std::size_t) override {
        if (busy_at_till) ++seq;
        Slice out{generation, {seq, hash(seq)}, cursor, {}, true};
        const Subject subject = what == wire::Compared::held ? "lot:H" : "lot:B";
        if (after.empty()) out.rows = {{subject, Amount{500}, *Currency::parse("EUR")}};
        co_return out;
    }
    awaitable<void> compared(Comparison found) override {
        log += "compared " + std::to_string(found.different.size()) + "; ";
        co_return;
    }

    bool busy_at_till = false;
    std::map<std::int64_t, bool> open_asks;
};

// Books what comes in order, grants every ask at once, and loses what the test tells it to lose.
class FakeLedger final : public Ledger {
public:
    explicit FakeLedger(asio::any_io_executor executor)
        : wake_(executor, asio::steady_timer::time_point::max()) {}

    std::int64_t head = 0, cursor = 5;
    std::int64_t generation = 1;
    bool reachable = true, lose_next_receipt = false, offer_placement = false;
    int hellos = 0, pushes = 0, asked = 0;
    std::vector<wire::Grant> grants;
    std::map<std::int64_t, bool> asks;  // entries that are asks, for the fake's grants

    awaitable<Result<wire::Welcome>> hello(wire::Hello) override {
        ++hellos;
        if (!reachable) co_return unreachable();
        co_return wire::Welcome{generation,
                                {head, head == 0 ? journal::Hash{} : hash(head)},
                                wire::HolderStatus::active,
                                {}};
    }
    awaitable<Result<wire::Receipt>> push(wire::Push push) override {
        ++pushes;
        if (!reachable) co_return unreachable();
        for (const Bytes& entry : push.entries) {
            if (entry[0] == head + 1) ++head;
        }
        news_ = true;
        wake_.cancel();
        if (std::exchange(lose_next_receipt, false)) co_return unreachable();
        co_return wire::Receipt{{head, hash(head)}, {}, grants, {}};
    }
    awaitable<Result<wire::Page>> feed(wire::FeedAsk ask) override {
        const int before = cuts_;
        if (!reachable) co_return unreachable();
        while (!news_ && ask.wait_ms > 0 && cuts_ == before) {
            boost::system::error_code woken;
            co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        if (cuts_ != before) co_return unreachable();
        news_ = false;
        wire::Page page;
        page.generation = generation;
        page.from = ask.cursor;
        page.to = cursor;
        page.placement = std::exchange(offer_placement, false);
        co_return page;
    }
    awaitable<Result<wire::Snapshot>> snapshot() override {
        wire::Snapshot s;
        s.generation = generation;
        s.cursor = cursor;
        co_return s;
    }
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk) override {
        ++asked;
        if (!reachable) co_return unreachable();
        wire::PassAnswer answer;
        answer.pin_state = "right";
        co_return answer;
    }
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk) override {
        co_return wire::PurchaseAnswer{};
    }
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk) override {
        ++asked;
        co_return Fault{"refused", "plan_unknown"};
    }
    // Has what the device has, but for `lost_row`.
    awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk ask) override {
        if (!reachable) co_return unreachable();
        if (old) co_return Fault{"refused", "not_found"};
        asked_to_compare.push_back(std::string(wire::name_of(ask.what)) + (ask.rows ? " rows" : ""));
        if (ask.what == wire::Compared::held && ask.head != journal::Head{head, hash(head)}) {
            co_return wire::CompareAnswer{wire::Comparison::moved, {}};
        }
        if (!lost_row || ask.what == wire::Compared::held) co_return wire::CompareAnswer{};
        wire::CompareAnswer answer{wire::Comparison::different, {}};
        if (ask.rows) {
            for (const wire::Balance& row : *ask.rows) {
                answer.differences.push_back({row.subject, row.value, Amount{}, row.currency});
            }
        }
        co_return answer;
    }
    void cut() override {
        ++cuts_;
        wake_.cancel();
    }
    bool lost_row = false, old = false;
    std::vector<std::string> asked_to_compare;
    void news() {
        news_ = true;
        wake_.cancel();
    }

private:
    static Fault unreachable() { return {"unreachable", "nobody there"}; }
    asio::steady_timer wake_;
    bool news_ = false;
    int cuts_ = 0;
};

class RunnerTest : public ::testing::Test {
protected:
    RunnerTest() {
        runner = std::make_unique<Runner>(context.get_executor(),
                                          Runner::Uses{store, ledger, timers, clock, dice});
        runner->on_change(
            [this](const LinkState& state) { changes += state.up ? "up " : "down "; });
    }
    ~RunnerTest() override {
        runner.reset();
        settle();
    }
    void settle() {
        context.restart();
        context.poll();
    }
    void advance(int ms) {
        timers.advance(Millis{ms}, [this] { settle(); });
        settle();
    }
    void start() {
        runner->start();
        settle();
    }
    std::string ask_pass(std::function<void()> meanwhile = [] {}) {
        const auto out = std::make_shared<std::string>("pending");  // the call may outlast this one
        auto call = [](Link& link) -> awaitable<std::string> {
            wire::PassAsk ask;
            auto got = co_await link.pass(std::move(ask));
            co_return got ? got->pin_state : got.error().code;
        };
        asio::co_spawn(context, call(*runner),
                       [out](std::exception_ptr, std::string got) { *out = std::move(got); });
        settle();
        meanwhile();
        return *out;
    }

    asio::io_context context;
    FakeStore store;
    FakeLedger ledger{context.get_executor()};
    ManualTimers timers;
    ManualClock clock{timers};
    HalfDice dice;
    std::unique_ptr<Runner> runner;
    std::string changes;
};

TEST_F(RunnerTest, BringsTheJournalUpAndTheFactsDown) {
    EXPECT_FALSE(runner->up());
    start();
    EXPECT_TRUE(runner->up());
    EXPECT_EQ(ledger.head, 3);
    EXPECT_EQ(store.acked, 3);
    EXPECT_EQ(store.cursor, 5);
    EXPECT_EQ(store.log, "installed; ");
    EXPECT_EQ(changes, "up ");
}

TEST_F(RunnerTest, PushesAsSoonAsTheJournalGrows) {
    start();
    store.seq = 7;
    runner->journal_grew();
    runner->journal_grew();
    settle();
    EXPECT_EQ(ledger.head, 7);
    EXPECT_EQ(store.acked, 7);
    EXPECT_EQ(timers.now, Millis{0});  // no timer had to pass
}

TEST_F(RunnerTest, ALostReceiptCostsOneRetryAndNothingTwice) {
    start();
    store.seq = 9;
    ledger.lose_next_receipt = true;
    runner->journal_grew();
    settle();
    EXPECT_FALSE(runner->up());
    EXPECT_EQ(ledger.head, 9);
    EXPECT_EQ(store.acked, 3);
    advance(200);
    EXPECT_TRUE(runner->up());
    EXPECT_EQ(store.acked, 9);
    store.seq = 10;
    runner->journal_grew();
    settle();
    EXPECT_EQ(ledger.head, 10);
    EXPECT_EQ(store.acked, 10);
}

TEST_F(RunnerTest, AGrantThatComesInEveryReceiptIsTakenOnce) {
    start();
    store.open_asks[++store.seq] = true;
    ledger.grants = {wire::Grant{4, hash(4), {}, {}}};
    runner->journal_grew();
    settle();
    EXPECT_EQ(store.log, "installed; taken 4; ");
    EXPECT_EQ(ledger.head, 5);  // the taking itself went up, too
}

TEST_F(RunnerTest, AsksForPlacementAndPushesTheAsk) {
    start();
    ledger.offer_placement = true;
    ledger.news();
    settle();
    EXPECT_EQ(store.open_asks.size(), 1u);
    EXPECT_EQ(ledger.head, 4);
}

TEST_F(RunnerTest, RetriesWithGrowingPausesAndComesBack) {
    ledger.reachable = false;
    start();
    EXPECT_EQ(ledger.hellos, 1);
    advance(101);
    EXPECT_EQ(ledger.hellos, 2);
    advance(199);
    EXPECT_EQ(ledger.hellos, 2);
    advance(2);
    EXPECT_EQ(ledger.hellos, 3);
    advance(60'000);
    EXPECT_LT(ledger.hellos, 20);
    EXPECT_EQ(runner->state().why, "unreachable: nobody there");
    ledger.reachable = true;
    advance(8'000);
    EXPECT_TRUE(runner->up());
    EXPECT_EQ(ledger.head, 3);
}

TEST_F(RunnerTest, ModeDownCutsTheFeedAndNothingIsSent) {
    start();
    runner->set_mode(LinkMode::down);
    settle();
    EXPECT_FALSE(runner->up());
    const int hellos = ledger.hellos, pushes = ledger.pushes;
    store.seq = 5;
    runner->journal_grew();
    advance(60'000);
    EXPECT_EQ(ledger.hellos, hellos);
    EXPECT_EQ(ledger.pushes, pushes);
    EXPECT_EQ(runner->state().mode, LinkMode::down);
    runner->set_mode(LinkMode::up);
    settle();
    EXPECT_TRUE(runner->up());
    EXPECT_EQ(ledger.head, 5);
}

TEST_F(RunnerTest, ModeSlowAddsTwoSecondsToEachExchange) {
    runner->set_mode(LinkMode::slow);
    start();
    EXPECT_EQ(ledger.hellos, 0);
    advance(2'000);
    EXPECT_EQ(ledger.hellos, 1);
    EXPECT_EQ(ledger.pushes, 0);
    advance(2'000);
    EXPECT_EQ(ledger.pushes, 1);
    EXPECT_EQ(store.acked, 3);
}

TEST_F(RunnerTest, ModeDownEndsADelayWithoutSending) {
    runner->set_mode(LinkMode::slow);
    start();
    runner->set_mode(LinkMode::down);
    advance(10'000);
    EXPECT_EQ(ledger.hellos, 0);
    runner->set_mode(LinkMode::up);
    settle();
    EXPECT_TRUE(runner->up());
}

TEST_F(RunnerTest, ModeFlappingMakesProgressInItsUpSeconds) {
    start();
    runner->set_mode(LinkMode::flapping);
    for (int second = 0; second < 10; ++second) {
        ++store.seq;
        runner->journal_grew();
        advance(1'000);
    }
    EXPECT_GE(store.acked, store.seq - 1);
    EXPECT_GE(ledger.hellos, 5);
    EXPECT_LE(ledger.hellos, 7);
}

TEST_F(RunnerTest, DirectQuestionsNeedTheLink) {
    EXPECT_EQ(ask_pass(), "link_required");
    start();
    EXPECT_EQ(ask_pass(), "right");
    ledger.reachable = false;
    EXPECT_EQ(ask_pass(), "link_required");
    EXPECT_FALSE(runner->up());  // who asked in vain knows that the link is gone
    EXPECT_EQ(ledger.asked, 2);
    EXPECT_EQ(ask_pass(), "link_required");
    EXPECT_EQ(ledger.asked, 2);
}

TEST_F(RunnerTest, ARefusalOfTheLedgerIsNoFailureOfTheLink) {
    start();
    std::string code;
    auto call = [](Link& link) -> awaitable<std::string> {
        wire::IssueAsk ask;
        auto got = co_await link.issue(std::move(ask));
        co_return got ? "issued" : got.error().detail;
    };
    asio::co_spawn(context, call(*runner),
                   [&code](std::exception_ptr, std::string got) { code = std::move(got); });
    settle();
    EXPECT_EQ(code, "plan_unknown");
    EXPECT_TRUE(runner->up());
}

TEST_F(RunnerTest, ASlowQuestionWaitsAndEndsWithTheLink) {
    start();
    runner->set_mode(LinkMode::slow);
    EXPECT_EQ(ask_pass([this] { advance(1'999); }), "pending");
    settle();
    std::string second = ask_pass([this] { advance(2'000); });
    EXPECT_EQ(second, "right");
    EXPECT_EQ(ask_pass([this] {
                  runner->set_mode(LinkMode::down);
                  settle();
              }),
              "link_required");
}

TEST_F(RunnerTest, StopsForGoodAndStillPushes) {
    start();
    store.seq = 2;  // a state restored from a backup: the ledger has booked 3
    store.acked = 1;
    runner->set_mode(LinkMode::down);
    settle();
    runner->set_mode(LinkMode::up);
    settle();
    EXPECT_TRUE(store.stopped);
    EXPECT_EQ(store.log, "installed; stopped: the ledger's head is ahead of the journal; ");
    const int before = ledger.pushes;
    advance(200);
    EXPECT_EQ(ledger.pushes, before + 1);
    advance(60'000);
    EXPECT_EQ(ledger.pushes, before + 1);
}

TEST_F(RunnerTest, AdoptsAndTakesTheSnapshotOfARestoredLedger) {
    start();
    ledger.generation = 2;
    ledger.head = 1;
    ledger.cursor = 2;
    ledger.news();
    settle();
    advance(200);
    EXPECT_EQ(store.log, "installed; adopted; installed; ");
    EXPECT_EQ(store.cursor, 2);
    EXPECT_EQ(ledger.head, 4);  // pushed again from the ledger's head, and the adoption
}

TEST_F(RunnerTest, AStoreThatThrowsEndsTheLoop) {
    store.broken = true;
    runner->start();
    context.restart();
    EXPECT_THROW(context.poll(), std::runtime_error);
}

TEST_F(RunnerTest, StopLeavesNothingBehind) {
    start();
    runner->stop();
    settle();
    const int hellos = ledger.hellos;
    runner->journal_grew();
    runner->set_mode(LinkMode::down);
    advance(60'000);
    EXPECT_EQ(ledger.hellos, hellos);
}

TEST_F(RunnerTest, ReturnsWhatLiesIdle) {
    start();
    advance(11'000);
    EXPECT_EQ(store.log, "installed; idle; compared 0; idle; ");
}

TEST_F(RunnerTest, ComparesByDigestAndTellsRowsOnlyWhereItDiffers) {
    ledger.lost_row = true;
    start();
    advance(6'000);
    EXPECT_EQ(ledger.asked_to_compare, (std::vector<std::string>{"held", "balances", "balances rows"}));
    EXPECT_EQ(store.log, "installed; idle; compared 1; ");
    EXPECT_TRUE(runner->up());
}

TEST_F(RunnerTest, AComparisonUnderWhichEntriesAreWrittenIsTriedAgain) {
    start();
    store.busy_at_till = true;  // each look finds an entry that is not pushed
    advance(5'000);
    EXPECT_EQ(store.log, "installed; idle; ");
    store.busy_at_till = false;
    runner->journal_grew();
    settle();
    advance(5'000);
    EXPECT_EQ(store.log, "installed; idle; idle; compared 0; ");
}

TEST_F(RunnerTest, AnOlderLedgerThatKnowsNoComparisonIsLeftInPeace) {
    ledger.old = true;
    start();
    advance(20'000);
    EXPECT_TRUE(runner->up());
    EXPECT_EQ(store.log, "installed; idle; idle; idle; idle; ");
}

TEST_F(RunnerTest, ComparesAtOnceWhenAskedAndSaysWhereItCannot) {
    ledger.lost_row = true;
    const auto compare = [this] {
        const auto out = std::make_shared<std::string>("pending");
        auto call = [](Link& link) -> awaitable<std::string> {
            const Result<Comparison> got = co_await link.compare();
            co_return got ? got->different.at(0).difference.subject : got.error().code;
        };
        asio::co_spawn(context, call(*runner),
                       [out](std::exception_ptr, std::string got) { *out = std::move(got); });
        settle();
        return *out;
    };
    EXPECT_EQ(compare(), "link_required");
    start();
    EXPECT_EQ(compare(), "lot:B");
    EXPECT_EQ(store.log, "installed; compared 1; ");
    ledger.reachable = false;
    EXPECT_EQ(compare(), "link_required");
    EXPECT_FALSE(runner->up());
}

}  // namespace
}  // namespace obol::uplink
