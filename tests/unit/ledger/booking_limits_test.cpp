// Limits at the centre: counted on the day it happened, whenever it arrives; above one, booked and
// raised.

#include "sync/ledger/store/limits.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using std::chrono::hours;

class BookingLimits : public ::testing::Test {
protected:
    BookingLimits() {
        bench.fund_pocket(100'000);
        bench.clock.at = *parse_rfc3339("2026-11-19T10:00:00Z");  // a Thursday
    }
    void TearDown() override { bench.check(); }

    Device holding(const std::string& venue, std::uint64_t seed, std::int64_t amount) {
        Device device = bench.enrol(venue, seed);
        device.ask(bench.pocket(), amount);
        device.sync();
        return device;
    }
    Limit limit(const std::string& id, LimitPeriod period, std::optional<std::int64_t> count,
                std::optional<Amount> amount, LimitKind kind = LimitKind::debit) {
        Limit out{.id = id, .business = aroma, .kind = kind, .period = period, .currency = eur()};
        out.most_count = count;
        out.most_amount = amount;
        return out;
    }
    void issue(const Limit& limit) {
        sql::Txn txn{*bench.db};
        put_limit(bench.books, limit, bench.clock.at);
        txn.commit();
    }
    // As an honest agent that has the whole feed states it.
    journal::Purchase knowing(Device& device, std::int64_t amount, Activity done) {
        journal::Purchase out = device.purchase_record(amount);
        out.facts.limits.as_of = bench.books.last_change();
        out.facts.limits.limits =
            limits_known(bench.books, aroma, maria, LimitKind::debit, out.facts.limits.as_of);
        out.facts.limits.activity = {std::move(done)};
        out.decision = decide_purchase(out.facts, out.request);
        return out;
    }
    Activity today(std::int64_t count, std::int64_t amount) {
        return {LimitPeriod::day, count, Amount{amount}, *parse_rfc3339("2026-11-20T02:00:00Z"),
                "+02:00"};
    }
    std::int64_t counted(LimitKind kind, Instant at, bool money = false) {
        sql::ReadTxn txn{*bench.db};
        const std::string day =
            to_iso_date(business_day_of(at, {*Zone::find("Asia/Nicosia"), cutoff_minute}));
        return bench.db
            ->value<std::int64_t>(money ? "SELECT amount FROM activity WHERE kind = ? AND day = ?"
                                        : "SELECT count FROM activity WHERE kind = ? AND day = ?",
                                  name_of(kind), day)
            .value_or(0);
    }
    Bench bench;
    int cutoff_minute = 0;  // the bench's business has none
};

TEST_F(BookingLimits, CountsAnEntryOnTheDayItHappenedWheneverItArrives) {
    issue(limit("two", LimitPeriod::day, 2, std::nullopt));
    Device nic = holding("nic", 1, 5'000), lim = holding("lim", 2, 5'000);
    const Instant thursday = bench.clock.at;
    nic.purchase(100);
    lim.purchase(100);
    lim.purchase(100);
    ASSERT_TRUE(lim.push());
    bench.clock.at += hours{72};
    nic.purchase(100);  // Sunday's own
    EXPECT_EQ(bench.exceptions("limit_reached"), 0);
    ASSERT_TRUE(nic.push());  // Thursday's third comes on Sunday
    EXPECT_EQ(counted(LimitKind::debit, thursday), 3);
    EXPECT_EQ(counted(LimitKind::debit, thursday, true), 300);
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at), 1);
    EXPECT_EQ(bench.exceptions("limit_reached"), 1);
    EXPECT_EQ(bench.value(bench.pocket()), 100'000 - 400);  // booked all the same
    const auto detail = bench.db->value<std::string>(
        "SELECT detail || '; ' || owner || '; ' || minor || ' ' || currency FROM exception "
        "WHERE code = 'limit_reached'");
    EXPECT_EQ(detail,
              "debit per day (two) of wallet maria on 2026-11-19: 3 of at most 2; aroma; 100 EUR");
}

TEST_F(BookingLimits, ADuplicateCountsOnce) {
    issue(limit("two", LimitPeriod::day, 2, std::nullopt));
    Device nic = holding("nic", 1, 5'000);
    nic.purchase(100);
    ASSERT_TRUE(nic.push_from(1));
    ASSERT_TRUE(nic.push_from(1));
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at), 1);
}

