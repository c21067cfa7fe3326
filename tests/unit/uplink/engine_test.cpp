#include "sync/uplink/engine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "sync/core/overloaded.hpp"

namespace obol::uplink {
namespace {

journal::Hash hash(int n) {
    journal::Hash out{};
    out[0] = static_cast<std::uint8_t>(n);
    return out;
}

std::string_view name_of(Timer timer) {
    static constexpr std::string_view names[] = {"watch-control", "watch-push", "watch-feed",
                                                 "retry",         "flap",       "idle"};
    return names[static_cast<std::size_t>(timer)];
}

std::string delayed(Millis delay) {
    return delay > Millis{0} ? " +" + std::to_string(delay.count()) : "";
}

// One word or two per action, so that a test reads as a table of what was done.
std::string show(const Action& action) {
    return std::visit(
        overloaded{
            [](const act::ReadPosition&) -> std::string { return "position"; },
            [](const act::SayHello& a) {
                return "hello " + std::to_string(a.hello.head.seq) + "/" +
                       std::to_string(a.hello.acked_seq) + " g" +
                       std::to_string(a.hello.generation) + delayed(a.delay);
            },
            [](const act::FindHash& a) { return "hash " + std::to_string(a.seq); },
            [](const act::Adopt& a) { return "adopt g" + std::to_string(a.generation); },
            [](const act::StopForGood& a) { return "STOP: " + a.why; },
            [](const act::FetchSnapshot& a) {
                return std::string("snapshot") + (a.ask.id.empty() ? "" : " " + a.ask.id + ":" + a.ask.after) + delayed(a.delay);
            },
            [](const act::Stage& a) { return "stage " + std::to_string(a.page.cursor); },
            [](const act::Install&) { return std::string("install"); },
            [](const act::ReadBatch& a) { return "read " + std::to_string(a.from_seq); },
            [](const act::SendPush& a) {
                return "push " + std::to_string(a.push.from_seq) + "x" +
                       std::to_string(a.push.entries.size()) + delayed(a.delay);
            },
            [](const act::Acknowledge& a) { return "ack " + std::to_string(a.head.seq); },
            [](const act::Take& a) {
                std::string out = "take";
                for (const auto& grant : a.grants) out += " " + std::to_string(grant.ask);
                return out;
            },
            [](const act::AskFeed& a) {
                return "feed " + std::to_string(a.ask.cursor) + " g" +
                       std::to_string(a.ask.generation) + " wait" + std::to_string(a.ask.wait_ms) +
                       (a.ask.seen.empty() ? "" : " seen:" + a.ask.seen) + delayed(a.delay);
            },
            [](const act::Apply& a) { return "apply " + std::to_string(a.page.to); },
            [](const act::AskPlacement&) -> std::string { return "placement"; },
            [](const act::ReturnIdle&) -> std::string { return "return-idle"; },
            [](const act::CompareRows& a) { return "compare" + delayed(a.delay); },
            [](const act::SetTimer& a) {
                return "set " + std::string(name_of(a.timer)) + " " +
                       std::to_string(a.delay.count());
            },
            [](const act::StopTimer&) -> std::string { return ""; },
            [](const act::Cut&) -> std::string { return "CUT"; },
            [](const act::LinkChanged&) -> std::string { return "link"; },
        },
        action.what);
}

class EngineTest : public ::testing::Test {
protected:
    // What the engine does about it, as one line; timers only where `with_timers`.
    std::string on(Event event) {
        const Actions actions = engine.on(std::move(event), moment);
        std::string out;
        for (const Action& action : actions) {
            const std::string word = show(action);
            if (word.empty()) continue;
            if (!with_timers && word.starts_with("set ")) {
                timers.insert(word);
                continue;
            }
            out += (out.empty() ? "" : "; ") + word;
        }
        return out;
    }
    std::string control(Outcome what) { return on(LaneEvent{Lane::control, std::move(what)}); }
    std::string push(Outcome what) { return on(LaneEvent{Lane::push, std::move(what)}); }
    std::string feed(Outcome what) { return on(LaneEvent{Lane::feed, std::move(what)}); }
    std::string idle(Outcome what) { return on(LaneEvent{Lane::idle, std::move(what)}); }

