#include "agent/store/comparison.hpp"
#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;
using std::chrono_literals::operator""s;

struct StoreUplink : UplinkStoreTest {
    Facts& facts() { return store->facts(); }
    Amount held(const Subject& subject) { return facts().funds(subject).held; }
    // The lines of the newest entry if it returns authority, as text.
    std::string returned() {
        const journal::Record record = last();
        const auto* entry = std::get_if<journal::AuthorityReturned>(&record);
        if (entry == nullptr) return "nothing";
        std::string out = entry->why;
        for (const auto& line : entry->lines) out += " " + line.subject + "=" + std::to_string(line.amount.minor);
        return out;
    }
    wire::Page recall_page(std::vector<wire::Recall> recalls) {
        wire::Page out = page();
        out.recalls = std::move(recalls);
        return out;
    }
    void bring_wallet(std::string_view home, const WalletId& id = maria) {
        wire::Page one = page();
        one.facts = {wallet_fact(wallet_of(id, home))};
        ASSERT_TRUE(apply(one));
    }
};

TEST_F(StoreUplink, PositionTellsWhereItStands) {
    top_up(100);
    uplink::Position at = run(uplink->position());
    EXPECT_EQ(at.head.seq, 3);  // opened, adopted, top-up
    EXPECT_EQ(at.generation, 1);
    EXPECT_EQ(at.acked_seq, 0);
    EXPECT_EQ(at.cursor, 0);
    EXPECT_FALSE(at.stopped);
    EXPECT_EQ(facts().pending(), 3);
    run(uplink->acknowledge({2, facts().hash_at(2).value()}));
    EXPECT_EQ(run(uplink->position()).acked_seq, 2);
    run(uplink->acknowledge({1, facts().hash_at(1).value()}));  // late
    run(uplink->acknowledge({3, journal::Hash{}}));             // of another branch
    run(uplink->acknowledge({9, journal::Hash{}}));
    EXPECT_EQ(facts().acked_seq(), 2);
    EXPECT_EQ(facts().pending(), 1);
}

TEST_F(StoreUplink, ABatchFollowsAndIsSignedWhereverItEnds) {
    write<int>([this](WriteTxn& txn) -> Result<int> {
        for (int i = 0; i < 5; ++i) txn.append(top_up_of(10));
        return 1;
    }).value();
    const auto check = [this](const uplink::Batch& batch, std::size_t size) {
        EXPECT_EQ(batch.entries.size(), size);
        EXPECT_EQ(batch.last.hash, journal::hash_of(batch.entries.back()));
        EXPECT_TRUE(crypto::verify(store->key().public_key(), journal::signed_text(store->device(), batch.last),
                                   batch.signature));
    };
    check(run(uplink->read(1, 100, 1 << 20)), 7);
    check(run(uplink->read(3, 2, 1 << 20)), 2);  // ends within the commit
    check(run(uplink->read(1, 100, 1)), 1);      // one entry goes, however large
    EXPECT_EQ(run(uplink->read(3, 2, 1 << 20)).last.seq, 4);
    EXPECT_TRUE(run(uplink->read(8, 10, 1 << 20)).entries.empty());
    EXPECT_EQ(run(uplink->hash_at(2)), facts().hash_at(2));
    EXPECT_EQ(run(uplink->hash_at(99)), std::nullopt);
}

TEST_F(StoreUplink, AGrantIsTakenOnceHoweverOftenItComes) {
    const std::int64_t seq = ask(pocket_of(), 500);
    const wire::Grant one = grant(seq, pocket_of(), 400);
    take(one);
    take(one);
    run(uplink->take({one, one}));
    EXPECT_EQ(held(pocket_of()), Amount{400});
    EXPECT_EQ(facts().head().seq, seq + 1);
    const journal::Record record = last();
    EXPECT_EQ(std::get<journal::AuthorityTaken>(record).ask, seq);
}

