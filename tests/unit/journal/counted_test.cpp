#include "sync/journal/counted.hpp"

#include <gtest/gtest.h>

#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

const Instant wall = samples::noon + std::chrono::hours{1};

std::optional<Counted> count(const Record& record, std::optional<Purchase> bought = std::nullopt) {
    return counted(record, wall, [&](const PurchaseId&) { return bought; });
}

TEST(Counted, APurchaseIsADebitOfWhatTheWalletPaid) {
    const Purchase purchase = samples::purchase();
    const Counted right{purchase.wallet,
                        BusinessId("aroma"),
                        LimitKind::debit,
                        purchase.facts.now,
                        1,
                        {purchase.decision.spent, samples::eur}};
    EXPECT_EQ(count(purchase), right);
}

TEST(Counted, APurchaseThatTookNothingIsNone) {
    Purchase purchase = samples::purchase();
    purchase.request.mode = SpendMode::none;
    purchase.decision = decide_purchase(purchase.facts, purchase.request);
    EXPECT_EQ(count(purchase), std::nullopt);
    Refund voided = samples::refund(purchase);
    voided.is_void = true;
    EXPECT_EQ(count(voided, purchase), std::nullopt);
}

TEST(Counted, AVoidTakesItsPurchaseOutOnTheDayOfThePurchase) {
    const Purchase purchase = samples::purchase();
    Refund voided = samples::refund(purchase);
    voided.is_void = true;
    const auto out = count(voided, purchase);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->count, -1);
    EXPECT_EQ(out->money.amount, -purchase.decision.spent);
    EXPECT_EQ(out->at, purchase.facts.now);
    EXPECT_EQ(count(voided), std::nullopt);  // not in the books
    EXPECT_EQ(count(samples::refund(purchase), purchase),
              std::nullopt);  // a refund gives none back
}

TEST(Counted, MoneyThatComesInCountsWhenItCame) {
    const auto credit = count(samples::redeemed());
    ASSERT_TRUE(credit);
    EXPECT_EQ(credit->kind, LimitKind::credit);
    EXPECT_EQ(credit->at, wall);
    EXPECT_EQ(credit->money.amount, Amount{2500});
    const auto top_up = count(samples::top_up());
    ASSERT_TRUE(top_up);
    EXPECT_EQ(top_up->kind, LimitKind::top_up);
    EXPECT_EQ(count(samples::activated()), std::nullopt);
}

TEST(Counted, AMomentWithoutAPlainDateCountsNowhere) {
    Purchase purchase = samples::purchase();
    purchase.facts.now = from_millis(800'000'000'000'000);  // in some 25 thousand years
    EXPECT_EQ(count(purchase), std::nullopt);
}

TEST(Counted, TalliesReadBackAsTheyWereWritten) {
    const Tallies tallies{WalletId("w1"),
                          BusinessId("aroma"),
                          {{"debit", "2026-11-24", 3, Amount{700}}, {"offer:o1", "", 1, Amount{}}}};
    EXPECT_EQ(tallies_from(to_map(tallies)).value(), tallies);
    EXPECT_EQ(tallies_id(tallies.wallet, tallies.business), "w1:aroma");
    EXPECT_FALSE(tallies_from(Map{{"wallet", "w1"}}));
}

}  // namespace
}  // namespace obol::journal