    Position position(std::int64_t seq = 10, std::int64_t acked = 8, std::int64_t generation = 1,
                      std::int64_t cursor = 50) {
        Position p;
        p.head = {seq, hash(static_cast<int>(seq))};
        p.acked_seq = acked;
        p.generation = generation;
        p.cursor = cursor;
        return p;
    }
    wire::Welcome welcome(std::int64_t seq, std::int64_t generation = 1) {
        return {generation,
                {seq, seq == 0 ? journal::Hash{} : hash(static_cast<int>(seq))},
                wire::HolderStatus::active,
                moment.now};
    }
    Batch batch(std::int64_t from, std::int64_t to) {
        Batch b;
        b.from_seq = from;
        for (std::int64_t i = from; i <= to; ++i) b.entries.push_back({1});
        b.last = {to, hash(static_cast<int>(to))};
        return b;
    }
    wire::Receipt receipt(std::int64_t seq) {
        return {{seq, hash(static_cast<int>(seq))}, {}, {}, {}};
    }
    wire::Grant grant(std::int64_t ask) { return {ask, hash(static_cast<int>(ask)), {}, {}}; }
    wire::Page page(std::int64_t from, std::int64_t to, std::string news = "") {
        wire::Page p;
        p.from = from;
        p.to = to;
        p.news = std::move(news);
        return p;
    }
    Fault gone() { return {"unreachable", "refused"}; }

    // Up, with nothing to push and the feed waiting.
    void connect(std::int64_t seq = 10) {
        on(event::Start{});
        control(event::PositionRead{position(seq, seq)});
        control(event::Welcomed{welcome(seq)});
        push(event::BatchRead{});
        EXPECT_TRUE(engine.state().up);
    }
    // The session fails and all that ran has reported.
    void lose() {
        feed(event::Failed{gone()});
        EXPECT_FALSE(engine.state().up);
    }

    Engine engine;
    Moment moment{from_millis(1'000'000), 0x80000000u};
    bool with_timers = false;
    std::set<std::string> timers;
};

TEST_F(EngineTest, GreetsComparesThenPushesAndPulls) {
    EXPECT_EQ(on(event::Start{}), "position");
    EXPECT_EQ(control(event::PositionRead{position()}), "hello 10/8 g1");
    EXPECT_FALSE(engine.state().up);
    EXPECT_EQ(control(event::Welcomed{welcome(8)}), "hash 8");
    EXPECT_EQ(control(event::HashFound{hash(8)}), "link; feed 50 g1 wait25000; read 9");
    EXPECT_TRUE(engine.state().up);
    EXPECT_EQ(push(event::BatchRead{batch(9, 10)}), "push 9x2");
    EXPECT_EQ(push(event::Receipted{receipt(10)}), "ack 10");
    EXPECT_EQ(push(event::Done{}), "read 11");
    EXPECT_EQ(push(event::BatchRead{}), "");
    EXPECT_EQ(feed(event::PageCame{page(50, 53, "n1")}), "apply 53");
    EXPECT_EQ(feed(event::Applied{true}), "read 11; feed 53 g1 wait25000 seen:n1");
}

TEST_F(EngineTest, ResendsAfterALostReceiptFromTheLedgersHead) {
    on(event::Start{});
    control(event::PositionRead{position()});
    control(event::Welcomed{welcome(8)});
    control(event::HashFound{hash(8)});
    push(event::BatchRead{batch(9, 10)});
    EXPECT_EQ(push(event::Failed{gone()}), "CUT; link");  // booked or not: nobody here knows
    feed(event::Failed{gone()});
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "position");
    EXPECT_EQ(control(event::PositionRead{position()}), "hello 10/8 g1");
    // It was: the welcome stands for the receipt, or the queue would never be seen to be empty.
    EXPECT_EQ(control(event::Welcomed{welcome(10)}), "link; feed 50 g1 wait25000; ack 10");
    EXPECT_EQ(on(event::JournalGrew{}), "");
    EXPECT_EQ(push(event::Done{}), "read 11");
}

TEST_F(EngineTest, StartsNoSessionBeforeTheLastHasReportedEverything) {
    connect();
    on(event::JournalGrew{});  // a read is running on the push lane
    lose();
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "");
    EXPECT_EQ(push(event::BatchRead{batch(11, 12)}),
              "position");  // and what was read is asked anew
}

