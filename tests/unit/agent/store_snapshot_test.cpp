// A snapshot on its way: staged beside the cache in force, in pieces that hold up nobody, and in force at once.

#include <regex>

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;

struct StagedSnapshot : UplinkStoreTest {
    Facts& facts() { return store->facts(); }
    static wire::Fact wallet(const std::string& id, std::string_view home = "nic") {
        return wallet_fact(wallet_of(WalletId{id}, home));
    }
    wire::SnapshotPage part(std::string after, std::string next, std::vector<wire::Fact> with) {
        wire::SnapshotPage out{"s", 1, 88, as_of};
        out.after = std::move(after);
        out.next = std::move(next);
        out.facts = std::move(with);
        return out;
    }
    bool stage(wire::SnapshotPage one) { return run(uplink->stage(std::move(one))); }
    void install() { run(uplink->install()); }
    bool knows(const std::string& id) { return facts().wallet(WalletId{id}).has_value(); }
    std::int64_t staged_rows() {
        std::int64_t out = 0;
        for (const char* table : {"fact", "lookup", "wallet_lot", "limit_of", "balance", "activity_central"}) {
            out += count("SELECT count(*) FROM staged_" + std::string(table));
        }
        return out;
    }
    void start_again() {
        uplink.reset();
        reopen();
        uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
    }
    std::int64_t as_of = 2;
};

TEST_F(StagedSnapshot, IsInForceOnlyWhenAllOfItHasCome) {
    wire::Page before = page();
    before.facts = {wallet("old")};
    ASSERT_TRUE(apply(before));
    ASSERT_TRUE(stage(part("", "f:a", {wallet("a")})));
    install();  // not whole: nothing happens
    EXPECT_TRUE(knows("old"));
    EXPECT_FALSE(knows("a"));
    ASSERT_TRUE(stage(part("f:a", "", {wallet("b")})));
    EXPECT_TRUE(knows("old"));
    EXPECT_FALSE(knows("b"));
    install();
    EXPECT_FALSE(knows("old"));
    EXPECT_TRUE(knows("a") && knows("b"));
    EXPECT_EQ(run(uplink->position()).cursor, 88);
    EXPECT_EQ(run(uplink->position()).staged, wire::SnapshotAsk{});
    EXPECT_EQ(staged_rows(), 0);
}

TEST_F(StagedSnapshot, GoesOnAfterARestartWithTheOldCacheInForceMeanwhile) {
    wire::Page before = page();
    before.facts = {wallet("old")};
    ASSERT_TRUE(apply(before));
    ASSERT_TRUE(stage(part("", "f:a", {wallet("a")})));
    start_again();
    EXPECT_TRUE(knows("old"));
    EXPECT_FALSE(knows("a"));
    EXPECT_EQ(run(uplink->position()).staged, (wire::SnapshotAsk{"s", "f:a"}));
    ASSERT_TRUE(stage(part("f:a", "", {wallet("b")})));
    start_again();  // whole, and not yet in force: it is fetched anew
    EXPECT_TRUE(knows("old"));
    EXPECT_EQ(run(uplink->position()).staged, wire::SnapshotAsk{});
    ASSERT_TRUE(stage(part("", "", {wallet("c")})));
    install();
    EXPECT_TRUE(knows("c"));
    EXPECT_FALSE(knows("a") || knows("b") || knows("old"));
}

TEST_F(StagedSnapshot, APageThatDoesNotFollowIsNotStaged) {
    EXPECT_FALSE(stage(part("f:a", "f:b", {wallet("a")})));
    ASSERT_TRUE(stage(part("", "f:a", {wallet("a")})));
    EXPECT_FALSE(stage(part("f:b", "", {wallet("b")})));
    wire::SnapshotPage other = part("f:a", "", {wallet("b")});
    other.id = "t";
    EXPECT_FALSE(stage(other));
    EXPECT_TRUE(stage(part("f:a", "", {wallet("b")})));
}

TEST_F(StagedSnapshot, OfAnotherGenerationIsNotInForce) {
    wire::SnapshotPage other = part("", "", {wallet("a")});
    other.generation = 7;
    ASSERT_TRUE(stage(other));
    install();
    EXPECT_FALSE(knows("a"));
    EXPECT_EQ(run(uplink->position()).cursor, 0);
}

