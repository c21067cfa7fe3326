// What readers remember between requests, and the read transaction that they share: nobody may see less
// than what was committed before they were told of it.

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;

struct StoreMemory : UplinkStoreTest {
    static wire::Fact pool_fact(int version, std::string name) {
        Pool pool;
        pool.id = PoolId{"happy"};
        pool.business = aroma;
        pool.name = std::move(name);
        pool.version = version;
        const journal::Value value = journal::to_value(pool);
        return {"pool", "happy", false, *value.map()};
    }
    void bring(wire::Fact fact) {
        wire::Page one = page();
        one.facts = {std::move(fact)};
        ASSERT_TRUE(apply(std::move(one)));
    }
    std::string pool_name() {
        const auto pool = store->facts().pool(PoolId{"happy"});
        return pool ? pool->name : "";
    }
    static Bytes hash() { return Bytes(32, 3); }
    void give_token() {
        write<bool>([](WriteTxn& txn) -> Result<bool> {
            txn.add_terminal("T1", "T1");
            TokenRow row;
            row.id = "tok";
            row.terminal = "T1";
            row.role = "pos";
            txn.add_token(row, hash());
            return true;
        }).value();
    }
};

TEST_F(StoreMemory, AChangedRuleIsSeenByTheNextRead) {
    EXPECT_EQ(pool_name(), "");
    bring(pool_fact(1, "Happy hour"));
    EXPECT_EQ(pool_name(), "Happy hour");
    EXPECT_EQ(pool_name(), "Happy hour");  // remembered
    bring(pool_fact(2, "Happier hour"));
    EXPECT_EQ(pool_name(), "Happier hour");
    wire::Fact gone = pool_fact(2, "");
    gone.gone = true;
    bring(gone);
    EXPECT_EQ(pool_name(), "");
}

TEST_F(StoreMemory, ARevokedTokenIsKnownAsSuchAtOnce) {
    EXPECT_FALSE(store->facts().token_by_hash(hash()));
    give_token();
    ASSERT_TRUE(store->facts().token_by_hash(hash()));
    EXPECT_FALSE(store->facts().token_by_hash(hash())->revoked);
    write<bool>([](WriteTxn& txn) -> Result<bool> { return txn.revoke_token("tok"); }).value();
    EXPECT_TRUE(store->facts().token_by_hash(hash())->revoked);
}

TEST_F(StoreMemory, WhatAJobReadBeforeItWasUndoneIsNotRemembered) {
    bring(pool_fact(1, "Happy hour"));
    const Result<bool> undone = write<bool>([](WriteTxn& txn) -> Result<bool> {
        txn.cache_fact(pool_fact(2, "Never committed"), 0);
        EXPECT_EQ(txn.pool(PoolId{"happy"})->name, "Never committed");
        return Fault{"changed_my_mind", ""};
    });
    EXPECT_FALSE(undone);
    write<bool>([](WriteTxn& txn) -> Result<bool> {
        EXPECT_EQ(txn.pool(PoolId{"happy"})->name, "Happy hour");
        return true;
    }).value();
    EXPECT_EQ(pool_name(), "Happy hour");
}

TEST_F(StoreMemory, WhoWaitedForACommitReadsWhatItWrote) {
    // The reader's transaction is open before the write and the same Facts is kept over it.
    const auto kept_over_a_write = [](Store& of) -> awaitable<std::pair<Amount, Amount>> {
        Facts& facts = of.facts();
        const Amount before = facts.funds(pocket_of()).shown;
        std::function<Result<bool>(WriteTxn&)> job = [](WriteTxn& txn) -> Result<bool> {
            journal::TopUp top_up;
            top_up.id = "kept";
            top_up.venue = VenueId{"nic"};
            top_up.credit = {maria, aroma, Pocket::business, std::nullopt, {Amount{700}, eur}};
            top_up.tender = "cash";
            txn.append(top_up);
            return true;
        };
        const Result<bool> written = co_await of.write<bool>(std::move(job));
        EXPECT_TRUE(written);
        co_return std::pair{before, facts.funds(pocket_of()).shown};
    };
    EXPECT_EQ(run(kept_over_a_write(*store)), (std::pair{Amount{0}, Amount{700}}));
}

TEST_F(StoreMemory, AReadTransactionEndsWithItsTurn) {
    ASSERT_EQ(pocket().shown, Amount{});
    EXPECT_TRUE(store->facts().db().in_transaction());
    sql::Db& reader = store->facts().db();
    turn();
    EXPECT_FALSE(reader.in_transaction());  // or the WAL could never start anew
}

TEST_F(StoreMemory, ALongCatalogueIsForgottenRatherThanGrown) {
    Remembered<int> memory;
    for (std::size_t i = 0; i < 3 * Remembered<int>::most; ++i) {
        memory.keep(std::to_string(i), 1);
        ASSERT_TRUE(memory.find(std::to_string(i)));
    }
    EXPECT_FALSE(memory.find("0"));
}

}  // namespace
}  // namespace obol::agent