TEST_F(EngineTest, PushesAtOnceWhenTheJournalGrewOrRightAfterThePushThatRuns) {
    connect();
    EXPECT_EQ(on(event::JournalGrew{}), "read 11");
    EXPECT_EQ(on(event::JournalGrew{}), "");
    EXPECT_EQ(push(event::BatchRead{batch(11, 11)}), "push 11x1");
    EXPECT_EQ(on(event::JournalGrew{}), "");
    EXPECT_EQ(push(event::Receipted{receipt(11)}), "ack 11");
    EXPECT_EQ(push(event::Done{}), "read 12");
    EXPECT_EQ(on(event::JournalGrew{}), "");  // while an empty read is on its way
    EXPECT_EQ(push(event::BatchRead{}), "read 12");
    EXPECT_EQ(push(event::BatchRead{}), "");
}

TEST_F(EngineTest, AcknowledgesAPartlyBookedPushAfterFindingTheHeadInItsOwnChain) {
    connect();
    on(event::JournalGrew{});
    push(event::BatchRead{batch(11, 15)});
    EXPECT_EQ(push(event::Receipted{receipt(13)}), "hash 13");
    EXPECT_EQ(push(event::HashFound{hash(13)}), "ack 13");
    EXPECT_EQ(push(event::Done{}), "read 14");
}

TEST_F(EngineTest, GoesOnWhereALatePushOfAnEarlierSessionGotBooked) {
    connect();
    on(event::JournalGrew{});
    push(event::BatchRead{batch(11, 12)});
    EXPECT_EQ(push(event::Receipted{receipt(14)}), "hash 14");
    EXPECT_EQ(push(event::HashFound{hash(14)}), "ack 14");
    EXPECT_EQ(push(event::Done{}), "read 15");
}

TEST_F(EngineTest, AReceiptThatBookedNothingFailsTheSession) {
    connect();
    on(event::JournalGrew{});
    push(event::BatchRead{batch(11, 12)});
    EXPECT_EQ(push(event::Receipted{receipt(10)}), "CUT; link");
    EXPECT_EQ(engine.state().why, "the ledger booked nothing of what was pushed");
}

TEST_F(EngineTest, TakesGrantsOfReceiptsAndOfPagesAsOftenAsTheyCome) {
    connect();
    on(event::JournalGrew{});
    push(event::BatchRead{batch(11, 11)});
    wire::Receipt with_grant = receipt(11);
    with_grant.grants = {grant(11)};
    EXPECT_EQ(push(event::Receipted{with_grant}), "ack 11");
    EXPECT_EQ(push(event::Done{}), "take 11");
    EXPECT_EQ(push(event::Done{}), "read 12");
    wire::Page again = page(50, 51, "n");
    again.grants = {grant(11)};
    EXPECT_EQ(feed(event::PageCame{again}), "apply 51");
    EXPECT_EQ(feed(event::Applied{true}), "take 11");
    EXPECT_EQ(feed(event::Done{}), "feed 51 g1 wait25000 seen:n");
    EXPECT_EQ(push(event::BatchRead{}), "read 12");  // the taking may have come after that read
}

TEST_F(EngineTest, AsksForPlacementWhereThePageOffersIt) {
    connect();
    wire::Page offer = page(50, 51, "p");
    offer.placement = true;
    offer.grants = {grant(3)};
    EXPECT_EQ(feed(event::PageCame{offer}), "apply 51");
    EXPECT_EQ(feed(event::Applied{true}), "take 3");
    EXPECT_EQ(feed(event::Done{}), "placement");
    EXPECT_EQ(feed(event::Done{}), "read 11; feed 51 g1 wait25000 seen:p");
}

TEST_F(EngineTest, PullsAtOnceWhileThereIsMore) {
    connect();
    wire::Page first = page(50, 90);
    first.more = true;
    feed(event::PageCame{first});
    EXPECT_EQ(feed(event::Applied{true}), "read 11; feed 90 g1 wait0");
    feed(event::PageCame{page(90, 95)});
    EXPECT_EQ(feed(event::Applied{true}), "feed 95 g1 wait25000");
}

// What may be spent at risk stands with the venue and its business. Asking from there tells the ledger that the former
// allowance counts no more, so what was spent by it goes first.
class NewRules : public EngineTest {
protected:
    void SetUp() override {
        connect();
        wire::Page rules = page(50, 51, "r");
        rules.facts.push_back({"venue", "nic", false, {}});
        EXPECT_EQ(feed(event::PageCame{rules}), "apply 51");
        EXPECT_EQ(feed(event::Applied{true}), "read 11; position");
    }
    std::string next_ask() const { return "feed 51 g1 wait25000 seen:r"; }
};

