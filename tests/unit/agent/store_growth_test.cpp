// A journal that grows for years: what is done every day reads no table through. SQLite counts the rows
// that each statement stepped over where no index led it.

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;

constexpr int past = 400;

struct StoreGrowth : UplinkStoreTest {
    StoreGrowth() {
        acquire(pocket_of(), past * 10);
        write<int>([this](WriteTxn& txn) -> Result<int> {
            for (int i = 0; i < past; ++i) {
                txn.append(purchase_of(1));
                const PassId pass{"pass-" + std::to_string(i)};
                txn.count_wrong_pin(pass);
                txn.clear_wrong_pins(pass, TerminalId{"t1"});
                txn.store_answer("t1", "key-" + std::to_string(i), Bytes(32, 1), 201, "{}", txn.head().seq);
            }
            return 0;
        }).value();
        booked = store->facts().head().seq;
        uplink.reset();
        reopen();  // with connections that have counted nothing
        uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
        run(uplink->acknowledge({booked, store->facts().hash_at(booked).value()}));
    }

    // Statements that stepped over more rows than a day's work has.
    static std::string scans_of(sql::Db& db) {
        std::string out;
        // What a snapshot replaced is taken away in slices, and each row of it is read once for that.
        db.each("SELECT sql, nscan FROM sqlite_stmt WHERE nscan > ? AND sql NOT LIKE 'DELETE FROM staged~_%' ESCAPE '~'",
                [&out](sql::Statement& row) { out += std::to_string(row.integer(1)) + " rows by " + row.text(0) + "\n"; },
                past / 4);
        return out;
    }
    std::string scans() {
        std::string out = scans_of(store->facts().db());
        write<int>([&out](WriteTxn& txn) -> Result<int> {
            out += scans_of(txn.db());
            return 0;
        }).value();
        return out;
    }
    std::int64_t rows(const std::string& table) { return count("SELECT count(*) FROM " + table); }

    std::int64_t booked = 0;
};

TEST_F(StoreGrowth, ADaysWorkReadsNoTableThrough) {
    for (const char* table : {"entry", "posting", "operation", "answer", "held", "pin_tries"}) {
        ASSERT_GE(rows(table), past) << table;
    }
    count("SELECT sum(length(kind)) FROM entry WHERE kind LIKE 'p%'");
    EXPECT_NE(scans(), "");  // such a one would be seen
    uplink.reset();
    reopen();
    uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});

    top_up(100);
    spend(7);
    Facts& facts = store->facts();
    facts.held_totals();
    facts.pending();
    facts.operations_with_ticket("t1", "none", clock.at);
    facts.operations_of("op-3");
    facts.answer("t1", "key-7");
    run(uplink->position());
    run(uplink->read(booked, 100, 1 << 20));

    wire::Page recall = page();
    recall.as_of = booked;
    recall.facts = {wallet_fact(wallet_of(maria, "nic"))};
    recall.balances = {{pocket_of(), Amount{100}, eur}};
    recall.recalls = {{pocket_of(), Amount{1}}};
    ASSERT_TRUE(apply(recall));
    clock.at += Millis{120'000};
    run(uplink->return_idle());
    EXPECT_EQ(scans(), "");
}

TEST_F(StoreGrowth, ASnapshotLaysOverItOnlyWhatTheCentreHasNotBooked) {
    top_up(100);
    wire::Snapshot all;
    all.generation = 1;
    all.as_of = booked;
    all.cursor = 9;
    all.facts = {wallet_fact(wallet_of(maria, "lim"))};
    all.balances = {{pocket_of(), Amount{past * 9}, eur}};
    run(uplink->install(all));
    EXPECT_EQ(scans(), "");
    EXPECT_EQ(pocket().shown, Amount{past * 9 + 100});
    EXPECT_EQ(count("SELECT away FROM held WHERE subject NOT LIKE 'right:%'"), 1);
    EXPECT_EQ(count("SELECT sum(away) FROM held WHERE subject LIKE 'right:%'"), 0);
}

}  // namespace
}  // namespace obol::agent