TEST_F(BookingLimits, RaisesWhatIsAboveInMoneyAndNotMoreThanTheEntry) {
    issue(limit("money", LimitPeriod::week, std::nullopt, Amount{1'000}));
    Device nic = holding("nic", 1, 5'000);
    nic.purchase(900);
    nic.purchase(300);
    nic.purchase(50);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("limit_reached"), 2);
    EXPECT_EQ(bench.db->value<std::int64_t>(
                  "SELECT sum(minor) FROM exception WHERE code = 'limit_reached'"),
              200 + 50);
}

TEST_F(BookingLimits, ALimitDoesNotReachBackBehindItsMaking) {
    Device nic = holding("nic", 1, 5'000);
    nic.purchase(900);
    bench.clock.at += hours{1};
    issue(limit("money", LimitPeriod::day, std::nullopt, Amount{500}));
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("limit_reached"), 0);
    nic.purchase(1);  // but what came before it counts
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("limit_reached"), 1);
}

TEST_F(BookingLimits, AVenueUsesUpNoLimitOfAnotherBusiness) {
    Device nic = holding("nic", 1, 5'000);
    journal::Purchase forged = nic.purchase_record(100);
    forged.facts.place.business = BusinessId{"elsewhere"};
    bench.books.put_fact("business", "elsewhere", BusinessId{"elsewhere"},
                         {{"id", "elsewhere"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"}});
    nic.write(forged);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at), 0);
}

TEST_F(BookingLimits, AVoidTakesItsPurchaseOutOnce) {
    issue(limit("two", LimitPeriod::day, 2, std::nullopt));
    Device nic = holding("nic", 1, 5'000);
    const Instant bought = bench.clock.at;
    const journal::Purchase purchase = nic.purchase(100);
    const journal::Purchase kept = nic.purchase(100);
    ASSERT_TRUE(nic.push());
    bench.clock.at += hours{30};
    nic.refund(kept, 60);  // a refund gives nothing back
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(counted(LimitKind::debit, bought), 2);
    journal::Refund voided = nic.refund(purchase);
    ASSERT_TRUE(voided.is_void);
    voided.id += "-again";
    nic.write(voided);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(counted(LimitKind::debit, bought), 1);
    EXPECT_EQ(counted(LimitKind::debit, bought, true), 100);
}

TEST_F(BookingLimits, AVoidThatComesBeforeItsPurchaseLeavesNothingCounted) {
    Device nic = holding("nic", 1, 5'000), lim = holding("lim", 2, 5'000);
    const journal::Purchase purchase = nic.purchase(100);
    nic.purchase(30);
    const journal::Refund voided = lim.refund(purchase);
    ASSERT_TRUE(voided.is_void);
    ASSERT_TRUE(lim.push());  // as after a restore: whose chain comes first is chance
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at), 1);
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at, true), 30);
}

TEST_F(BookingLimits, CountsTopUpsAndRedeemedPassesApart) {
    Device nic = bench.enrol("nic", 1);
    nic.top_up(700);
    const PassId pass = bench.make_pass("GIFTAAAABBBB1", 2'500, "nic");
    nic.ask(pass_subject(pass), 2'500);
    nic.sync();
    nic.redeem(pass, 2'500);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(counted(LimitKind::top_up, bench.clock.at, true), 700);
    EXPECT_EQ(counted(LimitKind::credit, bench.clock.at, true), 2'500);
    EXPECT_EQ(counted(LimitKind::debit, bench.clock.at), 0);
}

TEST_F(BookingLimits, BelievesAVenueThatKeptWhatItWasTold) {
    issue(limit("two", LimitPeriod::day, 2, Amount{5'000}));
    Device nic = holding("nic", 1, 5'000);
    nic.write(knowing(nic, 100, today(0, 0)));
    nic.write(knowing(nic, 100, today(1, 100)));
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
    EXPECT_EQ(bench.exceptions("limit_reached"), 0);
}

TEST_F(BookingLimits, FindsALimitThatAPatchedAgentLeftOut) {
    issue(limit("two", LimitPeriod::day, 2, Amount{5'000}));
    Device nic = holding("nic", 1, 5'000);
    journal::Purchase purchase = knowing(nic, 100, today(0, 0));
    purchase.facts.limits.limits.clear();
    purchase.facts.limits.activity.clear();
    nic.write(purchase);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

TEST_F(BookingLimits, FindsAVenueThatClaimsToKnowLessThanBefore) {
    Device nic = holding("nic", 1, 5'000);
    issue(limit("two", LimitPeriod::day, 2, Amount{5'000}));
    nic.write(knowing(nic, 100, today(0, 0)));
    ASSERT_TRUE(nic.push());
    journal::Purchase purchase = nic.purchase_record(100);
    purchase.facts.limits.as_of = 1;
    nic.write(purchase);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

TEST_F(BookingLimits, ExpectsOldAndNewVersionOfAChangedLimitByWhatTheVenueKnew) {
    issue(limit("two", LimitPeriod::day, 2, Amount{5'000}));
    Device nic = holding("nic", 1, 5'000);
    const journal::Purchase before = knowing(nic, 100, today(0, 0));
    Limit changed = limit("two", LimitPeriod::day, 9, Amount{5'000});
    changed.version = 2;
    issue(changed);
    nic.write(before);
    nic.write(knowing(nic, 100, today(1, 100)));
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingLimits, TheFeedBringsLimitsAndWhatIsCounted) {
    Device nic = holding("nic", 1, 5'000), lim = holding("lim", 2, 100);
    nic.purchase(100);
    ASSERT_TRUE(nic.push());
    (void)lim.page();
    nic.purchase(100);
    ASSERT_TRUE(nic.push());
    const auto activity = [](const std::vector<wire::Fact>& facts) {
        std::vector<journal::Tally> out;
        for (const wire::Fact& fact : facts) {
            if (fact.kind == "activity") out = journal::tallies_from(fact.body).value().tallies;
        }
        return out;
    };
    EXPECT_TRUE(activity(lim.page().facts).empty());  // nobody asks, so nobody is told
    issue(limit("two", LimitPeriod::day, 2, Amount{5'000}));
    wire::Page page = lim.page();
    EXPECT_EQ(activity(page.facts),
              (std::vector<journal::Tally>{{"debit", "2026-11-19", 2, Amount{200}}}));
    EXPECT_TRUE(std::any_of(page.facts.begin(), page.facts.end(),
                            [](const wire::Fact& fact) { return fact.kind == "limit"; }));
    nic.purchase(50);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(activity(lim.page().facts),
              (std::vector<journal::Tally>{{"debit", "2026-11-19", 3, Amount{250}}}));
    EXPECT_EQ(activity(bench.end.snapshot(lim.identity())->facts),
              (std::vector<journal::Tally>{{"debit", "2026-11-19", 3, Amount{250}}}));
    bench.clock.at += hours{24 * 40};  // nothing of then can matter now
    EXPECT_TRUE(activity(bench.end.snapshot(lim.identity())->facts).empty());
}

}  // namespace
}  // namespace obol::ledger::test