TEST_F(NewRules, WhatWasSpentByTheFormerOnesIsToldBeforeTheNextQuestion) {
    EXPECT_EQ(feed(event::PositionRead{position(12, 10)}), "");
    EXPECT_EQ(push(event::BatchRead{}), "read 11");  // it had looked before those were written
    EXPECT_EQ(push(event::BatchRead{batch(11, 11)}), "push 11x1");
    EXPECT_EQ(push(event::Receipted{receipt(11)}), "ack 11");
    EXPECT_EQ(push(event::Done{}), "read 12");
    EXPECT_EQ(push(event::BatchRead{batch(12, 13)}), "push 12x2");
    EXPECT_EQ(push(event::Receipted{receipt(13)}), "ack 13");
    EXPECT_EQ(push(event::Done{}), next_ask() + "; read 14");
}

TEST_F(NewRules, WithNothingToTellTheQuestionFollowsAtOnce) {
    EXPECT_EQ(feed(event::PositionRead{position(10, 10)}), next_ask());
}

TEST_F(NewRules, WhereNothingIsLeftToReadNothingIsWaitedFor) {
    push(event::BatchRead{});
    EXPECT_EQ(feed(event::PositionRead{position(12, 10)}), "read 11");
    EXPECT_EQ(push(event::BatchRead{}), next_ask());
}

TEST_F(NewRules, ASessionThatEndsMeanwhileLeavesNothingWaiting) {
    EXPECT_EQ(feed(event::PositionRead{position(12, 10)}), "");
    EXPECT_EQ(push(event::BatchRead{}), "read 11");
    EXPECT_EQ(push(event::BatchRead{batch(11, 12)}), "push 11x2");
    EXPECT_EQ(push(event::Failed{gone()}), "link");
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "position");
    control(event::PositionRead{position(12, 10, 1, 51)});
    EXPECT_EQ(control(event::Welcomed{welcome(12)}), "link; feed 51 g1 wait25000; ack 12");
    EXPECT_EQ(push(event::Done{}), "read 13");
}

TEST_F(EngineTest, TakesASnapshotBeforeTheFirstPage) {
    on(event::Start{});
    control(event::PositionRead{position(1, 0, 1, 0)});
    EXPECT_EQ(control(event::Welcomed{welcome(0)}), "link; snapshot; read 1");
    wire::SnapshotPage page;
    page.id = "s";
    page.cursor = 70;
    EXPECT_EQ(feed(event::SnapshotCame{page}), "stage 70");
    EXPECT_EQ(feed(event::Applied{true}), "install");
    EXPECT_EQ(feed(event::Done{}), "position");
    EXPECT_EQ(feed(event::PositionRead{position(0, 0)}), "feed 70 g1 wait25000");
}

class SnapshotTest : public EngineTest {
protected:
    // The feed lane's answer: a page of snapshot `id`.
    std::string page(std::string id, std::string after, std::string next) {
        wire::SnapshotPage out;
        out.id = std::move(id);
        out.cursor = 70;
        out.after = std::move(after);
        out.next = std::move(next);
        return feed(event::SnapshotCame{std::move(out)});
    }
    void greet(wire::SnapshotAsk staged, std::string_view expected) {
        on(event::Start{});
        Position nothing = position();
        nothing.cursor = 0;
        nothing.head = {};
        nothing.acked_seq = 0;
        nothing.staged = std::move(staged);
        control(event::PositionRead{nothing});
        EXPECT_EQ(control(event::Welcomed{welcome(0)}), expected);
    }
};

TEST_F(SnapshotTest, ComesPageByPageAndIsInForceWhenAllAreStaged) {
    greet({}, "link; snapshot; read 1");
    EXPECT_EQ(page("s", "", "f:b"), "stage 70");
    EXPECT_EQ(feed(event::Applied{true}), "snapshot s:f:b");
    EXPECT_EQ(page("s", "f:b", "f:c"), "stage 70");
    EXPECT_EQ(feed(event::Applied{true}), "snapshot s:f:c");
    EXPECT_EQ(page("s", "f:c", ""), "stage 70");
    EXPECT_EQ(feed(event::Applied{true}), "install");
    EXPECT_EQ(feed(event::Done{}), "position");
    EXPECT_EQ(feed(event::PositionRead{position(0, 0)}), "feed 70 g1 wait25000");
}

TEST_F(SnapshotTest, GoesOnWhereTheLastSessionWasCut) {
    greet({"s", "f:b"}, "link; snapshot s:f:b; read 1");
    EXPECT_EQ(page("s", "f:b", ""), "stage 70");
    EXPECT_EQ(feed(event::Applied{true}), "install");
}

