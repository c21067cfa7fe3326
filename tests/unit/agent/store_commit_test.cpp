#include <thread>

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;
using std::chrono_literals::operator""s;

struct StoreCommit : StoreTest {
    // Starts without waiting; `outcome` says how it ended.
    void start(std::function<Result<int>(WriteTxn&)> job, std::vector<std::string>& outcomes,
               Standing standing = like_all) {
        boost::asio::co_spawn(io, store->write<int>(std::move(job), standing),
                              [&outcomes](std::exception_ptr thrown, Result<int> result) {
                                  outcomes.push_back(thrown ? "thrown" : result ? "done" : result.error().code);
                              });
    }
    std::function<Result<int>(WriteTxn&)> job_of(journal::Record record) {
        return [record = std::move(record)](WriteTxn& txn) -> Result<int> {
            txn.append(record);
            return 1;
        };
    }
};

TEST_F(StoreCommit, JobsThatWaitTogetherShareOneCommitAndOneSignature) {
    open();
    int commits = 0;
    store->on_commit([&commits] { ++commits; });
    std::vector<std::string> outcomes;
    for (int i = 0; i < 10; ++i) start(job_of(top_up_of(100)), outcomes);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>(10, "done"));
    EXPECT_EQ(commits, 1);
    EXPECT_EQ(store->facts().head().seq, 11);  // journal_opened comes first
    EXPECT_EQ(count("SELECT count(*) FROM head_signature"), 2);
    EXPECT_EQ(pocket().shown, Amount{1000});
}

TEST_F(StoreCommit, AGroupHoldsAtMostItsSize) {
    options.group_size = 4;
    open();
    std::vector<std::string> outcomes;
    for (int i = 0; i < 10; ++i) start(job_of(top_up_of(100)), outcomes);
    turn();
    EXPECT_EQ(outcomes.size(), 10u);
    EXPECT_EQ(count("SELECT count(*) FROM head_signature"), 1 + 3);
}

TEST_F(StoreCommit, AFailingJobIsUndoneAlone) {
    open();
    std::vector<std::string> outcomes;
    start(job_of(top_up_of(100)), outcomes);
    start([this](WriteTxn& txn) -> Result<int> {
        txn.append(top_up_of(5000));
        return Fault{"insufficient_funds", "after all"};
    }, outcomes);
    start([this](WriteTxn& txn) -> Result<int> {
        txn.append(top_up_of(7000));
        throw std::logic_error("a bug");
    }, outcomes);
    start(job_of(top_up_of(20)), outcomes);
    turn();
    EXPECT_EQ(outcomes, (std::vector<std::string>{"done", "insufficient_funds", "thrown", "done"}));
    EXPECT_EQ(pocket(), (Funds{Amount{120}, Amount{120}}));
    EXPECT_EQ(store->facts().head().seq, 3);
    reopen();  // the chain was checked again
    EXPECT_EQ(store->facts().head().seq, 3);
}

TEST_F(StoreCommit, HeldIsNeverBelowZeroWhateverAJobAsksFor) {
    open();
    top_up(100);
    std::vector<std::string> outcomes;
    start(job_of(purchase_of(101)), outcomes);
    start(job_of(purchase_of(40)), outcomes);
    start(job_of(purchase_of(61)), outcomes);
    start(job_of(purchase_of(10, WalletId{"nobody"})), outcomes);
    turn();
    EXPECT_EQ(outcomes, (std::vector<std::string>{"thrown", "done", "thrown", "thrown"}));
    EXPECT_EQ(pocket(), (Funds{Amount{60}, Amount{60}}));
    spend(60);
    EXPECT_EQ(count("SELECT count(*) FROM held WHERE subject LIKE 'business:%'"), 0);
}

