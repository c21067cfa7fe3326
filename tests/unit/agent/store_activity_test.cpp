#include "agent/store/activity.hpp"
#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;
using std::chrono::hours;

struct StoreActivity : UplinkStoreTest {
    StoreActivity() {
        wire::Page one = page();
        one.facts = {business()};
        apply(one);
    }
    static wire::Fact business() {
        return {"business", "aroma", false,
                {{"id", "aroma"}, {"name", "Aroma"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"}, {"cutoff", "04:00"}}};
    }
    static wire::Fact activity(std::vector<journal::Tally> tallies) {
        const journal::Tallies all{maria, aroma, std::move(tallies)};
        return {"activity", "maria:aroma", false, journal::to_map(all)};
    }
    void hear(std::vector<journal::Tally> tallies, std::int64_t as_of) {
        wire::Page one = page();
        one.facts = {activity(std::move(tallies))};
        one.as_of = as_of;
        ASSERT_TRUE(apply(one));
    }
    std::string on(std::string_view kind, LocalDate first) {
        const DayRange days{first, add_days(first, 1), {}};
        const journal::Tally got = store->facts().tallied(maria, aroma, kind, days);
        return std::to_string(got.count) + "/" + std::to_string(got.amount.minor);
    }

    static constexpr LocalDate today{2026, 11, 21};
};

TEST_F(StoreActivity, OwnEntriesCountFromTheirCommitOnAndAfterARestart) {
    top_up(1'000);
    spend(100);
    spend(250);
    EXPECT_EQ(on("debit", today), "2/350");
    EXPECT_EQ(on("top_up", today), "1/1000");
    uplink.reset();
    reopen();
    EXPECT_EQ(on("debit", today), "2/350");
}

TEST_F(StoreActivity, AJobThatIsUndoneCountsNothing) {
    top_up(1'000);
    const auto done = write<int>([this](WriteTxn& txn) -> Result<int> {
        txn.append(purchase_of(100));
        return Fault{"refused", "on second thoughts"};
    });
    EXPECT_FALSE(done.has_value());
    EXPECT_EQ(on("debit", today), "0/0");
}

TEST_F(StoreActivity, IsWhatTheCentreCountedPlusOwnEntriesAfterIt) {
    top_up(1'000);
    const std::int64_t first = spend(100).seq;
    spend(250);
    hear({{"debit", "2026-11-21", 4, Amount{900}}}, first);
    EXPECT_EQ(on("debit", today), "5/1150");
    hear({{"debit", "2026-11-21", 5, Amount{1'150}}}, first + 1);
    EXPECT_EQ(on("debit", today), "5/1150");
    hear({}, first + 1);  // what the fact does not name is nothing
    EXPECT_EQ(on("debit", today), "0/0");
}

TEST_F(StoreActivity, ASnapshotReplacesWhatItIncludes) {
    top_up(1'000);
    const std::int64_t first = spend(100).seq;
    spend(250);
    wire::Snapshot snapshot;
    snapshot.generation = 1;
    snapshot.cursor = 9;
    snapshot.as_of = first;
    snapshot.facts = {business(), activity({{"debit", "2026-11-21", 3, Amount{300}}})};
    run(uplink->install(snapshot));
    EXPECT_EQ(on("debit", today), "4/550");
    EXPECT_EQ(on("top_up", today), "0/0");
}

TEST_F(StoreActivity, CountersOverAllDaysAreApartFromThoseOfADay) {
    hear({{"debit", "2026-11-21", 3, Amount{300}}, {"offer:o1", "", 2, Amount{}}}, 0);
    EXPECT_EQ(store->facts().tallied(maria, aroma, "offer:o1", std::nullopt).count, 2);
    EXPECT_EQ(store->facts().tallied(maria, aroma, "debit", std::nullopt).count, 0);
    write<int>([](WriteTxn& txn) -> Result<int> {
        add_own_tally(txn.db(), 99, maria, aroma, {"offer:o1", "", 1, Amount{}});
        return 1;
    }).value();
    EXPECT_EQ(store->facts().tallied(maria, aroma, "offer:o1", std::nullopt).count, 3);
}

TEST_F(StoreActivity, WhatCanMatterNoMoreIsForgottenWithTheNextPage) {
    top_up(1'000);
    spend(100);
    hear({{"debit", "2026-11-21", 3, Amount{300}}, {"offer:o1", "", 2, Amount{}}}, 0);
    clock.at += hours{24 * 39};
    apply(page());
    EXPECT_EQ(on("debit", today), "4/400");
    clock.at += hours{24 * 2};
    apply(page());
    EXPECT_EQ(on("debit", today), "0/0");
    EXPECT_EQ(count("SELECT count(*) FROM activity_own"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM activity_central"), 1);
}

TEST_F(StoreActivity, ALimitThatIsGoneOrChangedBindsAsItIsNow) {
    const auto limit = [](std::string_view id, std::int64_t version, std::optional<std::int64_t> most) {
        journal::Map body{{"id", id}, {"version", version}, {"business", "aroma"}, {"kind", "debit"},
                          {"period", "day"}, {"currency", "EUR"}};
        if (most) body["most_count"] = *most;
        return wire::Fact{"limit", std::string(id), false, body};
    };
    const auto known = [this] {
        std::string out;
        const LimitFacts facts = store->facts().limit_facts(maria, aroma, LimitKind::debit, clock.at);
        for (const Limit& each : facts.limits) out += each.id + std::to_string(each.version) + " ";
        return out;
    };
    wire::Page one = page();
    one.facts = {limit("a", 1, 5), limit("b", 1, 5), limit("c", 1, 5)};
    ASSERT_TRUE(apply(one));
    EXPECT_EQ(known(), "a1 b1 c1 ");
    one = page();
    one.facts = {limit("a", 2, 6), limit("b", 2, std::nullopt), wire::Fact{"limit", "c", true, {}}};
    ASSERT_TRUE(apply(one));
    EXPECT_EQ(known(), "a2 ");
}

}  // namespace
}  // namespace obol::agent