TEST_F(SnapshotTest, BeginsAnewWhenTheLedgerKeepsThatMomentNoMore) {
    greet({"s", "f:b"}, "link; snapshot s:f:b; read 1");
    EXPECT_EQ(feed(event::Failed{{"snapshot_gone", ""}}), "snapshot");
    EXPECT_EQ(page("t", "", ""), "stage 70");
}

TEST_F(SnapshotTest, RefusesAPageThatWasNotAskedFor) {
    using Texts = std::array<const char*, 3>;
    for (const auto& [id, after, next] : {Texts{"t", "f:b", "f:c"}, Texts{"s", "f:a", "f:c"}, Texts{"s", "f:b", "f:b"}}) {
        engine = Engine{};
        greet({"s", "f:b"}, "link; snapshot s:f:b; read 1");
        EXPECT_TRUE(page(id, after, next).starts_with("CUT; link")) << id << after << next;
    }
}

TEST_F(EngineTest, ASnapshotOfAnotherGenerationIsNotInstalled) {
    on(event::Start{});
    control(event::PositionRead{position(1, 0, 1, 0)});
    control(event::Welcomed{welcome(0)});
    wire::SnapshotPage page;
    page.generation = 2;
    EXPECT_EQ(feed(event::SnapshotCame{page}), "CUT; link");
}

// --- A6
// ---------------------------------------------------------------------------------------------

TEST_F(EngineTest, AdoptsAHigherGenerationBeforeAnythingElseAndAsksForASnapshot) {
    on(event::Start{});
    control(event::PositionRead{position()});
    EXPECT_EQ(control(event::Welcomed{welcome(10, 4)}), "adopt g4");
    EXPECT_EQ(control(event::Done{}), "link; snapshot; ack 10");
    wire::SnapshotPage page;
    page.generation = 4;
    page.cursor = 20;
    EXPECT_EQ(feed(event::SnapshotCame{page}), "stage 20");
    EXPECT_EQ(feed(event::Applied{true}), "install");
    EXPECT_EQ(feed(event::Done{}), "position");
    EXPECT_EQ(feed(event::PositionRead{position()}), "feed 20 g4 wait25000");
}

TEST_F(EngineTest, AdoptsTheFirstGenerationOfAll) {
    on(event::Start{});
    control(event::PositionRead{position(1, 0, 0, 0)});
    EXPECT_EQ(control(event::Welcomed{welcome(0, 1)}), "adopt g1");
}

TEST_F(EngineTest, RefusesTheLinkToALedgerOfALowerGenerationAndSaysSo) {
    on(event::Start{});
    control(event::PositionRead{position(10, 8, 3)});
    with_timers = true;
    EXPECT_EQ(control(event::Welcomed{welcome(99, 2)}),
              "link; set retry 7501");  // at the ceiling: no hurry
    EXPECT_TRUE(engine.state().why.starts_with("ledger_generation_behind"));
    EXPECT_FALSE(engine.state().up);
}

TEST_F(EngineTest, APageOfAnotherGenerationSaysHelloAnew) {
    connect();
    wire::Page other = page(50, 51);
    other.generation = 2;
    EXPECT_EQ(feed(event::PageCame{other}), "link");
    on(event::TimerFired{Timer::retry});
    control(event::PositionRead{position()});
    EXPECT_EQ(control(event::Welcomed{welcome(10, 2)}), "adopt g2");
}

TEST_F(EngineTest, APageThatDoesNotBeginAtTheCursorLeadsToASnapshot) {
    connect();
    EXPECT_EQ(feed(event::PageCame{page(40, 51)}), "link");
    on(event::TimerFired{Timer::retry});
    control(event::PositionRead{position(10, 10)});
    EXPECT_EQ(control(event::Welcomed{welcome(10)}), "link; snapshot; read 11");
}

TEST_F(EngineTest, APageThatTheStoreDoesNotTakeStartsOver) {
    connect();
    feed(event::PageCame{page(50, 51)});
    EXPECT_EQ(feed(event::Applied{false}), "link");
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "position");
}

// --- A7
// ---------------------------------------------------------------------------------------------