TEST_F(StoreCommit, MoneyThatOnlyPassesThroughAPocketNeedsNoneThere) {
    open();
    journal::TopUp credit = top_up_of(500);
    Lot lot{LotId{"lot1"}, maria, aroma, PoolId{"happy"}, eur, {}, clock.at, "top_up"};
    credit.credit.pocket = Pocket::commerce;
    credit.credit.lot = lot;
    append(credit);
    journal::Purchase purchase = purchase_of(300);
    purchase.decision.allocations[0].pocket = Pocket::commerce;
    purchase.decision.allocations[0].lot = lot.id;
    purchase.decision.allocations[0].pool = lot.pool;
    append(purchase);
    EXPECT_EQ(store->facts().funds("lot:lot1"), (Funds{Amount{200}, Amount{200}}));
    EXPECT_EQ(pocket(), Funds{});
    EXPECT_EQ(store->facts().lots_of(maria), std::vector<Lot>{lot});
}

TEST_F(StoreCommit, TheQueueHasAnEnd) {
    options.queue_limit = 3;
    open();
    std::vector<std::string> outcomes;
    for (int i = 0; i < 5; ++i) start(job_of(top_up_of(1)), outcomes);
    turn();
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "busy"), 2);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "done"), 3);
}

TEST_F(StoreCommit, ADiskThatIsNearlyFullRefusesBeforeAnyEffect) {
    std::uint64_t space = 1 << 30;
    options.free_bytes = [&space] { return space; };
    open();
    space = 100;
    std::vector<std::string> outcomes;
    start(job_of(top_up_of(100)), outcomes);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>{"storage_full"});
    EXPECT_EQ(pocket(), Funds{});
    space = 1 << 30;
    top_up(100);  // without a restart
    EXPECT_EQ(pocket().held, Amount{100});
}

TEST_F(StoreCommit, F15_OneGroupRefusesWhatTakesAndWritesWhatGivesBack) {
    std::uint64_t space = 1 << 30;
    options.free_bytes = [&space] { return space; };
    open();
    space = 1 << 20;  // less than the reserve, more than a commit needs
    std::vector<std::string> outcomes;
    start(job_of(top_up_of(100)), outcomes);
    start(job_of(top_up_of(1)), outcomes, gives_back);
    start(job_of(top_up_of(100)), outcomes, surely);
    turn();
    EXPECT_EQ(outcomes, (std::vector<std::string>{"storage_full", "done", "storage_full"}));
    EXPECT_EQ(pocket().held, Amount{1});
    space = 100;
    start(job_of(top_up_of(1)), outcomes, surely_gives_back);
    turn();
    EXPECT_EQ(outcomes.back(), "storage_full");
    EXPECT_EQ(pocket().held, Amount{1});
}

TEST_F(StoreCommit, F15_OnTheReserveTheLogDoesNotGrow) {
    std::uint64_t space = 1 << 30;
    options.free_bytes = [&space] { return space; };
    open();
    space = 1 << 20;
    const auto once = [this] {
        std::vector<std::string> outcomes;
        start(job_of(top_up_of(1)), outcomes, gives_back);
        turn();
        EXPECT_EQ(outcomes, std::vector<std::string>{"done"});
        return std::filesystem::file_size(options.path + "-wal");
    };
    for (int i = 0; i < 5; ++i) once();
    const auto before = once();
    for (int i = 0; i < 200; ++i) once();
    EXPECT_EQ(once(), before);
}

TEST_F(StoreCommit, ADiskThatFillsUpWithinAJobUndoesTheGroup) {
    open();
    std::vector<std::string> outcomes;
    start(job_of(top_up_of(100)), outcomes);
    start([](WriteTxn& txn) -> Result<int> {
        txn.db().exec("PRAGMA max_page_count=1");  // no page more than there are
        txn.set_meta("big", std::string(1 << 20, 'x'));
        return 1;
    }, outcomes);
    turn();
    EXPECT_EQ(outcomes, (std::vector<std::string>{"storage_full", "storage_full"}));
    EXPECT_FALSE(store->failed());
    EXPECT_EQ(store->facts().head().seq, 1);
    write<int>([](WriteTxn& txn) -> Result<int> {
        txn.db().exec("PRAGMA max_page_count=1073741823");
        return 1;
    }).value();
    top_up(7);
    EXPECT_EQ(store->facts().head().seq, 2);
}

