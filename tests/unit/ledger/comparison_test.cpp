// Reconciliation at the ledger: a device's rows beside its own.

#include "sync/ledger/store/comparison.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using wire::Balance;
using wire::Compared;
using wire::Comparison;

class ComparisonTest : public ::testing::Test {
protected:
    wire::CompareAsk ask_of(const Device& device, Compared what, std::vector<Balance> rows, bool tell_rows = true) {
        wire::CompareAsk ask{device.generation, device.head, device.cursor, what, "", "", wire::digest_of(rows), {}};
        if (tell_rows) ask.rows = std::move(rows);
        return ask;
    }
    wire::CompareAnswer compare(const Device& device, const wire::CompareAsk& ask) {
        return bench.end.compare(device.identity(), ask).value();
    }
    // What the device holds, as its chain says.
    std::vector<Balance> held_by(const Device& device) {
        std::vector<Balance> rows;
        for (const auto& [subject, minor] : device.holds) {
            const bool count = subject.starts_with("right:") || subject.starts_with("draft:");
            if (minor != 0) rows.push_back({subject, Amount{minor}, count ? Currency::none() : eur()});
        }
        return rows;
    }
    std::vector<Balance> told() {
        return {{pocket, Amount{bench.value(pocket)}, eur()}};
    }
    ComparisonState noted(const Device& device, Compared what) {
        return comparison_with(*bench.db, device.h(), what);
    }

    Bench bench;
    const Subject pocket = bench.pocket();
    Device nic = bench.enrol("nic", 1);
    Device lim = bench.enrol("lim", 2);
};

TEST_F(ComparisonTest, WhatIsHeldIsTheSameWithGrantsOnTheirWayLeftOut) {
    bench.fund_pocket(500);
    nic.ask(pocket, 300);
    nic.sync();
    nic.ask(pocket, 100);
    ASSERT_TRUE(nic.push());  // granted, not yet taken
    ASSERT_EQ(bench.held(nic, pocket), 400);
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::held, held_by(nic), false)).state, Comparison::same);
    EXPECT_EQ(noted(nic, Compared::held).at, bench.clock.at);
    EXPECT_EQ(noted(nic, Compared::held).different, 0);
    EXPECT_EQ(noted(nic, Compared::balances).at, std::nullopt);
    EXPECT_EQ(noted(lim, Compared::held).at, std::nullopt);
}

TEST_F(ComparisonTest, EachRowThatDiffersIsNamedAndRaisedOnce) {
    bench.fund_pocket(500);
    nic.ask(pocket, 300);
    nic.sync();
    std::vector<Balance> rows = held_by(nic);
    rows[0].value += Amount{7};
    rows.push_back({"lot:nowhere", Amount{9}, eur()});
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.subject < b.subject; });
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::held, rows, false)).state, Comparison::different);
    EXPECT_EQ(bench.exceptions("reconciliation_difference"), 0);  // not before it is known which
    for (int i = 0; i < 2; ++i) {
        const wire::CompareAnswer answer = compare(nic, ask_of(nic, Compared::held, rows));
        EXPECT_EQ(answer.state, Comparison::different);
        EXPECT_EQ(answer.differences, (std::vector<wire::Difference>{
                                          {pocket, Amount{307}, Amount{300}, eur()},
                                          {"lot:nowhere", Amount{9}, Amount{0}, eur()}}));
    }
    EXPECT_EQ(bench.exceptions("reconciliation_difference"), 2);
    EXPECT_EQ(noted(nic, Compared::held).different, 2);
}

TEST_F(ComparisonTest, ARowThatTheDeviceLacksIsNamed) {
    bench.fund_pocket(500);
    nic.ask(pocket, 300);
    nic.sync();
    const wire::CompareAnswer answer = compare(nic, ask_of(nic, Compared::held, {}));
    ASSERT_EQ(answer.differences.size(), 1u);
    EXPECT_EQ(answer.differences[0], (wire::Difference{pocket, Amount{0}, Amount{300}, eur()}));
}