TEST_F(EngineTest, StopsForGoodWhereTheLedgersHeadIsAheadButPushesWhatItHas) {
    on(event::Start{});
    control(event::PositionRead{position(10, 8)});
    EXPECT_EQ(control(event::Welcomed{welcome(12)}),
              "STOP: the ledger's head is ahead of the journal");
    EXPECT_EQ(control(event::Done{}), "link");
    Position stopped = position(10, 8);
    stopped.stopped = true;
    stopped.stopped_why = "the ledger's head is ahead of the journal";
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "position");
    control(event::PositionRead{stopped});
    EXPECT_EQ(control(event::Welcomed{welcome(12)}),
              "link; read 9");  // from what it knows as acknowledged
    EXPECT_EQ(push(event::BatchRead{batch(9, 10)}), "push 9x2");
    wire::Receipt forked = receipt(12);
    forked.status = wire::HolderStatus::quarantined;
    forked.grants = {grant(3)};
    EXPECT_EQ(push(event::Receipted{forked}), "read 11");  // no acknowledgement, no taking
    EXPECT_EQ(push(event::BatchRead{}), "");
    EXPECT_EQ(on(event::JournalGrew{}), "");  // once is enough
    EXPECT_EQ(engine.state().why, stopped.stopped_why);
}

TEST_F(EngineTest, StopsForGoodWhereTheLedgerKnowsAnotherHash) {
    on(event::Start{});
    control(event::PositionRead{position()});
    control(event::Welcomed{welcome(8)});
    EXPECT_EQ(control(event::HashFound{hash(99)}),
              "STOP: the ledger knows another journal of this device");
}

TEST_F(EngineTest, StopsForGoodWhereItsOwnHashIsNotThere) {
    on(event::Start{});
    control(event::PositionRead{position()});
    control(event::Welcomed{welcome(8)});
    EXPECT_EQ(control(event::HashFound{}), "STOP: the ledger knows another journal of this device");
}

TEST_F(EngineTest, StopsForGoodAtTheSameHeadWithAnotherHash) {
    on(event::Start{});
    control(event::PositionRead{position()});
    wire::Welcome other = welcome(10);
    other.head.hash = hash(77);
    EXPECT_EQ(control(event::Welcomed{other}),
              "STOP: the ledger knows another journal of this device");
}

TEST_F(EngineTest, StopsForGoodWhereTheStatusIsNotActiveInAnyAnswer) {
    using Status = wire::HolderStatus;
    for (const Status status : {Status::quarantined, Status::written_off, Status::revoked}) {
        const std::string stop = "STOP: the ledger says " + std::string(wire::name_of(status));
        engine = Engine{};
        on(event::Start{});
        control(event::PositionRead{position()});
        wire::Welcome unwelcome = welcome(10, 5);
        unwelcome.status = status;
        EXPECT_EQ(control(event::Welcomed{unwelcome}), stop);  // writes nothing: no adoption either
        engine = Engine{};
        connect();
        wire::Page bad = page(50, 51);
        bad.status = status;
        EXPECT_EQ(feed(event::PageCame{bad}), stop);  // and the page is not applied
        engine = Engine{};
        connect();
        on(event::JournalGrew{});
        push(event::BatchRead{batch(11, 11)});
        wire::Receipt refused = receipt(11);
        refused.status = status;
        EXPECT_EQ(push(event::Receipted{refused}), stop);
    }
}

TEST_F(EngineTest, StopsForGoodWhereAReceiptIsOfAnotherJournal) {
    connect();
    on(event::JournalGrew{});
    push(event::BatchRead{batch(11, 11)});
    wire::Receipt other = receipt(11);
    other.head.hash = hash(66);
    EXPECT_EQ(push(event::Receipted{other}),
              "STOP: the ledger knows another journal of this device");
}

TEST_F(EngineTest, AStoppedDeviceOnTheLedgersChainPushesAndAcknowledgesButWritesNothing) {
    Position stopped = position(10, 8);
    stopped.stopped = true;
    on(event::Start{});
    control(event::PositionRead{stopped});
    wire::Welcome quarantined = welcome(8, 2);
    quarantined.status = wire::HolderStatus::quarantined;
    EXPECT_EQ(control(event::Welcomed{quarantined}), "hash 8");
    EXPECT_EQ(control(event::HashFound{hash(8)}), "link; read 9");  // no adoption, no feed
    push(event::BatchRead{batch(9, 10)});
    wire::Receipt with_grant = receipt(10);
    with_grant.status = wire::HolderStatus::quarantined;
    with_grant.grants = {grant(3)};
    EXPECT_EQ(push(event::Receipted{with_grant}), "ack 10");
    EXPECT_EQ(push(event::Done{}), "read 11");
    EXPECT_EQ(push(event::BatchRead{}), "");
    EXPECT_EQ(on(event::TimerFired{Timer::idle}), "position");  // looks again, returns nothing
}

