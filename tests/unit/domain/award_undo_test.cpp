#include <map>
#include <random>

#include "tests/unit/domain/offer_support.hpp"

namespace obol::offers {
namespace {

// Coffee for 10.00 and cake for 5.00; ten per cent of the coffee.
struct Sold {
    PurchaseFacts facts = at_aroma({line("1", 1000), line("2", 500, "Cake")});
    SpendRequest request{};

    Sold() { facts.offers = {ten_percent()}; }
    RefundFacts bought() const { return offers::bought(facts, decide_purchase(facts, request)); }
};

TEST(AwardUndo, ShrinksTheAwardToWhatTheRestEarns) {
    Sold sold;
    RefundFacts facts = sold.bought();
    EXPECT_EQ(show(decide_refund(facts, of_line("2", 500))), "back 0");  // cake earned nothing
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 333))),
              "back 0, ten lot 34 pocket 0 owed 0");  // 10 % of 6.67 is 0.66
    facts.before.push_back(decide_refund(facts, of_line("1", 333)));
    facts.awards[0].left = {Amount{66}, Amount{66}};
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 667))), "back 0, ten lot 66 pocket 0 owed 0");
}

TEST(TrapMoney, T54_AnAwardGoesWhollyOnceAReturnMakesThePurchaseIneligible) {
    Sold sold;
    sold.facts.offers[0].offer.least_spend = Amount{900};
    const RefundFacts facts = sold.bought();
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 100))), "back 0, ten lot 10 pocket 0 owed 0");
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 101))), "back 0, ten lot 100 pocket 0 owed 0");
}

TEST(AwardUndo, LeavesAFixedAwardWhileSomethingItIsForStays) {
    Sold sold;
    sold.facts.offers = {fixed(70)};
    const RefundFacts facts = sold.bought();
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 999))), "back 0");
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))), "back 0, fixed lot 70 pocket 0 owed 0");
}

TEST(AwardUndo, TakesOnlyWhatIsUnspentByDefault) {
    Sold sold;
    RefundFacts facts = sold.bought();
    facts.awards[0].left = {Amount{30}, Amount{30}};
    facts.business = {Amount{50}, Amount{50}};
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))), "back 0, ten lot 30 pocket 0 owed 0");
    facts.awards[0].left = {};
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))), "back 0");
}

TEST(AwardUndo, TakesFromThePocketWithinTheBalance) {
    Sold sold;
    RefundFacts facts = sold.bought();
    facts.award_undo = AwardUndo::within_balance;
    facts.awards[0].left = {Amount{30}, Amount{30}};
    facts.business = {Amount{50}, Amount{50}};
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))), "back 0, ten lot 30 pocket 50 owed 0");
}

TEST(AwardUndo, ClaimsTheRestWhereItMayGoBelowZero) {
    Sold sold;
    RefundFacts facts = sold.bought();
    facts.award_undo = AwardUndo::below_zero;
    facts.awards[0].left = {Amount{30}, Amount{30}};
    facts.business = {Amount{50}, Amount{50}};
    const RefundDecision decision = decide_refund(facts, of_line("1", 1000));
    EXPECT_EQ(show(decision), "back 0, ten lot 30 pocket 50 owed 20");
    EXPECT_EQ(decision.award_owed, Amount{20});
    facts.before.push_back(decision);
    EXPECT_EQ(show(decide_refund(facts, of_line("2", 500))), "back 0");  // claimed once
}

TEST(AwardUndo, OfAnInstantAwardTakesWhatComesBackToItsLotAndItsOpenRest) {
    Sold sold;
    sold.facts.offers[0].offer.instant = true;
    sold.request.mode = SpendMode::amount;
    sold.request.amount = Amount{40};
    RefundFacts facts = sold.bought();
    EXPECT_EQ(facts.business.held, Amount{60});
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))),
              "back 40, ten lot 40 pocket 60 owed 0");
    facts.business = {Amount{25}, Amount{25}};  // some of the rest was spent
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))),
              "back 40, ten lot 40 pocket 25 owed 0");
}