TEST_F(ComparisonTest, AnotherMomentIsNotCompared) {
    bench.fund_pocket(500);
    nic.ask(pocket, 300);
    nic.sync();
    nic.top_up(5);  // not pushed
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::held, {})).state, Comparison::moved);
    nic.sync();
    wire::CompareAsk ask = ask_of(nic, Compared::held, {});
    ask.generation = 2;
    EXPECT_EQ(compare(nic, ask).state, Comparison::moved);
    ask = ask_of(nic, Compared::balances, {});
    ask.cursor = 1'000'000;
    EXPECT_EQ(compare(nic, ask).state, Comparison::moved);
    bench.write_off(nic);
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::held, held_by(nic))).state, Comparison::moved);
    EXPECT_EQ(bench.exceptions("reconciliation_difference"), 0);
    EXPECT_EQ(noted(nic, Compared::held).at, std::nullopt);
}

TEST_F(ComparisonTest, ABalanceIsWhatTheFeedTellsAndOneOnItsWayIsNoDifference) {
    bench.fund_pocket(500);
    nic.page();
    const std::vector<Balance> rows = told();
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::balances, rows, false)).state, Comparison::same);
    lim.top_up(50);
    lim.sync();
    // The ledger has 550 by now, and the feed will bring it.
    EXPECT_EQ(compare(nic, ask_of(nic, Compared::balances, rows, false)).state, Comparison::different);
    const wire::CompareAnswer answer = compare(nic, ask_of(nic, Compared::balances, rows));
    EXPECT_EQ(answer.state, Comparison::same);
    EXPECT_TRUE(answer.differences.empty());
    // Once it was told, an old figure is a difference.
    nic.page();
    const wire::CompareAnswer late = compare(nic, ask_of(nic, Compared::balances, rows));
    ASSERT_EQ(late.differences.size(), 1u);
    EXPECT_EQ(late.differences[0], (wire::Difference{pocket, Amount{500}, Amount{550}, eur()}));
}

TEST_F(ComparisonTest, GoesBySlicesAndCountsOverAll) {
    bench.fund_pocket(500);
    bench.fund("lot:a", 10);
    bench.fund("lot:b", 20);
    bench.fund("lot:c", 30);
    nic.page();
    wire::CompareAsk first = ask_of(nic, Compared::balances, {{pocket, Amount{500}, eur()}, {"lot:a", Amount{11}, eur()}});
    first.until = "lot:a";
    EXPECT_EQ(compare(nic, first).differences.size(), 1u);
    EXPECT_EQ(noted(nic, Compared::balances).at, std::nullopt);  // not at its end
    wire::CompareAsk rest = ask_of(nic, Compared::balances, {{"lot:b", Amount{20}, eur()}, {"lot:c", Amount{33}, eur()}});
    rest.after = "lot:a";
    EXPECT_EQ(compare(nic, rest).differences.size(), 1u);
    EXPECT_EQ(noted(nic, Compared::balances).different, 2);
    // A later one that finds all in order begins to count anew.
    first = ask_of(nic, Compared::balances, {{pocket, Amount{500}, eur()}, {"lot:a", Amount{10}, eur()}});
    first.until = "lot:a";
    EXPECT_EQ(compare(nic, first).state, Comparison::same);
    rest = ask_of(nic, Compared::balances, {{"lot:b", Amount{20}, eur()}, {"lot:c", Amount{30}, eur()}});
    rest.after = "lot:a";
    EXPECT_EQ(compare(nic, rest).state, Comparison::same);
    EXPECT_EQ(noted(nic, Compared::balances).different, 0);
}

TEST_F(ComparisonTest, AStrangerComparesNothing) {
    crypto::Identity stranger = nic.identity();
    stranger.device = lim.h().text;
    EXPECT_EQ(bench.end.compare(stranger, {}).error().code, "forbidden");
}

}  // namespace
}  // namespace obol::ledger::test