TEST_F(StoreUplink, AGrantForAnotherAskIsIgnored) {
    const std::int64_t seq = ask(pocket_of(), 500);
    wire::Grant one = grant(seq, pocket_of(), 400);
    one.ask_hash[0] ^= 1;  // answers the ask of another branch of this chain
    take(one);
    wire::Grant other = grant(1, pocket_of(), 400);  // entry 1 is no ask
    take(other);
    EXPECT_EQ(held(pocket_of()), Amount{});
    EXPECT_EQ(facts().head().seq, seq);
}

TEST_F(StoreUplink, AnEmptyGrantClosesTheAskWithNothing) {
    const std::int64_t seq = ask(pocket_of(), 500);
    take(grant(seq, pocket_of(), 0));
    EXPECT_TRUE(std::get<journal::AuthorityTaken>(last()).lines.empty());
    EXPECT_EQ(count("SELECT count(*) FROM ask WHERE open = 1"), 0);
}

TEST_F(StoreUplink, WhoeverWaitsHearsOnceThatTheAskIsClosed) {
    const std::int64_t seq = ask(pocket_of(), 500);
    int heard = 0, gone = 0;
    uplink->wait_for(seq, [&heard] { ++heard; });
    const auto token = uplink->wait_for(seq, [&gone] { ++gone; });
    uplink->stop_waiting(token);
    turn();
    EXPECT_EQ(heard, 0);
    take(grant(seq, pocket_of(), 500));
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(gone, 0);
    uplink->wait_for(seq, [&heard] { ++heard; });  // too late to miss it
    EXPECT_EQ(heard, 1);
    turn();
    EXPECT_EQ(heard, 2);
}

TEST_F(StoreUplink, WhoCouldNotBeNotedDownIsNotCalled) {
    const std::int64_t seq = ask(pocket_of(), 500);
    const auto rename = [this](const std::string& from, const std::string& to) {
        const auto renamed = write<bool>([&](WriteTxn& txn) -> Result<bool> {
            txn.db().exec("ALTER TABLE " + from + " RENAME TO " + to);
            return true;
        });
        ASSERT_TRUE(renamed);
    };
    rename("ask", "unreadable");  // as a disk that fails to read
    int heard = 0;
    EXPECT_THROW(uplink->wait_for(seq, [&heard] { ++heard; }), sql::SqlError);
    rename("unreadable", "ask");
    take(grant(seq, pocket_of(), 500));
    turn();
    EXPECT_EQ(heard, 0);
}

TEST_F(StoreUplink, AuthorityWithAnEndIsNotSpentBeyondItAndGoesBack) {
    const std::int64_t seq = ask(pocket_of(), 500);
    wire::Grant one = grant(seq, pocket_of(), 500);
    one.not_after = clock.at + 60s;
    take(one);
    EXPECT_EQ(held(pocket_of()), Amount{500});
    clock.at += 60s;
    EXPECT_EQ(held(pocket_of()), Amount{});
    clock.at -= 3600s;
    top_up(1, WalletId{"other"});
    clock.at += 3600s;
    run(uplink->return_idle());
    EXPECT_EQ(returned(), "expiry business:maria:aroma=500");
}

TEST_F(StoreUplink, TheSameAskIsNotWrittenAgainWhileItIsOpen) {
    const std::int64_t first = ask(pocket_of(), 500);
    EXPECT_EQ(ask(pocket_of(), 500), first);
    const std::int64_t more = ask(pocket_of(), 600);
    EXPECT_EQ(more, first + 1);
    EXPECT_EQ(ask(pocket_of(), 500), first);
    take(grant(first, pocket_of(), 200));
    EXPECT_GT(ask(pocket_of(), 500), more);  // the first was answered
}