TEST_F(StagedSnapshot, HoldsUpNoWriteWhileItIsStaged) {
    std::vector<wire::Fact> many;
    for (int i = 0; i < 2'000; ++i) many.push_back(wallet("w" + std::to_string(10'000 + i)));
    bool staged = false, written = false;
    boost::asio::co_spawn(io, uplink->stage(part("", "", many)), [&](std::exception_ptr, bool) { staged = true; });
    io.restart();
    while (io.run_one() > 0 && count("SELECT count(*) FROM staged_fact") == 0) continue;
    std::function<Result<Appended>(WriteTxn&)> job = [this](WriteTxn& txn) -> Result<Appended> {
        return txn.append(top_up_of(5));
    };
    boost::asio::co_spawn(io, store->write<Appended>(job), [&](std::exception_ptr, Result<Appended> done) {
        written = done.has_value();
    });
    while (!written && io.run_one() > 0) continue;
    EXPECT_TRUE(written);
    EXPECT_FALSE(staged);
    EXPECT_LT(count("SELECT count(*) FROM staged_fact"), 1'000);
    turn();
    EXPECT_TRUE(staged);
    EXPECT_EQ(count("SELECT count(*) FROM staged_fact"), 2'000);
}

TEST_F(StagedSnapshot, OwnEntriesOfTheMeantimeLieOverIt) {
    wire::Page before = page();
    before.facts = {wallet("maria")};
    ASSERT_TRUE(apply(before));
    acquire(pocket_of(), 1000);
    as_of = facts().head().seq;
    wire::SnapshotPage one = part("", "f:a", {wallet("maria")});
    one.balances = {{pocket_of(), Amount{1000}, eur}};
    ASSERT_TRUE(stage(one));
    spend(100);  // after its balance was staged
    ASSERT_TRUE(stage(part("f:a", "", {wallet("z")})));
    spend(20);
    top_up(7, WalletId{"z"});
    install();
    EXPECT_EQ(pocket(), (Funds{Amount{880}, Amount{880}}));
    EXPECT_EQ(pocket(WalletId{"z"}).shown, Amount{7});
    spend(80);
    EXPECT_EQ(pocket(), (Funds{Amount{800}, Amount{800}}));
}

TEST_F(StagedSnapshot, TellsAnewWhoseHomeIsElsewhere) {
    wire::Page before = page();
    before.facts = {wallet("maria")};
    ASSERT_TRUE(apply(before));
    acquire(pocket_of(), 1000);
    EXPECT_EQ(count("SELECT away FROM held WHERE subject = '" + pocket_of() + "'"), 0);
    as_of = facts().head().seq;
    ASSERT_TRUE(stage(part("", "", {wallet("maria", "lim")})));
    install();
    EXPECT_EQ(count("SELECT away FROM held WHERE subject = '" + pocket_of() + "'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM meta WHERE key = 'away_after'"), 0);
}

TEST_F(StagedSnapshot, TheSecondLeavesNothingOfTheFirst) {
    for (const char* name : {"a", "b", "c"}) {
        wire::SnapshotPage one = part("", "", {wallet(name)});
        one.balances = {{pocket_of(WalletId{name}), Amount{5}, eur}};
        ASSERT_TRUE(stage(one));
        install();
        EXPECT_EQ(count("SELECT count(*) FROM fact"), 1);
        EXPECT_EQ(count("SELECT count(*) FROM balance"), 1);
        EXPECT_TRUE(knows(name));
        EXPECT_EQ(staged_rows(), 0);
    }
}

// They trade names, so each must be what the other is.
TEST_F(StagedSnapshot, HasTablesThatAreTwinsOfThoseInForce) {
    const auto shape = [this](const std::string& table) {
        std::string out;
        facts().db().each("SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC, sql",
                          [&](sql::Statement& row) { out += row.text(1) + "\n"; }, table);
        out = std::regex_replace(out, std::regex("staged_|\""), "");
        return std::regex_replace(out, std::regex("\\s+"), " ");
    };
    for (const std::string table : {"fact", "lookup", "wallet_lot", "limit_of", "balance", "activity_central"}) {
        EXPECT_NE(shape(table), "") << table;
        EXPECT_EQ(shape(table), shape("staged_" + table));
    }
}

}  // namespace
}  // namespace obol::agent