TEST_F(StoreCommit, F17_AReadOnlyDiskRefusesBeforeAnyEffect) {
    bool fixed = false;
    options.read_only = [&fixed] { return fixed; };
    open();
    top_up(100);
    fixed = true;
    EXPECT_TRUE(store->read_only());
    std::vector<std::string> outcomes;
    int ran = 0;
    start([&ran](WriteTxn&) -> Result<int> { return ++ran; }, outcomes);
    start(job_of(top_up_of(1)), outcomes, surely_gives_back);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>(2, "storage_read_only"));
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(pocket().held, Amount{100});  // reads go on
    fixed = false;
    top_up(7);  // without a restart
    EXPECT_EQ(pocket().held, Amount{107});
}

TEST_F(StoreCommit, F17_AWriteThatFailsBeforeCommitOnAReadOnlyDiskHasNoEffect) {
    constexpr int failed_write = 778;  // SQLITE_IOERR_WRITE, which is what EROFS becomes
    bool fixed = false;
    options.read_only = [&fixed] { return fixed; };
    open();
    std::vector<std::string> outcomes;
    start(job_of(top_up_of(100)), outcomes);
    start([&fixed](WriteTxn&) -> Result<int> {
        fixed = true;
        throw sql::SqlError(failed_write, "disk I/O error");
    }, outcomes);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>(2, "storage_read_only"));
    EXPECT_FALSE(store->failed());
    fixed = false;
    top_up(7);
    EXPECT_EQ(pocket().held, Amount{7});

    start([](WriteTxn&) -> Result<int> { throw sql::SqlError(failed_write, "disk I/O error"); }, outcomes);
    turn();
    EXPECT_EQ(outcomes.back(), "outcome_unknown");  // on a disk that takes writes it is in doubt
    EXPECT_TRUE(store->failed());
}

TEST_F(StoreCommit, F17_AFailedCommitIsUnknownOnAReadOnlyDiskToo) {
    bool fixed = false;
    options.read_only = [&fixed] { return fixed; };
    open();
    std::vector<std::string> outcomes;
    start([&fixed](WriteTxn& txn) -> Result<int> {
        fixed = true;
        txn.db().exec("PRAGMA defer_foreign_keys=ON");
        txn.db().run("INSERT INTO token (id, hash, terminal, role, created) VALUES ('x', x'00', 'none', 'pos', 0)");
        return 1;
    }, outcomes);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>{"outcome_unknown"});
    EXPECT_TRUE(store->failed());
}

TEST_F(StoreCommit, F18_TellsHowLongTheWriterHasBeenAtOneStep) {
    std::vector<Millis> told;
    const auto tell = [this, &told] { told.push_back(store->stuck_for()); };
    options.free_bytes = [&] {  // the look before the group, but for that of the start
        if (store) {
            clock.at += 4s;
            tell();
        }
        return std::uint64_t{1} << 30;
    };
    open();
    EXPECT_EQ(store->stuck_for(), Millis{});
    std::vector<std::string> outcomes;
    for (int i = 0; i < 2; ++i) {
        start([&](WriteTxn& txn) -> Result<int> {
            clock.at += 3s;
            tell();
            wire::Fact fact;
            fact.kind = "nothing";
            txn.cache_fact(fact, 0);  // a snapshot gets on
            tell();
            clock.at += 1s;
            tell();
            return 1;
        }, outcomes);
    }
    turn();
    EXPECT_EQ(told, (std::vector<Millis>{4s, 3s, 0s, 1s, 3s, 0s, 1s}));
    clock.at += 5s;
    EXPECT_EQ(store->stuck_for(), Millis{});  // it has nothing to do
}