TEST_F(StoreUplink, APageIsAppliedOnceInItsPlace) {
    wire::Page one = page();
    one.balances = {{pocket_of(), Amount{700}, eur}};
    EXPECT_TRUE(run(uplink->apply(one)));
    EXPECT_FALSE(run(uplink->apply(one)));  // again: the cursor is past it
    wire::Page other = one;
    other.from = 1;
    other.generation = 2;
    EXPECT_FALSE(run(uplink->apply(other)));
    other.generation = 1;
    other.from = 5;
    EXPECT_FALSE(run(uplink->apply(other)));
    EXPECT_EQ(run(uplink->position()).cursor, 1);
    EXPECT_EQ(pocket().shown, Amount{700});
    EXPECT_EQ(pocket().held, Amount{});  // no page brings authority
}

// The venue's zone, for one, is what the last facts say, not what they said when the link came up.
TEST_F(StoreUplink, WhoGoesByFactsHearsOfOthersAtOnce) {
    int heard = 0;
    uplink->on_facts([&heard] { ++heard; });
    wire::Page balances = page();
    balances.balances = {{pocket_of(), Amount{700}, eur}};
    ASSERT_TRUE(run(uplink->apply(balances)));
    EXPECT_EQ(heard, 0);
    wire::Page facts = balances;
    facts.from = 1;
    facts.to = 2;
    facts.facts = {{"venue", "lim", false, {{"id", "lim"}, {"business", "aroma"}, {"name", "Limassol"}, {"zone", "Europe/Athens"}}}};
    ASSERT_TRUE(run(uplink->apply(facts)));
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(store->facts().venue(VenueId{"lim"})->zone, "Europe/Athens");
    EXPECT_FALSE(run(uplink->apply(facts)));  // it does not fit again
    EXPECT_EQ(heard, 1);
    run(uplink->install(wire::Snapshot{}));
    EXPECT_EQ(heard, 2);
}

TEST_F(StoreUplink, ShownIsCentralAsOfPlusOwnEntriesAfter) {
    acquire(pocket_of(), 1000);
    wire::Page first = page();
    first.balances = {{pocket_of(), Amount{5000}, eur}};
    ASSERT_TRUE(apply(first));
    spend(100);
    const std::int64_t booked = facts().head().seq;
    spend(30);
    EXPECT_EQ(pocket().shown, Amount{4870});
    // The centre has booked the first spend, and somebody elsewhere spent 500.
    wire::Page second = page();
    second.as_of = booked;
    second.balances = {{pocket_of(), Amount{4400}, eur}};
    ASSERT_TRUE(apply(second));
    EXPECT_EQ(pocket(), (Funds{Amount{4370}, Amount{870}}));
    // A page that was drawn before comes late with its own as_of (a restored ledger goes back).
    wire::Page back = page();
    back.as_of = booked - 1;
    back.balances = {{pocket_of(), Amount{4500}, eur}};
    ASSERT_TRUE(apply(back));
    EXPECT_EQ(pocket().shown, Amount{4370});
    spend(70);
    EXPECT_EQ(pocket(), (Funds{Amount{4300}, Amount{800}}));
}

TEST_F(StoreUplink, ARecallReturnsWhatIsHeldInOneEntry) {
    acquire(pocket_of(), 300);
    acquire("lot:a", 100);
    acquire("right:p9", 1);
    acquire("pass:q", 2500);
    const std::int64_t before = facts().head().seq;
    ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{200}}, {"lot:a", Amount{500}}, {"lot:none", Amount{5}},
                                   {"right:p9", Amount{1}}, {"pass:q", Amount{100}}})));
    EXPECT_EQ(facts().head().seq, before + 1);
    EXPECT_EQ(returned(), "recall business:maria:aroma=200 lot:a=100 right:p9=1 pass:q=2500");
    EXPECT_EQ(held(pocket_of()), Amount{100});
    EXPECT_EQ(held("lot:a"), Amount{});
}

TEST_F(StoreUplink, ARecallOfNothingWritesNothing) {
    const std::int64_t before = facts().head().seq;
    ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{200}}})));
    EXPECT_EQ(facts().head().seq, before);
}

