#include <fstream>

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;

struct StoreOpen : StoreTest {
    void damage(std::string_view sql) {
        store.reset();
        sql::Db db{options.path, sql::Db::Mode::writer};
        db.exec(sql);
    }
};

TEST_F(StoreOpen, OpensTheJournalOnce) {
    open();
    EXPECT_EQ(store->facts().entry(1)->kind, "journal_opened");
    EXPECT_EQ(store->facts().entry(1)->device, store->device());
    reopen();
    EXPECT_EQ(store->facts().head().seq, 1);
}

TEST_F(StoreOpen, WaitsWithTheJournalUntilTheVenueIsKnown) {
    options.venue = {};
    options.business = {};
    open();
    EXPECT_EQ(store->facts().head().seq, 0);
    store.reset();
    options.venue = VenueId{"nic"};
    options.business = aroma;
    open();
    EXPECT_EQ(store->facts().head().seq, 1);
}

TEST_F(StoreOpen, EveryCommitIsDurable) {
    open();
    const auto modes = write<std::string>([](WriteTxn& txn) -> Result<std::string> {
        std::string text = *txn.db().value<std::string>("PRAGMA journal_mode");
        text += " " + std::to_string(*txn.db().value<std::int64_t>("PRAGMA synchronous"));
        return Result<std::string>(text);
    });
    EXPECT_EQ(modes.value(), "wal 2");
}

TEST_F(StoreOpen, ASecondProcessIsRefused) {
    open();
    EXPECT_EQ(try_open().error().code, "already_running");
    top_up(5);  // the first is unharmed
    store.reset();
    EXPECT_TRUE(try_open());
}

TEST_F(StoreOpen, AnotherKeyOrVenueIsRefused) {
    open();
    store.reset();
    EXPECT_EQ(try_open(2).error().code, "wrong_device");
    options.venue = VenueId{"lim"};
    EXPECT_EQ(try_open().error().code, "wrong_device");
    options.venue = VenueId{"nic"};
    EXPECT_TRUE(try_open());
}

TEST_F(StoreOpen, ANewerSchemaIsRefused) {
    open();
    damage("PRAGMA user_version=99");
    EXPECT_EQ(try_open().error().code, "schema_too_new");
}

TEST_F(StoreOpen, F17_APlaceThatCannotBeWrittenIsReadOnlyOnlyWhereTheDiskIs) {
    bool fixed = true;
    options.path = dir + "/none/agent.db";
    options.read_only = [&fixed] { return fixed; };
    const auto refused = try_open();
    EXPECT_EQ(refused.error().code, "storage_read_only");
    EXPECT_NE(refused.error().detail.find("none/agent.db"), std::string::npos);
    options.lock_file = false;  // then SQLite is the first that meets it
    EXPECT_EQ(try_open().error().code, "storage_read_only");
    fixed = false;
    EXPECT_EQ(try_open().error().code, "database_unusable");
    options.lock_file = true;
    EXPECT_EQ(try_open().error().code, "file_unwritable");
}

TEST_F(StoreOpen, F17_WhatIsWrongBesidesIsToldOnAReadOnlyDiskToo) {
    open();
    store.reset();
    options.read_only = [] { return true; };
    options.venue = VenueId{"lim"};
    EXPECT_EQ(try_open().error().code, "wrong_device");
    options.venue = VenueId{"nic"};
    std::ofstream(options.path) << std::string(10000, 'x');
    EXPECT_EQ(try_open().error().code, "database_damaged");
}

TEST_F(StoreOpen, F17_ANewJournalIsNotOpenedOnAReadOnlyDisk) {
    options.read_only = [] { return true; };
    EXPECT_EQ(try_open().error().code, "storage_read_only");
    options.read_only = {};
    open();
    EXPECT_EQ(store->facts().head().seq, 1);
}

TEST_F(StoreOpen, RubbishIsDamage) {
    std::ofstream(options.path) << std::string(10000, 'x');
    const auto refused = try_open();
    EXPECT_EQ(refused.error().code, "database_damaged");
    EXPECT_NE(refused.error().detail.find("agent.db"), std::string::npos);
}

TEST_F(StoreOpen, AChangedTailIsDamage) {
    open();
    top_up(100);
    top_up(200);
    damage("UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 2) WHERE seq = 3");
    EXPECT_EQ(try_open().error().code, "database_damaged");
}

TEST_F(StoreOpen, ACutTailIsDamage) {
    open();
    std::vector<int> done;
    // Two entries in one commit: only the second carries a signature.
    for (int i = 0; i < 2; ++i) {
        boost::asio::co_spawn(io, store->write<int>([this](WriteTxn& txn) -> Result<int> {
            txn.append(top_up_of(100));
            return 1;
        }), [&done](std::exception_ptr, Result<int>) { done.push_back(1); });
    }
    turn();
    ASSERT_EQ(done.size(), 2u);
    damage("PRAGMA foreign_keys=OFF; DELETE FROM entry WHERE seq = 3");
    EXPECT_EQ(try_open().error().code, "database_damaged");
}

TEST_F(StoreOpen, AForeignSignatureIsDamage) {
    open();
    top_up(100);
    damage("UPDATE head_signature SET signature = zeroblob(64) WHERE seq = 2");
    EXPECT_EQ(try_open().error().code, "database_damaged");
}

TEST_F(StoreOpen, TheWholeChainFollowsAndIsSigned) {
    open();
    for (int i = 0; i < 5; ++i) top_up(100 + i);
    spend(77);
    journal::Head at;
    for (const auto& [seq, body] : store->facts().bodies(1, 100)) {
        const auto entry = journal::follow(at, body);
        ASSERT_TRUE(entry) << entry.error().detail;
        EXPECT_TRUE(journal::balanced(entry->postings));
        at = {seq, journal::hash_of(body)};
        const auto signature =
            store->facts().db().value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", seq);
        ASSERT_TRUE(signature);
        EXPECT_TRUE(crypto::verify(store->key().public_key(), journal::signed_text(store->device(), at), *signature));
    }
    EXPECT_EQ(at, store->facts().head());
    EXPECT_EQ(at.seq, 7);
}

TEST_F(StoreOpen, HeldEqualsTheFoldOfTheChain) {
    open();
    top_up(1000);
    spend(300);
    spend(200);
    std::map<Subject, Amount> fold;
    for (std::int64_t seq = 1; seq <= store->facts().head().seq; ++seq) {
        const journal::Entry entry = store->facts().entry(seq).value();
        const auto record = journal::from_detail(entry.kind, entry.detail).value();
        for (const auto& move : journal::held_moves(record, entry.postings)) fold[move.subject] += move.amount;
    }
    std::erase_if(fold, [](const auto& one) { return one.second == Amount{}; });
    std::map<Subject, Amount> held;
    for (const auto& line : store->facts().held_all()) held[line.subject] = line.amount;
    EXPECT_EQ(held, fold);
    EXPECT_EQ(held[pocket_of()], Amount{500});
    EXPECT_EQ(held.size(), 3u);  // and the rights to refund two purchases
    ASSERT_EQ(store->facts().held_totals().size(), 1u);
    EXPECT_EQ(store->facts().held_totals()[0].amount, Amount{500});
}

}  // namespace
}  // namespace obol::agent