// --- failure and back-off
// ---------------------------------------------------------------------------

TEST_F(EngineTest, AnyLaneThatFailsCutsTheOtherAndTheLinkIsDown) {
    connect();
    on(event::JournalGrew{});
    moment.now += Millis{5000};
    EXPECT_EQ(push(event::Failed{gone()}), "CUT; link");
    EXPECT_FALSE(engine.state().up);
    EXPECT_EQ(engine.state().why, "unreachable: refused");
    EXPECT_EQ(engine.state().since, moment.now);
    EXPECT_EQ(feed(event::Failed{gone()}), "");
}

TEST_F(EngineTest, ASilentFeedIsAFailureFiveSecondsAfterItsWait) {
    with_timers = true;
    on(event::Start{});
    EXPECT_EQ(control(event::PositionRead{position(10, 10)}),
              "hello 10/10 g1; set watch-control 10000");
    EXPECT_EQ(control(event::Welcomed{welcome(10)}),
              "link; set idle 5000; feed 50 g1 wait25000; set watch-feed 30000; read 11");
    EXPECT_EQ(on(event::TimerFired{Timer::watch_feed}), "CUT; link; set retry 101");
    EXPECT_EQ(engine.state().why, "no answer: the link is half open");
}

TEST_F(EngineTest, BacksOffWithFullJitterUpToItsCapAndStartsAnewAfterProgress) {
    const auto pause_after_failure = [&](std::uint32_t dice) {
        moment.dice = dice;
        timers.clear();
        control(event::Failed{gone()});
        const std::string set = timers.empty() ? "" : *timers.begin();
        on(event::TimerFired{Timer::retry});
        control(event::PositionRead{position(10, 10)});
        return set;
    };
    on(event::Start{});
    control(event::PositionRead{position(10, 10)});
    const std::uint32_t most = 0xffffffffu;
    EXPECT_EQ(pause_after_failure(most), "set retry 200");
    EXPECT_EQ(pause_after_failure(most), "set retry 400");
    EXPECT_EQ(pause_after_failure(0), "set retry 1");
    EXPECT_EQ(pause_after_failure(most), "set retry 1600");
    EXPECT_EQ(pause_after_failure(0x80000000u), "set retry 1601");
    for (int i = 0; i < 40; ++i) pause_after_failure(most);
    EXPECT_EQ(pause_after_failure(most), "set retry 15000");

    // A hello alone is no progress: a ledger that greets and then fails must not be hammered.
    control(event::Welcomed{welcome(10)});
    push(event::BatchRead{});
    timers.clear();
    feed(event::Failed{gone()});
    EXPECT_EQ(*timers.begin(), "set retry 15000");
    on(event::TimerFired{Timer::retry});
    control(event::PositionRead{position(10, 10)});
    control(event::Welcomed{welcome(10)});
    push(event::BatchRead{});
    feed(event::PageCame{page(50, 51)});
    feed(event::Applied{true});
    push(event::BatchRead{});
    timers.clear();
    feed(event::Failed{gone()});
    EXPECT_EQ(*timers.begin(), "set retry 200");
}

TEST_F(EngineTest, AFailedDirectQuestionIsAFailureOfTheLink) {
    connect();
    EXPECT_EQ(on(event::DirectFailed{gone()}), "CUT; link");
    EXPECT_EQ(on(event::DirectFailed{gone()}), "");
}

TEST_F(EngineTest, ReturnsIdleAuthorityEveryFewSecondsWhileTheLinkIsUp) {
    connect();
    with_timers = true;
    EXPECT_EQ(on(event::TimerFired{Timer::idle}), "set idle 5000; return-idle");
    EXPECT_EQ(on(event::TimerFired{Timer::idle}), "set idle 5000");  // the last one is still at it
    EXPECT_EQ(idle(event::Done{}), "read 11; compare");
    EXPECT_EQ(push(event::BatchRead{}), "");
    feed(event::Failed{gone()});
    EXPECT_EQ(on(event::TimerFired{Timer::idle}), "");
}