TEST_F(StoreUplink, ARecallThatIsRepeatedBeforeTheReturnIsBookedReturnsNothingMore) {
    acquire(pocket_of(), 300);
    const std::int64_t booked = facts().head().seq;
    ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{200}}})));
    wire::Page again = recall_page({{pocket_of(), Amount{200}}});
    again.as_of = booked;
    ASSERT_TRUE(apply(again));
    EXPECT_EQ(held(pocket_of()), Amount{100});
    // Booked meanwhile: a new wish is a new wish.
    ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{50}}})));
    EXPECT_EQ(held(pocket_of()), Amount{50});
}

TEST_F(StoreUplink, WhatARequestIsAcquiringIsRecalledAfterIt) {
    acquire(pocket_of(), 300);
    {
        const Protected busy{in_use, {pocket_of()}};
        ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{200}}})));
        EXPECT_EQ(held(pocket_of()), Amount{300});
        spend(250);
    }
    turn();
    EXPECT_EQ(returned(), "recall business:maria:aroma=50");
    EXPECT_EQ(held(pocket_of()), Amount{});
}

TEST_F(StoreUplink, WhatWasAcquiredAwayFromHomeGoesBackWhenIdle) {
    bring_wallet("lim");
    bring_wallet("nic", WalletId{"george"});
    bring_wallet("", WalletId{"nobody"});  // at home at the centre
    acquire(pocket_of(), 300);
    acquire(pocket_of(WalletId{"george"}), 400);
    acquire(pocket_of(WalletId{"nobody"}), 500);
    clock.at += 29s;
    run(uplink->return_idle());
    EXPECT_EQ(held(pocket_of()), Amount{300});
    spend(20);  // in use again
    clock.at += 2s;
    run(uplink->return_idle());
    EXPECT_EQ(returned(), "idle business:nobody:aroma=500");
    clock.at += 30s;
    run(uplink->return_idle());
    EXPECT_EQ(returned(), "idle business:maria:aroma=280");
    EXPECT_EQ(held(pocket_of(WalletId{"george"})), Amount{400});
}

TEST_F(StoreUplink, IdleMoneyInUseStays) {
    bring_wallet("lim");
    acquire(pocket_of(), 300);
    clock.at += 60s;
    const Protected busy{in_use, {pocket_of()}};
    run(uplink->return_idle());
    EXPECT_EQ(held(pocket_of()), Amount{300});
}

TEST_F(StoreUplink, AHomeThatBecomesKnownLaterCounts) {
    acquire(pocket_of(), 300);
    clock.at += 60s;
    run(uplink->return_idle());
    EXPECT_EQ(held(pocket_of()), Amount{300});  // nobody knows whose it is
    bring_wallet("lim");
    run(uplink->return_idle());
    EXPECT_EQ(held(pocket_of()), Amount{});
    acquire(pocket_of(), 300);
    bring_wallet("nic");  // moved here
    clock.at += 60s;
    run(uplink->return_idle());
    EXPECT_EQ(held(pocket_of()), Amount{300});
}

TEST_F(StoreUplink, TheRightToRefundOwnPurchasesStaysAndAnothersGoesBack) {
    top_up(500);
    spend(100);
    acquire("right:elsewhere", 1);
    clock.at += 60s;
    run(uplink->return_idle());
    EXPECT_EQ(returned(), "idle right:elsewhere=1");
}

TEST_F(StoreUplink, AnOldAskIsGivenUpUnlessSomebodyWaits) {
    const std::int64_t waited = ask(pocket_of(), 500);
    const std::int64_t forgotten = ask("lot:a", 100);
    uplink->wait_for(waited, [] {});
    run(uplink->ask_placement());
    clock.at += 31s;
    run(uplink->return_idle());
    EXPECT_EQ(std::get<journal::AuthorityTaken>(last()).ask, forgotten);
    EXPECT_TRUE(std::get<journal::AuthorityTaken>(last()).lines.empty());
    EXPECT_EQ(count("SELECT count(*) FROM ask WHERE open = 1"), 2);  // the placement ask too
    // Its grant arrives late and brings nothing.
    take(grant(forgotten, "lot:a", 100));
    EXPECT_EQ(held("lot:a"), Amount{});
}