TEST_F(StoreCommit, F18_AnotherThreadSeesThatTheWriterIsStuck) {
    options.own_thread = true;
    open();
    std::promise<void> entered, go_on;
    std::vector<std::string> outcomes;
    start([&](WriteTxn&) -> Result<int> {
        entered.set_value();
        go_on.get_future().wait();
        return 1;
    }, outcomes);
    io.restart();
    io.poll();  // submitted
    entered.get_future().wait();
    clock.at += 2s;
    EXPECT_EQ(store->stuck_for(), Millis{2s});
    go_on.set_value();
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>{"done"});
    EXPECT_EQ(store->stuck_for(), Millis{});
}

TEST_F(StoreCommit, AFailedCommitIsUnknownAndTheLast) {
    open();
    int failures = 0;
    store->on_failure([&failures] { ++failures; });
    top_up(100);
    std::vector<std::string> outcomes;
    start([](WriteTxn& txn) -> Result<int> {
        // A deferred constraint is judged by COMMIT alone.
        txn.db().exec("PRAGMA defer_foreign_keys=ON");
        txn.db().run("INSERT INTO token (id, hash, terminal, role, created) VALUES ('x', x'00', 'none', 'pos', 0)");
        return 1;
    }, outcomes);
    start(job_of(top_up_of(5)), outcomes);
    turn();
    start(job_of(top_up_of(5)), outcomes);
    turn();
    EXPECT_EQ(outcomes, std::vector<std::string>(3, "outcome_unknown"));
    EXPECT_TRUE(store->failed());
    EXPECT_EQ(failures, 1);
    reopen();
    EXPECT_EQ(pocket().held, Amount{100});
    top_up(1);
}

TEST_F(StoreCommit, TheThreadDeliversOnTheLoop) {
    options.own_thread = true;
    open();
    const auto here = std::this_thread::get_id();
    int done = 0;
    for (int i = 0; i < 200; ++i) {
        boost::asio::co_spawn(io, store->write<int>(job_of(top_up_of(1))),
                              [&](std::exception_ptr thrown, Result<int> result) {
                                  EXPECT_FALSE(thrown);
                                  EXPECT_TRUE(result);
                                  EXPECT_EQ(std::this_thread::get_id(), here);
                                  EXPECT_GE(store->facts().head().seq, ++done);  // committed before the answer
                              });
    }
    turn();
    EXPECT_EQ(done, 200);
    EXPECT_EQ(pocket().held, Amount{200});
}

TEST_F(StoreCommit, WhatIsQueuedAtTheEndIsStillCommitted) {
    options.own_thread = true;
    open();
    std::vector<std::string> outcomes;
    for (int i = 0; i < 5; ++i) start(job_of(top_up_of(1)), outcomes);
    io.restart();
    io.poll();  // submitted
    reopen();
    EXPECT_EQ(pocket().held, Amount{5});
}

TEST_F(StoreCommit, NoJobRunsAfterTheStoreHasFinished) {
    options.own_thread = true;
    open();
    std::vector<std::string> outcomes;
    {
        int used = 0;  // goes before the store, as what the jobs of an agent use does
        std::function<Result<int>(WriteTxn&)> job = [&used](WriteTxn&) -> Result<int> { return ++used; };
        for (int i = 0; i < 100; ++i) start(job, outcomes);
        io.restart();
        io.poll();  // submitted
        store->finish();
        EXPECT_EQ(used, 100);
        start(job, outcomes);
        turn();
        EXPECT_EQ(used, 100);
    }
    ASSERT_EQ(outcomes.size(), 101u);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "busy"), 1);
    EXPECT_EQ(outcomes.back(), "busy");
}

TEST_F(StoreCommit, T12_JournalTimeNeverRunsBackwards) {
    open();
    top_up(1);
    const Instant before = clock.at;
    clock.at -= 3600s;
    top_up(1);
    reopen();
    top_up(1);
    EXPECT_EQ(store->facts().entry(3)->wall, before);
    EXPECT_EQ(store->facts().entry(4)->wall, before);
    clock.at = before + 1s;
    top_up(1);
    EXPECT_EQ(store->facts().entry(5)->wall, before + 1s);
}

}  // namespace
}  // namespace obol::agent
