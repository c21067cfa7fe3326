#include "sync/domain/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sync/domain/basket.hpp"
#include "sync/domain/subject.hpp"
#include "sync/domain/wallet.hpp"

namespace obol {
namespace {

constexpr std::int64_t greatest = INT64_MAX;
constexpr std::int64_t least = INT64_MIN;

Currency currency(std::string_view code) { return Currency::parse(code).value(); }

TEST(Amount, AddsSubtractsAndCompares) {
    Amount sum{1250};
    sum += Amount{50};
    sum -= Amount{1301};
    EXPECT_EQ(sum, Amount{-1});
    EXPECT_EQ(-Amount{5} + Amount{7} - Amount{2}, Amount{0});
    EXPECT_LT(Amount{-1}, Amount{0});
    EXPECT_EQ(Amount{greatest} + Amount{least}, Amount{-1});
}

TEST(AmountDeathTest, Trap52ASumThatOverflowsStopsTheProcess) {
    EXPECT_DEATH(Amount{greatest} + Amount{1}, "broken invariant");
    EXPECT_DEATH(Amount{least} - Amount{1}, "broken invariant");
    EXPECT_DEATH(-Amount{least}, "broken invariant");
    EXPECT_DEATH(scaled_down(Amount{greatest}, 2, 1), "broken invariant");
    EXPECT_DEATH(scaled_down(Amount{-1}, 1, 2), "broken invariant");
    EXPECT_DEATH(scaled_down(Amount{1}, 1, 0), "broken invariant");
}

TEST(Amount, Trap52AThousandLinesOfTheGreatestAmountStillSumUp) {
    Basket basket{currency("EUR"), "", {}};
    for (std::size_t i = 0; i < most_lines; ++i) {
        basket.lines.push_back({LineId{"1"}, "S", "1", Amount{largest_amount}, "", "", "", ""});
    }
    EXPECT_EQ(basket.total().minor, 9'007'199'254'740'991'000);
    EXPECT_EQ(Basket{}.total(), Amount{0});
}

TEST(Amount, APercentageIsRoundedDownThroughOneHundredAndTwentyEightBits) {
    EXPECT_EQ(scaled_down(Amount{999}, 5, 100), Amount{49});
    EXPECT_EQ(scaled_down(Amount{0}, 5, 100), Amount{0});
    EXPECT_EQ(scaled_down(Amount{greatest}, greatest, greatest), Amount{greatest});
    EXPECT_EQ(scaled_down(Amount{largest_amount}, 9'999, 10'000), Amount{9'006'298'534'815'516});
    EXPECT_TRUE(rc::check("the part and what rounding lost make the whole", [] {
        const auto amount = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
        const auto numerator = *rc::gen::inRange<std::int64_t>(0, 10'000);
        const auto denominator = *rc::gen::inRange<std::int64_t>(1, 10'000);
        const std::int64_t part = scaled_down(Amount{amount}, numerator, denominator).minor;
        RC_ASSERT(part * denominator <= amount * numerator);
        RC_ASSERT((part + 1) * denominator > amount * numerator);
    }));
}

TEST(Currencies, Trap41HaveTheExponentsOfIso4217) {
    struct {
        std::string_view code;
        int exponent;
    } const table[] = {{"EUR", 2}, {"USD", 2}, {"GBP", 2}, {"JPY", 0}, {"KRW", 0}, {"ISK", 0},
                       {"CLP", 0}, {"VND", 0}, {"XOF", 0}, {"UYI", 0}, {"KWD", 3}, {"BHD", 3},
                       {"JOD", 3}, {"OMR", 3}, {"TND", 3}, {"IQD", 3}, {"LYD", 3}, {"CLF", 4},
                       {"UYW", 4}, {"BYN", 2}, {"MRU", 2}, {"STN", 2}, {"VES", 2}, {"ZWG", 2},
                       {"SLE", 2}, {"HUF", 2}, {"AED", 2}};
    for (const auto& each : table) {
        EXPECT_EQ(currency(each.code).exponent(), each.exponent) << each.code;
        EXPECT_EQ(currency(each.code).code(), each.code);
    }
}

TEST(Currencies, Trap41RetiredCodesPointsAndNoCodesAreRefused) {
    for (const auto* bad :
         {"BYR", "MRO", "STD", "VEF", "ZWD", "ZWL", "HRK", "LTL",  "DEM", "CUC", "SLL",
          "PTS", "XAU", "XTS", "XXX", "XDR", "eur", "EU",  "EURO", "",    "€",   "E R"}) {
        const Result<Currency> read = Currency::parse(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, "currency_unknown");
    }
    EXPECT_EQ(Currency::parse(std::string_view("EUR\0", 4)).error().code, "currency_unknown");
}

TEST(Currencies, RightsAreCountedInNoCurrency) {
    EXPECT_EQ(Currency::none().code(), "XXX");
    EXPECT_EQ(Currency::none().exponent(), 0);
    EXPECT_EQ(Currency::none(), Currency{});
    EXPECT_NE(Currency::none(), currency("EUR"));
}

TEST(Decimal, PutsThePointWhereTheCurrencyHasIt) {
    const auto eur = currency("EUR");
    EXPECT_EQ(to_decimal(Amount{2530}, eur), "25.30");
    EXPECT_EQ(to_decimal(Amount{-5}, eur), "-0.05");
    EXPECT_EQ(to_decimal(Amount{0}, eur), "0.00");
    EXPECT_EQ(to_decimal(Amount{-100}, eur), "-1.00");
    EXPECT_EQ(to_decimal(Amount{1200}, currency("JPY")), "1200");
    EXPECT_EQ(to_decimal(Amount{0}, currency("JPY")), "0");
    EXPECT_EQ(to_decimal(Amount{1}, currency("KWD")), "0.001");
    EXPECT_EQ(to_decimal(Amount{12345}, currency("CLF")), "1.2345");
    EXPECT_EQ(to_decimal(Amount{least}, eur), "-92233720368547758.08");
}

TEST(Basket, NegativeLinesLowerTheTotal) {
    const Basket basket{currency("EUR"),
                        "T1",
                        {{LineId{"1"}, "A", "2", Amount{1000}, "", "", "", ""},
                         {LineId{"2"}, "B", "1", Amount{-1250}, "", "", "", ""},
                         {LineId{"3"}, "C", "1", Amount{0}, "", "", "", ""}}};
    EXPECT_EQ(basket.total(), Amount{-250});
}

TEST(Pockets, AreNamedAsInTheContract) {
    for (const Pocket pocket : {Pocket::commerce, Pocket::business, Pocket::personal}) {
        EXPECT_EQ(pocket_named(name_of(pocket)), pocket);
    }
    EXPECT_EQ(name_of(Pocket::commerce), "commerce");
    EXPECT_FALSE(pocket_named("Commerce"));
    EXPECT_FALSE(pocket_named(""));
}

TEST(Subjects, AreTheAccountsOfWhichAVenueCanHoldAuthority) {
    const WalletId wallet{"w1"};
    EXPECT_EQ(pass_subject(PassId{"p1"}), "pass:p1");
    EXPECT_EQ(lot_subject(LotId{"l1"}), "lot:l1");
    EXPECT_EQ(business_subject(wallet, BusinessId{"aroma"}), "business:w1:aroma");
    EXPECT_EQ(personal_subject(wallet), "personal:w1");
    EXPECT_EQ(draft_subject(PassId{"p1"}), "draft:p1");
    EXPECT_EQ(right_subject(PurchaseId{"u1"}), "right:u1");
    for (const auto& subject :
         {pass_subject(PassId{"p1"}), lot_subject(LotId{"l1"}),
          business_subject(wallet, BusinessId{"aroma"}), personal_subject(wallet),
          draft_subject(PassId{"p1"}), right_subject(PurchaseId{"u1"})}) {
        EXPECT_TRUE(is_subject(subject)) << subject;
    }
    for (const auto* other :
         {"sale:nic", "tender:cash:nic", "issue:aroma", "activated:nic", "purchased:nic",
          "breakage:aroma", "suspense:aroma", "", "pass", "pass:", "business:w1",
          "business:w1:", "business::a", "business:w:a:b", "lot:a b", "xpass:p"}) {
        EXPECT_FALSE(is_subject(other)) << other;
    }
}

TEST(Subjects, PassesDraftsAndRightsAreIndivisible) {
    EXPECT_TRUE(is_indivisible("pass:p"));
    EXPECT_TRUE(is_indivisible("draft:p"));
    EXPECT_TRUE(is_indivisible("right:p"));
    EXPECT_FALSE(is_indivisible("lot:l"));
    EXPECT_FALSE(is_indivisible("business:w:b"));
    EXPECT_FALSE(is_indivisible("personal:w"));
    EXPECT_FALSE(is_indivisible("purchased:nic"));
}

}  // namespace
}  // namespace obol
