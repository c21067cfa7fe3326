// A patched agent with a valid key changes a purchase before it writes it. Each change is booked,
// since the goods are gone, and each is found.

#include <functional>

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

struct Change {
    const char* name;
    std::function<void(journal::Purchase&)> apply;
};

// Postings follow from the changed record, so the entry is consistent in itself.
const std::vector<Change>& changes() {
    static const std::vector<Change> all{
        {"a line that was dearer", [](auto& p) { p.facts.basket.lines[0].amount = Amount{900}; }},
        {"another product", [](auto& p) { p.facts.basket.lines[0].sku = "XX"; }},
        {"a product of another family", [](auto& p) { p.facts.basket.lines[0].family = "Coffee"; }},
        {"a rule of a version that never was", [](auto& p) { p.facts.pools[0].version = 9; }},
        {"a rule that says something else",
         [](auto& p) { p.facts.pools[0].spend_on = SpendOn::matching_lines; }},
        {"less spent than the rules take",
         [](auto& p) {
             p.decision.allocations[0].amount -= Amount{10};
             p.decision.allocations[0].lines[0].amount -= Amount{10};
             p.decision.spent -= Amount{10};
             p.decision.due += Amount{10};
         }},
        {"paid from the pocket instead of the lot",
         [](auto& p) {
             p.decision.allocations[0].pocket = Pocket::business;
             p.decision.allocations[0].lot = LotId{};
             p.decision.allocations[0].pool = PoolId{};
             p.decision.allocations[0].pool_version = 0;
         }},
        {"another policy", [](auto& p) { p.decision.policy = "whatever/1"; }},
        {"a total that is not the basket's", [](auto& p) { p.decision.basket_total = Amount{1}; }},
        {"a lot that was credited earlier",
         [](auto& p) { p.facts.lots[0].lot.credited_at -= Millis{1}; }},
        {"another moment", [](auto& p) { p.facts.now -= Millis{86'400'000}; }},
        {"another venue", [](auto& p) { p.facts.place.venue = VenueId{"lim"}; }},
    };
    return all;
}

class Tampered : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Tampered, IsBookedAndFlagged) {
    const Change& change = changes()[GetParam()];
    SCOPED_TRACE(change.name);
    Bench bench;
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    Device nic = bench.enrol("nic", 1);
    nic.ask_placement();
    nic.sync();
    nic.redeem(pass, 2500);
    nic.top_up(1000);
    nic.sync();
    ASSERT_EQ(bench.exceptions("replay_mismatch"), 0);
    const std::int64_t before = bench.value("sale:nic") + bench.value("sale:lim");

    journal::Purchase purchase = nic.purchase_record(700);
    ASSERT_EQ(purchase.decision.spent, Amount{700});
    purchase.digest = journal::facts_digest(purchase);  // as the honest till would have written it
    change.apply(purchase);
    nic.write(purchase);
    nic.purchase(5);  // and the chain goes on
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, (std::vector{wire::EntryResult::accepted_with_exception,
                                             wire::EntryResult::accepted}));
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    EXPECT_GT(bench.value("sale:nic") + bench.value("sale:lim"), before + 5);
    bench.check();
}

INSTANTIATE_TEST_SUITE_P(Purchases, Tampered, ::testing::Range<std::size_t>(0, changes().size()));

TEST(Tampering, AnHonestPurchaseIsNotFlagged) {
    Bench bench;
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    Device nic = bench.enrol("nic", 1);
    nic.ask_placement();
    nic.sync();
    nic.redeem(pass, 2500);
    nic.top_up(1000);
    nic.purchase(700);
    nic.purchase(2600);
    nic.sync();
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
    bench.check();
}

TEST(Tampering, ASecondPurchaseUnderAnIdThatIsTakenIsBookedAndFlagged) {
    Bench bench;
    bench.fund_pocket(500);
    Device nic = bench.enrol("nic", 1);
    nic.ask(bench.pocket(), 500);
    nic.sync();
    const journal::Purchase first = nic.purchase(200);
    journal::Purchase second = nic.purchase_record(100);
    second.id = first.id;
    nic.write(second);
    nic.sync();
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    EXPECT_EQ(bench.value("sale:nic"), 300);
    bench.check();
}

TEST(Tampering, ARefundOfMoreThanWasPaidIsFlagged) {
    Bench bench;
    bench.fund_pocket(500);
    Device nic = bench.enrol("nic", 1);
    nic.ask(bench.pocket(), 500);
    nic.sync();
    const journal::Purchase purchase = nic.purchase(200);
    nic.sync();
    nic.refund(purchase, 150);
    nic.sync();
    ASSERT_EQ(bench.exceptions("replay_mismatch"), 0);
    journal::Refund again = nic.refund(purchase, 50);
    again.id = "again";
    again.facts.before.clear();  // as if nothing had been refunded
    again.request.amount = Amount{200};
    again.decision = decide_refund(again.facts, again.request);
    nic.write(again);
    nic.sync();
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    bench.check();
}

TEST(Tampering, APassRedeemedForMoreThanItIsWorthIsFlagged) {
    Bench bench;
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    Device nic = bench.enrol("nic", 1);
    nic.ask_placement();
    nic.sync();
    nic.redeem(pass, 9900);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    EXPECT_EQ(bench.exceptions("overdrawn"), 1);
    EXPECT_EQ(bench.loss(pass_subject(pass)), 7400);
    bench.check();
}

}  // namespace
}  // namespace obol::ledger::test