TEST_F(EngineTest, ComparesInEachSessionUntilItCouldAndThenEveryHour) {
    const auto after_idle = [this] {
        on(event::TimerFired{Timer::idle});
        const std::string done = idle(event::Done{});
        push(event::BatchRead{});
        return done;
    };
    connect();
    EXPECT_EQ(after_idle(), "read 11; compare");
    EXPECT_EQ(idle(event::RowsCompared{false}), "");  // the till was busy
    EXPECT_EQ(after_idle(), "read 11; compare");
    EXPECT_EQ(idle(event::RowsCompared{true}), "");
    EXPECT_EQ(after_idle(), "read 11");
    moment.now += Millis{3'599'999};
    EXPECT_EQ(after_idle(), "read 11");
    moment.now += Millis{1};
    EXPECT_EQ(after_idle(), "read 11; compare");
    idle(event::RowsCompared{true});

    // A link that came back a moment later has nothing new to compare; after ten minutes it has.
    const auto again = [this] {
        feed(event::Failed{gone()});
        on(event::TimerFired{Timer::retry});
        control(event::PositionRead{position(10, 10)});
        control(event::Welcomed{welcome(10)});
        push(event::BatchRead{});
    };
    again();
    EXPECT_EQ(after_idle(), "read 11");
    moment.now += Millis{600'000};
    again();
    EXPECT_EQ(after_idle(), "read 11; compare");
}

TEST_F(EngineTest, AComparisonThatLosesTheLinkEndsTheSession) {
    connect();
    on(event::TimerFired{Timer::idle});
    idle(event::Done{});
    EXPECT_EQ(idle(event::Failed{gone()}), "CUT; link");
    EXPECT_FALSE(engine.state().up);
}

// --- modes
// ------------------------------------------------------------------------------------------

TEST_F(EngineTest, ModeDownCutsAndSendsNothingUntilUpWhichReconnectsAtOnce) {
    connect();
    EXPECT_EQ(on(event::ModeSet{LinkMode::down}), "CUT; link; link");
    EXPECT_FALSE(engine.state().up);
    feed(event::Failed{gone()});
    EXPECT_EQ(on(event::TimerFired{Timer::retry}), "");
    EXPECT_EQ(on(event::JournalGrew{}), "");
    EXPECT_EQ(on(event::ModeSet{LinkMode::up}), "link; position");
}

TEST_F(EngineTest, ModeUpDoesNotWaitForTheBackOff) {
    connect();
    lose();
    on(event::ModeSet{LinkMode::slow});
    EXPECT_EQ(control(event::PositionRead{position(10, 10)}), "hello 10/10 g1 +2000");
}

TEST_F(EngineTest, ModeSlowDelaysEachExchangeAndWatchesLonger) {
    on(event::ModeSet{LinkMode::slow});
    with_timers = true;
    EXPECT_EQ(on(event::Start{}), "position");
    EXPECT_EQ(control(event::PositionRead{position(10, 10)}),
              "hello 10/10 g1 +2000; set watch-control 12000");
    EXPECT_EQ(control(event::Welcomed{welcome(10)}),
              "link; set idle 5000; feed 50 g1 wait25000 +2000; set watch-feed 32000; read 11");
    EXPECT_EQ(push(event::BatchRead{batch(11, 11)}), "push 11x1 +2000; set watch-push 32000");
}

TEST_F(EngineTest, ModeFlappingIsOneSecondUpAndOneDown) {
    connect();
    with_timers = true;
    EXPECT_EQ(on(event::ModeSet{LinkMode::flapping}), "set flap 1000; link");
    EXPECT_TRUE(engine.state().up);
    EXPECT_EQ(on(event::TimerFired{Timer::flap}), "set flap 1000; CUT; link");
    EXPECT_FALSE(engine.state().up);
    EXPECT_EQ(feed(event::Failed{gone()}), "");
    EXPECT_EQ(on(event::TimerFired{Timer::flap}), "set flap 1000; position");
    EXPECT_EQ(on(event::TimerFired{Timer::flap}), "set flap 1000; CUT");  // it was down all along
    EXPECT_EQ(control(event::PositionRead{position()}), "");
    EXPECT_EQ(on(event::ModeSet{LinkMode::up}), "link; position");
    EXPECT_EQ(on(event::TimerFired{Timer::flap}), "");  // a last one that was under way
}

TEST_F(EngineTest, ALinkSwitchedOffBeforeTheStartStaysOff) {
    on(event::ModeSet{LinkMode::down});
    EXPECT_EQ(on(event::Start{}), "");
    EXPECT_EQ(on(event::ModeSet{LinkMode::up}), "link; position");
}

}  // namespace
}  // namespace obol::uplink
