// Allowances tried out: each cap binds, and what is spent twice is found when the venues meet again.
#include <gtest/gtest.h>

#include "shops.hpp"

namespace obol::policy {
namespace {

using namespace shops;

constexpr std::int64_t plenty = 1'000'000;

AllowanceCaps caps(std::int64_t per_transaction, std::int64_t per_subject, std::int64_t per_outage, std::int64_t count) {
    return {Amount{per_transaction}, Amount{per_subject}, Amount{per_outage}, count};
}

struct Day {
    Shops shops{};
    Instant cut{};
};
// The wallet's money lies at nic; ay sells three times within a quarter of an hour, and once much later.
Day day() {
    Day out;
    out.shops.place("nic", lot("l1"), 1000);
    out.cut = out.shops.wait(Millis{1});
    for (const char* ticket : {"1", "2", "3"}) out.shops.buy("ay", ticket, 200);
    out.shops.wait(std::chrono::hours{1});
    out.shops.buy("ay", "4", 200);
    return out;
}

std::vector<std::int64_t> spent(const std::vector<OutageForecast>& found) {
    std::vector<std::int64_t> out;
    for (const Decided& each : found.at(0).decided) out.push_back(each.simulated.minor);
    return out;
}

TEST(Allowance, ZeroOfAnyKindAllowsNothing) {
    const Day it = day();
    const std::vector<std::int64_t> nothing(4, 0);
    EXPECT_EQ(spent(forecast(it.shops, it.cut)), nothing);
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, plenty, plenty, 0))), nothing);
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, plenty, 0, plenty))), nothing);
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, 0, plenty, plenty))), nothing);
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(0, plenty, plenty, plenty))), nothing);
}

TEST(Allowance, EachCapBinds) {
    const Day it = day();
    using List = std::vector<std::int64_t>;
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, plenty, plenty, plenty))), (List{200, 200, 200, 200}));
    // One customer who comes back within a quarter of an hour is one transaction.
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(250, plenty, plenty, plenty))), (List{200, 50, 0, 200}));
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, 500, plenty, plenty))), (List{200, 200, 100, 0}));
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, plenty, 450, plenty))), (List{200, 200, 50, 0}));
    EXPECT_EQ(spent(forecast(it.shops, it.cut, {}, caps(plenty, plenty, plenty, 2))), (List{200, 200, 0, 0}));
}

TEST(Allowance, WhatIsAtRiskIsToldAndNothingIsLostWhereNobodyElseSpentIt) {
    const Day it = day();
    const auto found = forecast(it.shops, it.cut, {}, caps(plenty, plenty, 450, plenty));
    const Tally tally = tally_of(found.at(0).decided);
    EXPECT_EQ(tally.at_risk, (Sums{{eur, Amount{450}}}));
    EXPECT_EQ(tally.at_risk_spends, 3);
    EXPECT_EQ(tally.lacking, (Sums{{eur, Amount{350}}}));
    EXPECT_EQ(found[0].lost, Sums{});
}

TEST(Allowance, MoneySpentAtBothVenuesIsLost) {
    Day it = day();
    it.shops.buy("nic", "home", 900);
    const auto found = forecast(it.shops, it.cut, {}, caps(plenty, plenty, plenty, plenty));
    EXPECT_EQ(spent(found), (std::vector<std::int64_t>{200, 200, 200, 200, 900}));
    EXPECT_EQ(found[0].lost, (Sums{{eur, Amount{700}}}));
}

TEST(Allowance, WhatIsHeldGoesFirst) {
    Shops shops;
    shops.place("nic", lot("l1"), 300);
    shops.place("ay", pocket, 300);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "1", 400);
    const auto found = forecast(shops, cut, {}, caps(plenty, plenty, plenty, plenty));
    EXPECT_EQ(spent(found), (std::vector<std::int64_t>{400}));
    EXPECT_EQ(found[0].decided[0].at_risk.minor, 100);
}

TEST(Allowance, AllOrNothingTakesNothingWhereTheRoomDoesNotDo) {
    const SpendRequest exactly{SpendMode::amount, Amount{400}, {Pocket::commerce, Pocket::business}};
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.place("ay", pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "1", 500, exactly);
    const auto too_little = forecast(shops, cut, {}, caps(299, plenty, plenty, plenty));
    EXPECT_EQ(spent(too_little), (std::vector<std::int64_t>{0}));
    EXPECT_EQ(too_little[0].decided[0].at_risk.minor, 0);
    const auto enough = forecast(shops, cut, {}, caps(300, plenty, plenty, plenty));
    EXPECT_EQ(spent(enough), (std::vector<std::int64_t>{400}));
    EXPECT_EQ(enough[0].decided[0].at_risk.minor, 300);
}

TEST(Allowance, AVenueWithALinkNeedsNone) {
    const Day it = day();
    const auto found = forecast(it.shops, it.cut, {VenueId("nic")}, caps(plenty, plenty, plenty, plenty));
    EXPECT_EQ(spent(found), (std::vector<std::int64_t>(4, 0)));
}

TEST(Allowance, ANewOutageBeginsWithAFullAllowance) {
    Day it = day();
    Pattern pattern;
    pattern.from = Position{it.cut};
    pattern.daily = Daily{10 * 60, std::chrono::minutes{30}};  // the shop opens at ten by its clock
    it.shops.wait(std::chrono::hours{24} - (it.shops.now() - opening));
    it.shops.buy("ay", "5", 200);
    const auto found = forecast(it.shops, pattern, caps(plenty, plenty, 300, plenty));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(spent(found), (std::vector<std::int64_t>{200, 100, 0}));
    EXPECT_EQ(found[1].decided.at(0).simulated.minor, 200);
    EXPECT_EQ(found[1].decided.at(0).at_risk.minor, 200);
}

}  // namespace
}  // namespace obol::policy