TEST_F(StoreUplink, OnePlacementAskAtATime) {
    run(uplink->ask_placement());
    const std::int64_t seq = facts().head().seq;
    run(uplink->ask_placement());
    EXPECT_EQ(facts().head().seq, seq);
    take(grant(seq, pocket_of(), 900));
    EXPECT_EQ(held(pocket_of()), Amount{900});
    run(uplink->ask_placement());
    EXPECT_EQ(facts().head().seq, seq + 2);
}

TEST_F(StoreUplink, ANewGenerationClosesOpenAsksAndBeginsWithASnapshot) {
    const std::int64_t seq = ask(pocket_of(), 500);
    ASSERT_TRUE(apply(page()));
    int closed = 0;
    uplink->wait_for(seq, [&closed] { ++closed; });
    run(uplink->adopt(2));
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(std::get<journal::GenerationAdopted>(last()).generation, 2);
    take(grant(seq, pocket_of(), 500));
    EXPECT_EQ(held(pocket_of()), Amount{});
    EXPECT_EQ(run(uplink->position()).generation, 2);
    EXPECT_EQ(run(uplink->position()).cursor, 0);
    const std::int64_t head = facts().head().seq;
    run(uplink->adopt(2));
    run(uplink->adopt(1));
    EXPECT_EQ(facts().head().seq, head);
    uplink.reset();
    reopen();
    EXPECT_EQ(append(journal::Alarm{"test", ""}).seq, head + 1);
    EXPECT_EQ(facts().entry(head + 1)->generation, 2);
}

TEST_F(StoreUplink, ASnapshotReplacesTheCacheUnderOwnEntries) {
    bring_wallet("lim");
    acquire(pocket_of(), 1000);
    spend(100);
    const std::int64_t booked = facts().head().seq;
    spend(40);
    journal::TopUp credit = top_up_of(60, WalletId{"george"});
    credit.credit.pocket = Pocket::commerce;
    credit.credit.lot =
        Lot{LotId{"mine"}, WalletId{"george"}, aroma, PoolId{"happy"}, eur, {}, clock.at, "top_up"};
    append(credit);

    wire::Snapshot snapshot;
    snapshot.generation = 1;
    snapshot.cursor = 88;
    snapshot.as_of = booked;
    snapshot.facts = {wallet_fact(wallet_of(WalletId{"george"}, "nic"))};
    snapshot.balances = {{pocket_of(), Amount{900}, eur}};
    run(uplink->install(snapshot));

    EXPECT_EQ(run(uplink->position()).cursor, 88);
    EXPECT_FALSE(facts().wallet(maria));
    EXPECT_TRUE(facts().wallet(WalletId{"george"}));
    EXPECT_EQ(pocket(), (Funds{Amount{860}, Amount{860}}));
    EXPECT_EQ(facts().lots_of(WalletId{"george"}).size(), 1u);
    EXPECT_EQ(facts().funds("lot:mine"), (Funds{Amount{60}, Amount{60}}));

    wire::Snapshot stale = snapshot;
    stale.generation = 7;
    stale.cursor = 99;
    run(uplink->install(stale));
    EXPECT_EQ(run(uplink->position()).cursor, 88);
}