TEST(AwardUndo, OfTwoAwardsSharesThePocketInTheirOrder) {
    Sold sold;
    sold.facts.offers = {ten_percent(), fixed(100)};
    RefundFacts facts = sold.bought();
    facts.award_undo = AwardUndo::within_balance;
    facts.awards[0].left = facts.awards[1].left = {};
    facts.business = {Amount{130}, Amount{130}};
    EXPECT_EQ(show(decide_refund(facts, of_line("1", 1000))),
              "back 0, ten lot 0 pocket 100 owed 0, fixed lot 0 pocket 30 owed 0");
}

TEST(AwardUndo, OfAVoidIsWholeAndGivesPassAndUseBack) {
    Sold sold;
    sold.facts.offers[0].pass = PassId("p1");
    sold.facts.offers[0].offer.claim = Claim::passes;
    sold.facts.offers[0].offer.uses = 3;
    sold.facts.offers[0].uses = {Amount{3}, Amount{1}};
    const RefundFacts facts = sold.bought();
    const RefundDecision decision = decide_refund(facts, {});
    EXPECT_EQ(show(decision), "back 0, ten lot 100 pocket 0 owed 0");
    EXPECT_EQ(decision.undone[0].pass, PassId("p1"));
    EXPECT_TRUE(decision.undone[0].use_back);
    const RefundDecision refund = decide_refund(facts, of_line("1", 1000));
    EXPECT_TRUE(refund.undone[0].pass.empty());
    EXPECT_FALSE(refund.undone[0].use_back);
}

TEST(AwardUndo, OfAVoidIsRefusedWhereTheAwardWasSpent) {
    Sold sold;
    RefundFacts facts = sold.bought();
    facts.awards[0].left = {Amount{99}, Amount{99}};
    EXPECT_EQ(show(decide_refund(facts, {})), "insufficient_funds");
    EXPECT_TRUE(decide_refund(facts, {}).undone.empty());
    EXPECT_EQ(decide_refund(facts, {}).award_owed, Amount{});
    facts.business = {Amount{1}, Amount{1}};  // open money stands in for it
    EXPECT_EQ(show(decide_refund(facts, {})), "back 0, ten lot 99 pocket 1 owed 0");
    facts.business = {};
    facts.award_undo = AwardUndo::below_zero;
    EXPECT_EQ(show(decide_refund(facts, {})), "back 0, ten lot 99 pocket 0 owed 1");
}

TEST(AwardUndo, OfAVoidSaysWhereTheAuthorityIsElsewhere) {
    Sold sold;
    RefundFacts facts = sold.bought();
    facts.awards[0].left = {Amount{100}, Amount{0}};
    EXPECT_EQ(show(decide_refund(facts, {})), "authority_elsewhere");
    const std::vector<Want> wants{{lot_subject(LotId("award-ten")), Amount{100}}};
    EXPECT_EQ(award_authority_wanted(facts, WalletId("w1"), BusinessId("aroma")), wants);
    facts.awards[0].left = {};
    facts.business = {Amount{500}, Amount{20}};
    EXPECT_EQ(show(decide_refund(facts, {})), "authority_elsewhere");
    const std::vector<Want> pocket{
        {business_subject(WalletId("w1"), BusinessId("aroma")), Amount{80}}};
    EXPECT_EQ(award_authority_wanted(facts, WalletId("w1"), BusinessId("aroma")), pocket);
    facts.business = {Amount{500}, Amount{500}};
    EXPECT_TRUE(award_authority_wanted(facts, WalletId("w1"), BusinessId("aroma")).empty());
    // Another venue may have put it back since: then all that was awarded is asked for.
    EXPECT_FALSE(award_authority_wanted(facts, WalletId("w1"), BusinessId("aroma"), true).empty());
}

