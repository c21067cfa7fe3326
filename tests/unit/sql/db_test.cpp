#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sync/sql/db.hpp"

namespace obol::sql {
namespace {

struct Sql : testing::Test {
    std::string dir = [] {
        std::string pattern = testing::TempDir() + "obol-sql-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
    std::string path = dir + "/a.db";
    ~Sql() override { std::filesystem::remove_all(dir); }
};

TEST_F(Sql, AWriterIsDurable) {
    Db db{path, Db::Mode::writer};
    EXPECT_EQ(db.value<std::string>("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA synchronous"), 2);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA trusted_schema"), 0);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA cell_size_check"), 1);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA mmap_size").value_or(0), 0);
}

TEST_F(Sql, AnInMemoryWriterIsRefused) { EXPECT_THROW((Db{":memory:", Db::Mode::writer}), SqlError); }

TEST_F(Sql, AReaderSeesTheNewestCommitAndWritesNothing) {
    Db writer{path, Db::Mode::writer};
    writer.exec("CREATE TABLE t (a INTEGER) STRICT");
    Db reader{path, Db::Mode::reader};
    writer.run("INSERT INTO t VALUES (?)", 1);
    EXPECT_EQ(reader.value<std::int64_t>("SELECT sum(a) FROM t"), 1);
    {
        const ReadTxn one_moment{reader};
        EXPECT_EQ(reader.value<std::int64_t>("SELECT sum(a) FROM t"), 1);
        writer.run("INSERT INTO t VALUES (?)", 10);
        EXPECT_EQ(reader.value<std::int64_t>("SELECT sum(a) FROM t"), 1);
        const ReadTxn within{reader};
    }
    EXPECT_EQ(reader.value<std::int64_t>("SELECT sum(a) FROM t"), 11);
    EXPECT_THROW(reader.run("INSERT INTO t VALUES (1)"), SqlError);
    EXPECT_THROW((Db{dir + "/missing.db", Db::Mode::reader}), SqlError);
}

TEST_F(Sql, EveryKindOfCellComesBack) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (i INTEGER, s TEXT, b BLOB, n ANY) STRICT");
    const std::string text("with \0 inside", 13);
    const Bytes blob{0, 255, 1};
    const std::optional<std::int64_t> nothing;
    db.run("INSERT INTO t VALUES (?, ?, ?, ?)", std::int64_t{-5'000'000'000}, text, blob, nothing);
    db.run("INSERT INTO t VALUES (?, ?, ?, ?)", true, "", Bytes{}, nullptr);
    Statement rows = db.prepare("SELECT i, s, b, n FROM t ORDER BY i");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), -5'000'000'000);
    EXPECT_EQ(rows.text(1), text);
    EXPECT_EQ(rows.blob(2), blob);
    EXPECT_TRUE(rows.null(3));
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), 1);
    EXPECT_FALSE(rows.null(1));
    EXPECT_FALSE(rows.null(2));
    EXPECT_TRUE(rows.text(1).empty() && rows.blob(2).empty());
    EXPECT_FALSE(rows.step());
    EXPECT_EQ(rows.columns(), 4);
    EXPECT_EQ(rows.column_name(2), "b");
}

TEST_F(Sql, AStatementIsReusedButNotWhileInUse) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1), (2), (3)");
    std::vector<std::int64_t> seen;
    db.each(
        "SELECT a FROM t WHERE a >= ? ORDER BY a",
        [&](Statement& outer) {
            db.each(
                "SELECT a FROM t WHERE a >= ? ORDER BY a",
                [&](Statement& inner) { seen.push_back(outer.integer(0) * 10 + inner.integer(0)); }, 2);
        },
        1);
    EXPECT_EQ(seen, (std::vector<std::int64_t>{12, 13, 22, 23, 32, 33}));
    // Bindings of the last user are gone: an unbound parameter is NULL.
    Statement unbound = db.prepare("SELECT a FROM t WHERE a >= ? ORDER BY a");
    EXPECT_FALSE(unbound.step());
}

TEST_F(Sql, OnlyWhatIsCommittedStays) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a INTEGER) STRICT");
    { Txn lost{db}; db.run("INSERT INTO t VALUES (1)"); }
    {
        Txn txn{db};
        { Savepoint lost{db}; db.run("INSERT INTO t VALUES (2)"); }
        { Savepoint kept{db}; db.run("INSERT INTO t VALUES (4)"); kept.release(); }
        txn.commit();
    }
    EXPECT_FALSE(db.in_transaction());
    EXPECT_EQ(db.value<std::int64_t>("SELECT sum(a) FROM t"), 4);
}

