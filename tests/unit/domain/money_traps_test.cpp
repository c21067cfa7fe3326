// The traps of money, each by its number. What is not here:
//   42  numbers in JSON are read in sync/wire, which takes exact integers up to 2^53-1 alone:
//       TrapMoney.T42_… in wire/json_test.cpp.
//   49  there are no fees, so none takes a wallet below zero; what counts towards a limit is in the
//       tests of limits.
//   54  what a partial return takes back of a promotion is T54_… in award_undo_test.cpp.

#include <gtest/gtest.h>

#include "sync/domain/bounds.hpp"
#include "sync/domain/purchase.hpp"
#include "sync/domain/refund.hpp"

namespace obol {
namespace {

struct Shop {
    PurchaseFacts facts;

    explicit Shop(const char* currency = "EUR") {
        facts.place = {VenueId("nic"), BusinessId("aroma")};
        facts.zone = "Asia/Nicosia";
        facts.now = *parse_rfc3339("2026-11-24T10:00:00Z");
        facts.basket.currency = *Currency::parse(currency);
    }
    Pool& pool(const char* id) {
        Pool fresh;
        fresh.id = PoolId(id);
        return facts.pools.emplace_back(std::move(fresh));
    }
    Pool& coffee() {  // pays for coffee alone
        Pool& made = pool("coffee");
        made.families = {"Coffee"};
        made.spend_on = SpendOn::matching_lines;
        return made;
    }
    Shop& line(const char* id, std::int64_t amount, const char* family = "Coffee",
               const char* type = "goods") {
        Line line;
        line.id = LineId(id);
        line.quantity = "1";
        line.amount = Amount{amount};
        line.family = family;
        line.type = type;
        facts.basket.lines.push_back(std::move(line));
        return *this;
    }
    LotFacts& lot(const char* id, const char* under, std::int64_t amount) {
        LotFacts lot;
        lot.lot.id = LotId(id);
        lot.lot.pool = PoolId(under);
        lot.lot.currency = facts.basket.currency;
        lot.funds = {Amount{amount}, Amount{amount}};
        return facts.lots.emplace_back(std::move(lot));
    }
    PurchaseDecision sell(SpendMode mode = SpendMode::max, std::int64_t amount = 0) const {
        SpendRequest request;
        request.mode = mode;
        request.amount = Amount{amount};
        return decide_purchase(facts, request);
    }
    RefundFacts sold() const {
        RefundFacts refund;
        refund.basket = facts.basket;
        refund.paid = sell().allocations;
        return refund;
    }
};

RefundRequest back(const char* line, std::int64_t amount) {
    RefundRequest request;
    request.lines = {{LineId(line), Amount{amount}}};
    return request;
}

TEST(TrapMoney, T41_MinorUnitsFollowTheCurrencyAndRetiredCodesAreNone) {
    EXPECT_EQ(Currency::parse("JPY")->exponent(), 0);
    EXPECT_EQ(Currency::parse("KWD")->exponent(), 3);
    EXPECT_EQ(Currency::parse("BHD")->exponent(), 3);
    EXPECT_EQ(Currency::parse("CLF")->exponent(), 4);
    for (const char* none : {"PTS", "BYR", "MRO", "STD", "VEF", "ZWD", "HRK"}) {
        EXPECT_FALSE(Currency::parse(none)) << none;
    }
    Shop shop("JPY");
    shop.pool("open");
    shop.line("1", 1200).lot("a", "open", 1000);
    EXPECT_EQ(to_decimal(shop.sell().due, shop.facts.basket.currency), "200");
}

TEST(TrapMoney, T43_TheTotalIsTheSumOfTheLinesAndQuantitiesAreNeverCounted) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 113).line("2", 114).lot("a", "open", 1000);
    shop.facts.basket.lines[0].quantity = "0.335";  // kg at 3.39: rounded by the POS, once
    shop.facts.basket.lines[1].quantity = "1e9";
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.basket_total, Amount{227});
    EXPECT_EQ(got.spent, Amount{227});
}

TEST(TrapMoney, T44_APartialReturnUsesTheSharesThatWereStored) {
    Shop shop;
    shop.coffee();
    shop.pool("open");
    shop.line("1", 300, "Coffee").line("2", 300, "Tea");
    shop.lot("a", "coffee", 200);
    shop.lot("b", "open", 333);
    const RefundFacts sold = shop.sold();
    // The tea took 300 of b, so line 1 was paid with 200 of a and 33 of b, whatever a proportion
    // of 533 paid on 600 would make of it.
    const RefundDecision got = decide_refund(sold, back("1", 250));
    ASSERT_EQ(got.allocations.size(), 2u);
    EXPECT_EQ(got.allocations[0].lot, LotId("b"));
    EXPECT_EQ(got.allocations[0].amount, Amount{33});
    EXPECT_EQ(got.allocations[1].lot, LotId("a"));
    EXPECT_EQ(got.allocations[1].amount, Amount{200});
    EXPECT_EQ(got.due_back, Amount{17});
}

TEST(TrapMoney, T45_NegativeAndFreeLinesLowerTheTotalAndNothingElse) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 500).line("2", -200).line("3", 0).lot("a", "open", 1000);
    EXPECT_EQ(shop.sell().spent, Amount{300});
    for (const PaidFrom& part : shop.sell().allocations) {
        for (const LineShare& share : part.lines) EXPECT_EQ(share.line, LineId("1"));
    }
}