TEST(AwardUndo, TakesAllWithTheLastGoodsEvenIfNegativeLinesLeaveAPositiveOne) {
    Sold sold;
    sold.facts.basket.lines = {line("1", 1000), line("2", -400, "Discount")};
    const RefundFacts facts = sold.bought();
    EXPECT_EQ(show(decide_refund(facts, of_amount(600))), "back 0, ten lot 100 pocket 0 owed 0");
}

// Random baskets and offers, refunded bit by bit: the award is within its bounds, what is undone never
// passes it, and with everything given back nothing of it stays.
TEST(AwardUndo, OfEverythingIsEverything) {
    std::mt19937_64 any{20261124};
    const auto below = [&any](std::int64_t n) { return static_cast<std::int64_t>(any() % static_cast<std::uint64_t>(n)); };
    for (int round = 0; round < 3000; ++round) {
        SCOPED_TRACE(round);
        std::vector<Line> lines;
        const std::int64_t count = 1 + below(4);
        for (std::int64_t i = 0; i < count; ++i) {
            lines.push_back(line(std::to_string(i + 1), below(6) == 0 ? -below(200) : 1 + below(1000),
                                 below(2) == 0 ? "Coffee" : "Cake"));
        }
        PurchaseFacts sold = at_aroma(lines);
        sold.business = {Amount{400}, Amount{400}};
        sold.offers = {ten_percent(), fixed(1 + below(300))};
        for (OfferFacts& each : sold.offers) {
            each.offer.instant = below(2) == 0;
            each.offer.least_spend = Amount{below(800)};
            if (below(3) == 0) each.offer.reward.cap = Amount{1 + below(50)};
            if (each.offer.reward.basis_points > 0) {
                each.offer.reward.basis_points = static_cast<int>(1 + below(10'000));
            }
        }
        const PurchaseDecision decision = decide_purchase(sold, {});
        ASSERT_TRUE(decision.accepted);
        for (const Award& award : decision.awards) {
            const Offer& offer = award.offer.text == "ten" ? sold.offers[0].offer : sold.offers[1].offer;
            const Amount matching = matching_total(offer, sold.basket);
            ASSERT_GT(award.amount, Amount{});
            ASSERT_LE(award.amount, offer.reward.cap.value_or(award.amount));
            if (offer.reward.basis_points > 0) {
                ASSERT_LE(award.amount.minor * whole_in_basis_points,
                          matching.minor * offer.reward.basis_points);
            }
        }
        RefundFacts facts = bought(sold, decision);
        std::map<LotId, Amount> undone;
        while (true) {
            Amount open;
            for (const Refundable& each : refundable_lines(facts)) open = std::max(open, each.amount);
            if (open.minor <= 0) break;
            const RefundDecision refund = decide_refund(facts, of_amount(1 + below(open.minor)));
            ASSERT_TRUE(refund.accepted);
            for (const PaidFrom& back : refund.allocations) {
                if (back.pocket == Pocket::business) facts.business.held += back.amount;
                for (AwardFacts& award : facts.awards) {
                    if (award.award.lot.id == back.lot) award.left.held += back.amount;
                }
            }
            for (const AwardUndone& each : refund.undone) {
                undone[each.lot] += each.total();
                facts.business.held -= each.from_business;
                for (AwardFacts& award : facts.awards) {
                    if (award.award.lot.id == each.lot) award.left.held -= each.from_lot;
                }
            }
            facts.before.push_back(refund);
        }
        if (decision.basket_total.minor <= 0) continue;
        for (const AwardFacts& each : facts.awards) {
            ASSERT_EQ(undone[each.award.lot.id], each.award.amount);
            ASSERT_EQ(each.left.held, Amount{});
        }
        ASSERT_EQ(facts.business.held, Amount{400});
    }
}

}  // namespace
}  // namespace obol::offers