TEST_F(StoreUplink, StoppedForGoodWritesNothingAndStillTells) {
    acquire(pocket_of(), 1000);
    run(uplink->stop_for_good("the ledger is ahead"));
    const std::int64_t head = facts().head().seq;
    const auto refused = write<Appended>([this](WriteTxn& txn) -> Result<Appended> { return txn.append(top_up_of(5)); });
    EXPECT_EQ(refused.error(), (Fault{"device_quarantined", "the ledger is ahead"}));
    ASSERT_TRUE(apply(recall_page({{pocket_of(), Amount{200}}})));
    clock.at += 3600s;
    run(uplink->return_idle());
    run(uplink->ask_placement());
    run(uplink->adopt(5));
    EXPECT_EQ(facts().head().seq, head);
    EXPECT_EQ(run(uplink->read(1, 100, 1 << 20)).entries.size(), static_cast<std::size_t>(head));
    uplink.reset();
    reopen();
    EXPECT_FALSE(write<Appended>([this](WriteTxn& txn) -> Result<Appended> { return txn.append(top_up_of(5)); }));
    uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
    EXPECT_TRUE(run(uplink->position()).stopped);
    EXPECT_EQ(run(uplink->position()).stopped_why, "the ledger is ahead");
}

TEST_F(StoreUplink, APageThatCountsMoreThanTheJournalHasStopsTheDeviceAndIsNotBelieved) {
    acquire(pocket_of(), 1000);
    const std::int64_t head = facts().head().seq;
    wire::Page ahead = page();
    ahead.as_of = head + 1;  // a twin wrote that entry
    ahead.balances = {{pocket_of(), Amount{400}, eur}};
    ahead.recalls = {{pocket_of(), Amount{200}}};
    const std::int64_t before = run(uplink->position()).cursor;
    EXPECT_FALSE(apply(ahead));
    EXPECT_EQ(run(uplink->position()).cursor, before);
    EXPECT_TRUE(run(uplink->position()).stopped);
    EXPECT_EQ(run(uplink->position()).stopped_why, "the ledger has booked more than the journal has");
    EXPECT_EQ(held(pocket_of()), Amount{1000});
    EXPECT_EQ(write<Appended>([this](WriteTxn& txn) -> Result<Appended> { return txn.append(top_up_of(5)); }).error().code,
              "device_quarantined");
    EXPECT_EQ(facts().head().seq, head);
}

TEST_F(StoreUplink, ASnapshotThatCountsMoreThanTheJournalHasStopsTheDeviceAndIsNotStaged) {
    acquire(pocket_of(), 1000);
    wire::SnapshotPage ahead{"s", 1, 88, facts().head().seq + 1};
    ahead.balances = {{pocket_of(), Amount{400}, eur}};
    EXPECT_FALSE(run(uplink->stage(ahead)));
    run(uplink->install());
    EXPECT_TRUE(run(uplink->position()).stopped);
    EXPECT_NE(run(uplink->position()).cursor, 88);
    EXPECT_EQ(count("SELECT count(*) FROM staged_balance"), 0);
}

struct HandTimers final : Timers {
    Token after(Millis, std::function<void()> callback) override {
        waiting.push_back(std::move(callback));
        return waiting.size();
    }
    void cancel(Token) override {}
    std::vector<std::function<void()>> waiting;
};

TEST_F(StoreUplink, AFullDiskMakesTheUplinkWaitNotFail) {
    uplink.reset();
    store.reset();
    std::uint64_t space = 1 << 30;
    options.free_bytes = [&space] { return space; };
    open();
    HandTimers timers;
    uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000}, &timers);
    space = 0;
    bool adopted = false;
    boost::asio::co_spawn(io, uplink->adopt(2), [&adopted](std::exception_ptr thrown) { adopted = !thrown; });
    // What waits for a timer keeps the loop at work, so it is polled, not run to its end.
    auto turn_once = [this] {
        io.restart();
        io.poll();
    };
    turn_once();
    EXPECT_FALSE(adopted);
    ASSERT_EQ(timers.waiting.size(), 1u);
    timers.waiting[0]();
    turn_once();
    EXPECT_FALSE(adopted);
    space = 1 << 30;
    ASSERT_EQ(timers.waiting.size(), 2u);
    timers.waiting[1]();
    turn_once();
    EXPECT_TRUE(adopted);
    EXPECT_EQ(run(uplink->position()).generation, 2);
    uplink.reset();
    store.reset();
}