TEST(TrapMoney, T45_AnExchangeThatOwesTheCustomerSpendsNothing) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 500).line("2", -800).lot("a", "open", 1000);
    for (const SpendMode mode : {SpendMode::max, SpendMode::full, SpendMode::none}) {
        const PurchaseDecision got = shop.sell(mode);
        EXPECT_TRUE(got.accepted);
        EXPECT_EQ(got.spent, Amount{0});
        EXPECT_EQ(got.due, Amount{-300});
    }
    EXPECT_EQ(shop.sell(SpendMode::amount, 1).reasons.at(0).code, Code::above_maximum);
    EXPECT_EQ(shop.sell(SpendMode::amount, 1).reasons.at(0).available, Amount{0});
}

TEST(TrapMoney, T46_ALotForProductsPaysNothingOfALineThatADiscountMadeFree) {
    Shop shop;
    shop.coffee();
    shop.line("1", 0, "Coffee").line("2", 900, "Tea").lot("a", "coffee", 1000);
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.spent, Amount{0});
    EXPECT_EQ(got.refused.at(0).reasons.at(0).code, Code::no_matching_product);
    shop.facts.pools[0].spend_on = SpendOn::basket;
    EXPECT_EQ(shop.sell().spent, Amount{0}) << "a free line unlocks no basket either";
}

TEST(TrapMoney, T47_TwoLotsForOneLineNeverPayItTwice) {
    Shop shop;
    shop.coffee();
    shop.pool("open");
    shop.line("1", 500, "Coffee").line("2", 100, "Tea");
    shop.lot("a", "coffee", 400);
    shop.lot("b", "coffee", 400);
    shop.lot("c", "open", 50);
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.spent, Amount{550});
    Amount coffee;
    for (const PaidFrom& part : got.allocations) {
        for (const LineShare& share : part.lines) {
            if (share.line == LineId("1")) coffee += share.amount;
        }
    }
    EXPECT_EQ(coffee, Amount{500});
}

TEST(TrapMoney, T48_MoneyForGoodsBuysNoVouchersDepositsOrTips) {
    Shop shop;
    Pool& goods = shop.pool("goods");
    goods.types = {"goods"};
    goods.spend_on = SpendOn::matching_lines;
    shop.line("1", 250, "Coffee", "goods").line("2", 2500, "Gift", "voucher");
    shop.line("3", 100, "", "deposit").line("4", 100, "", "tip").lot("a", "goods", 5000);
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.spent, Amount{250});
    EXPECT_EQ(got.due, Amount{2700});
}

TEST(TrapMoney, T50_MoneyOfAnotherCurrencyIsNeverConverted) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 500).lot("a", "open", 1000).lot.currency = *Currency::parse("USD");
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.spent, Amount{0});
    EXPECT_TRUE(got.refused.empty());
}

TEST(TrapMoney, T51_TheWalletPaysToTheCentAndLeavesRoundingToTheCash) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 1003).lot("a", "open", 998);
    EXPECT_EQ(shop.sell().spent, Amount{998});
    EXPECT_EQ(shop.sell().due, Amount{5});
    shop.facts.lots[0].funds = {Amount{1001}, Amount{1001}};
    EXPECT_EQ(shop.sell().due, Amount{2}) << "not 0, not 5";
}

TEST(TrapMoney, T52_TheLargestAmountsAddUpAndNothingIsSpentOfNothing) {
    Shop shop;
    shop.pool("open");
    for (std::size_t n = 0; n < most_lines; ++n) {
        shop.line(std::to_string(n).c_str(), largest_amount);
    }
    shop.facts.business = {Amount{largest_pocket}, Amount{largest_pocket}};
    shop.lot("a", "open", largest_credit);
    shop.lot("empty", "open", 0);
    const PurchaseDecision got = shop.sell();
    EXPECT_EQ(got.spent.minor, largest_pocket + largest_credit);
    EXPECT_EQ(got.due.minor, 1000 * largest_amount - largest_pocket - largest_credit);
    EXPECT_EQ(shop.sell(SpendMode::amount, largest_amount).reasons.at(0).available,
              got.spent);
    EXPECT_EQ(shop.sell(SpendMode::amount, INT64_MAX).reasons.at(0).code, Code::above_maximum);
}

TEST(TrapMoney, T53_NoLineComesBackTwiceAndNoLotGetsMoreThanItPaid) {
    Shop shop;
    shop.pool("open");
    shop.line("1", 500).line("2", 500).lot("a", "open", 600);
    RefundFacts sold = shop.sold();
    EXPECT_EQ(decide_refund(sold, back("1", 501)).reasons.at(0).code,
              Code::refund_exceeds_purchase);
    sold.before.push_back(decide_refund(sold, back("1", 500)));
    EXPECT_EQ(decide_refund(sold, back("1", 1)).reasons.at(0).code, Code::refund_exceeds_purchase);
    sold.before.push_back(decide_refund(sold, {}));
    Amount returned;
    for (const RefundDecision& refund : sold.before) returned += refund.refunded;
    EXPECT_EQ(returned, Amount{600});
    EXPECT_EQ(decide_refund(sold, {}).reasons.at(0).code, Code::already_refunded);
    EXPECT_EQ(decide_refund(sold, back("2", 1)).reasons.at(0).code, Code::already_refunded);
}

}  // namespace
}  // namespace obol