TEST_F(Sql, AnExceptionRollsBack) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY CHECK (a > 0)) STRICT");
    try {
        Txn txn{db};
        db.run("INSERT INTO t VALUES (1)");
        db.run("INSERT INTO t VALUES (?)", -1);
        FAIL();
    } catch (const SqlError& error) {
        EXPECT_TRUE(error.constraint());
        EXPECT_FALSE(error.disk_full());
        EXPECT_EQ(error.code(), 275);  // SQLITE_CONSTRAINT_CHECK, the extended code
    }
    EXPECT_EQ(db.value<std::int64_t>("SELECT count(*) FROM t"), 0);
}

// Else the commit of the others would keep half a job.
TEST_F(Sql, WhatCannotBeUndoneAloneIsUndoneWithTheOthers) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a INTEGER) STRICT");
    Txn txn{db};
    db.run("INSERT INTO t VALUES (1)");
    {
        const Savepoint job{db};
        db.run("INSERT INTO t VALUES (2)");
        db.exec("RELEASE job");  // there is nothing left to go back to
    }
    EXPECT_THROW(txn.commit(), SqlError);
    EXPECT_EQ(db.value<std::int64_t>("SELECT count(*) FROM t"), 0);
}

TEST_F(Sql, AFullDiskIsCalledSo) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a BLOB) STRICT; PRAGMA max_page_count=10");
    try {
        db.run("INSERT INTO t VALUES (?)", Bytes(1 << 20));
        FAIL();
    } catch (const SqlError& error) {
        EXPECT_TRUE(error.disk_full());
    }
}

TEST_F(Sql, TextIsBoundNeverSpliced) {
    Db db{path, Db::Mode::writer};
    db.exec("CREATE TABLE t (a TEXT) STRICT");
    db.run("INSERT INTO t VALUES (?)", "'); DROP TABLE t; --");
    EXPECT_EQ(db.value<std::string>("SELECT a FROM t"), "'); DROP TABLE t; --");
}

constexpr Migration first[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"}};
constexpr Migration both[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"},
                              {2, "CREATE TABLE b (y INTEGER) STRICT; INSERT INTO b SELECT x FROM a"}};
constexpr Migration broken[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"}, {2, "CREATE TABLE b (y INTEGER); oops"}};

TEST_F(Sql, MigrationsRunOnceAndInOrder) {
    Db db{path, Db::Mode::writer};
    ASSERT_TRUE(migrate(db, first, 77));
    db.run("INSERT INTO a VALUES (5)");
    ASSERT_TRUE(migrate(db, both, 77));
    ASSERT_TRUE(migrate(db, both, 77));
    EXPECT_EQ(db.value<std::int64_t>("SELECT y FROM b"), 5);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA user_version"), 2);
}

TEST_F(Sql, AFailingMigrationLeavesTheOneBefore) {
    Db db{path, Db::Mode::writer};
    EXPECT_THROW((void)migrate(db, broken, 77), SqlError);
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA user_version"), 1);
    EXPECT_EQ(db.value<std::int64_t>("SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
}

TEST_F(Sql, ANewerSchemaIsRefusedAndUntouched) {
    Db db{path, Db::Mode::writer};
    ASSERT_TRUE(migrate(db, both, 77));
    EXPECT_EQ(migrate(db, first, 77).error().code, "schema_too_new");
    EXPECT_EQ(db.value<std::int64_t>("PRAGMA user_version"), 2);
}

TEST_F(Sql, AnothersDatabaseIsRefused) {
    Db db{path, Db::Mode::writer};
    ASSERT_TRUE(migrate(db, first, 77));
    const auto refused = migrate(db, first, 78);
    EXPECT_EQ(refused.error().code, "database_damaged");
    EXPECT_NE(refused.error().detail.find("a.db"), std::string::npos);
}

TEST_F(Sql, WhatIsNoDatabaseIsDamaged) {
    std::ofstream(path) << std::string(8192, 'x');
    try {
        Db db{path, Db::Mode::writer};
        FAIL();
    } catch (const SqlError& error) {
        EXPECT_TRUE(error.damaged());
    }
}

}  // namespace
}  // namespace obol::sql