TEST_F(StoreUplink, ARefusedCommitIsThrown) {
    uplink.reset();
    store.reset();
    std::uint64_t space = 1 << 30;
    options.free_bytes = [&space] { return space; };
    open();
    uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
    space = 0;
    EXPECT_THROW(run(uplink->adopt(2)), StoreRefused);
    space = 1 << 30;
    run(uplink->adopt(2));
    uplink.reset();
    store.reset();
}

TEST_F(StoreUplink, ASliceIsWhatTheChainHoldsAndWhatTheCentreSaid) {
    wire::Page one = page();
    one.balances = {{pocket_of(), Amount{900}, eur}, {"lot:L1", Amount{0}, eur}, {"right:P1", Amount{1}, {}}};
    ASSERT_TRUE(apply(one));
    top_up(100);
    const uplink::Slice balances = run(uplink->slice(wire::Compared::balances, "", 10));
    // Not 1,000: the top-up is ours, and the centre will say so itself. Counts and zeros are not told.
    ASSERT_EQ(balances.rows.size(), 1u);
    EXPECT_EQ(balances.rows[0], (wire::Balance{pocket_of(), Amount{900}, eur}));
    EXPECT_TRUE(balances.last);
    EXPECT_EQ(balances.head, facts().head());
    EXPECT_EQ(balances.cursor, one.to);
    EXPECT_EQ(balances.generation, 1);

    const uplink::Slice held = run(uplink->slice(wire::Compared::held, "", 10));
    ASSERT_EQ(held.rows.size(), 1u);
    EXPECT_EQ(held.rows[0], (wire::Balance{pocket_of(), Amount{100}, eur}));
}

TEST_F(StoreUplink, SlicesFollowOneAnotherToTheLastRow) {
    wire::Page one = page();
    for (const char* subject : {"lot:a", "lot:b", "lot:c"}) one.balances.push_back({subject, Amount{5}, eur});
    ASSERT_TRUE(apply(one));
    const uplink::Slice first = run(uplink->slice(wire::Compared::balances, "", 2));
    ASSERT_EQ(first.rows.size(), 2u);
    EXPECT_FALSE(first.last);
    const uplink::Slice rest = run(uplink->slice(wire::Compared::balances, first.rows.back().subject, 2));
    ASSERT_EQ(rest.rows.size(), 1u);
    EXPECT_EQ(rest.rows[0].subject, "lot:c");
    EXPECT_TRUE(rest.last);
    EXPECT_TRUE(run(uplink->slice(wire::Compared::balances, "lot:a", 2)).last);  // exactly two are left
}

TEST_F(StoreUplink, ADifferenceIsNotedOnceWhileItIsOpen) {
    uplink::Comparison found;
    found.different = {{wire::Compared::held, {"lot:L1", Amount{5}, Amount{2}, eur}}};
    run(uplink->compared(found));
    run(uplink->compared(found));
    const auto open = [this] {
        return facts().db().value<std::int64_t>(
            "SELECT count(*) FROM exception WHERE code = 'reconciliation_difference' AND minor = 3 AND "
            "currency = 'EUR' AND detail = 'held lot:L1: here 5, at the ledger 2 EUR'");
    };
    EXPECT_EQ(open(), 1);
    const auto last_one = last_comparison(facts());
    ASSERT_TRUE(last_one);
    EXPECT_EQ(last_one->different, 1);
    run(uplink->compared({}));
    EXPECT_EQ(last_comparison(facts())->different, 0);
    EXPECT_EQ(open(), 1);  // a person closes it
}

}  // namespace
}  // namespace obol::agent
