// A snapshot page by page: all of one moment, whatever is booked meanwhile.

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

class SnapshotPages : public ::testing::Test {
protected:
    // More facts than fit two pages.
    void fill(int products) {
        sql::Txn txn{*bench.db};
        for (int i = 0; i < products; ++i) {
            const std::string id = "aroma:" + std::to_string(100'000 + i);
            bench.db->run("INSERT INTO fact (kind, id, business, body) VALUES ('product', ?, 'aroma', ?)", id,
                          journal::encode(journal::Map{{"name", "C"}, {"sku", std::to_string(i)}}));
        }
        txn.commit();
    }
    Result<wire::SnapshotPage> page(const wire::SnapshotAsk& ask) { return bench.end.snapshot_page(nic.identity(), ask); }
    wire::SnapshotPage first() { return page({}).value(); }

    struct Whole {
        wire::Snapshot all;
        int pages = 0;
    };
    Whole read(wire::SnapshotPage at) {
        Whole out;
        for (;;) {
            ++out.pages;
            EXPECT_LE(at.facts.size() + at.balances.size(), std::size_t{wire::most_rows_a_snapshot_page});
            out.all.generation = at.generation;
            out.all.cursor = at.cursor;
            out.all.as_of = at.as_of;
            out.all.facts.insert(out.all.facts.end(), at.facts.begin(), at.facts.end());
            out.all.balances.insert(out.all.balances.end(), at.balances.begin(), at.balances.end());
            if (at.next.empty()) return out;
            at = page({at.id, at.next}).value();
        }
    }

    Bench bench;
    Device nic = bench.enrol("nic", 1);
};

TEST_F(SnapshotPages, AreTogetherWhatTheWholeIs) {
    fill(4'500);
    bench.fund_pocket(500);
    const Whole got = read(first());
    EXPECT_GE(got.pages, 3);
    EXPECT_TRUE(got.all == bench.end.snapshot(nic.identity()).value());
}

TEST_F(SnapshotPages, AreOfTheMomentAtWhichTheFirstWasAsked) {
    fill(4'500);
    bench.fund_pocket(500);
    const wire::Snapshot then = bench.end.snapshot(nic.identity()).value();
    const wire::SnapshotPage begun = first();
    bench.fund_pocket(70);
    nic.top_up(30);
    nic.sync();
    bench.db->run("DELETE FROM fact WHERE kind = 'product'");
    const Whole got = read(begun);
    EXPECT_TRUE(got.all == then);
    EXPECT_FALSE(bench.end.snapshot(nic.identity()).value() == then);
}

TEST_F(SnapshotPages, MayBeAskedForAgainAfterACut) {
    fill(4'500);
    const wire::SnapshotPage begun = first();
    const wire::SnapshotAsk next{begun.id, begun.next};
    const auto once = page(next), again = page(next);
    EXPECT_TRUE(*once == *again);
    EXPECT_EQ(once->after, begun.next);
    EXPECT_GE(read(*again).pages, 2);
    EXPECT_TRUE(page(next)) << "also when the last page was on its way";
}

TEST_F(SnapshotPages, AreGoneAfterAWhileAndForOtherDevices) {
    fill(4'500);
    const wire::SnapshotPage begun = first();
    Device lim = bench.enrol("lim", 2);
    const wire::SnapshotAsk next{begun.id, begun.next};
    EXPECT_EQ(bench.end.snapshot_page(lim.identity(), next).error().code, "snapshot_gone");
    EXPECT_TRUE(page(next));
    EXPECT_EQ(page({"another", "f:"}).error().code, "snapshot_gone");
    bench.clock.at += snapshot_idle;
    EXPECT_EQ(page(next).error().code, "snapshot_gone");
    const wire::SnapshotPage second = first();
    EXPECT_NE(second.id, begun.id);
    first();  // a device that begins anew wants nothing of the one before
    EXPECT_EQ(page({second.id, second.next}).error().code, "snapshot_gone");
}

TEST_F(SnapshotPages, AreKeptForSoManyDevicesAtATime) {
    fill(2'500);
    Snapshots snapshots{*bench.db, bench.random};
    std::vector<Device> devices;
    std::vector<wire::SnapshotPage> pages;
    for (std::size_t i = 0; i <= most_snapshots; ++i) {
        devices.push_back(bench.enrol("nic", 10 + i));
        const auto row = bench.end.known(devices.back().identity()).value();
        pages.push_back(snapshots.page(row, {}, bench.clock.at).value());
    }
    EXPECT_EQ(snapshots.open(), most_snapshots);
    const auto of = [&](std::size_t i) {
        const auto row = bench.end.known(devices[i].identity()).value();
        return snapshots.page(row, {pages[i].id, pages[i].next}, bench.clock.at);
    };
    EXPECT_EQ(of(0).error().code, "snapshot_gone");
    EXPECT_TRUE(of(1));
    snapshots.forget_old(bench.clock.at + snapshot_life);
    EXPECT_EQ(snapshots.open(), 0U);
}

}  // namespace
}  // namespace obol::ledger::test
