#include <gtest/gtest.h>

#include "shops.hpp"

namespace obol::policy {
namespace {

using namespace shops;

SpendRequest exactly(std::int64_t amount) {
    return {SpendMode::amount, Amount{amount}, {Pocket::commerce, Pocket::business}};
}

const Decided& at(const std::vector<OutageForecast>& found, std::size_t n) { return found.at(0).decided.at(n); }

void expect(const Decided& met, Outcome outcome, std::int64_t simulated, std::int64_t lacking) {
    EXPECT_EQ(name_of(met.outcome), name_of(outcome)) << met.ticket;
    EXPECT_EQ(met.simulated.minor, simulated) << met.ticket;
    EXPECT_EQ(met.lacking.minor, lacking) << met.ticket;
}

TEST(Simulate, AVenueThatIsCutOffSpendsWhatItHeldAndNoMore) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.place("ay", pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("nic", "home", 300);
    shops.buy("ay", "away", 400);
    const auto found = forecast(shops, cut);
    ASSERT_EQ(found.at(0).decided.size(), 2u);
    expect(at(found, 0), Outcome::unchanged, 300, 0);
    expect(at(found, 1), Outcome::cut_short, 100, 300);
    ASSERT_EQ(at(found, 1).refused.size(), 1u);
    EXPECT_EQ(at(found, 1).refused[0].lot, LotId("l1"));
    EXPECT_EQ(at(found, 1).refused[0].reasons[0].code, Code::authority_elsewhere);
    EXPECT_EQ(at(found, 1).recorded.minor, 400);
}

TEST(Simulate, WhatOneVenueCouldNotSpendIsStillThereAtTheOther) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "away", 400);
    shops.buy("nic", "home", 1000);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::refused, 0, 400);
    EXPECT_EQ(at(found, 1).recorded.minor, 600);
    expect(at(found, 1), Outcome::unchanged, 1000, 0);
}

TEST(Simulate, ALotThatWasEmptyInTheRecordPaysWhereItWouldNotHaveBeen) {
    Shops shops;
    shops.place("nic", lot("l1"), 400);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "away", 400);
    const journal::Purchase home = shops.buy("nic", "home", 100);
    ASSERT_TRUE(home.facts.lots.empty());
    expect(at(forecast(shops, cut), 1), Outcome::unchanged, 100, 0);
}

TEST(Simulate, OtherMoneyOfTheWalletPaysWhereALotIsElsewhere) {
    Shops shops;
    shops.place("nic", lot("l1"), 500);
    shops.place("ay", pocket, 500);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "away", 200);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::other_money, 200, 0);
    ASSERT_EQ(at(found, 0).allocations.size(), 1u);
    EXPECT_EQ(at(found, 0).allocations[0].pocket, Pocket::business);
}

TEST(Simulate, APassRedeemedInTheOutageIsSpentWhereItWasRedeemed) {
    Shops shops;
    shops.place("nic", pass_subject(PassId("g1")), 500);
    shops.leave_at_centre(pass_subject(PassId("g2")), 500);
    const Instant cut = shops.wait(Millis{1});
    shops.redeem("nic", "g1", 500);
    shops.redeem("ay", "g2", 500);
    shops.buy("ay", "away", 600);
    shops.buy("nic", "home", 400);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::unchanged, 500, 0);
    expect(at(found, 1), Outcome::refused, 0, 500);  // nobody held it, so the centre was to be asked
    EXPECT_EQ(at(found, 2).simulated.minor, 0);
    EXPECT_EQ(at(found, 2).lacking.minor, 0);  // it did not hear of the one redeemed at the other venue
    expect(at(found, 3), Outcome::unchanged, 400, 0);
}

TEST(Simulate, APurchaseAndThePassThatPaysItAreRefusedTogether) {
    Shops shops;
    shops.leave_at_centre(pass_subject(PassId("g1")), 500);
    shops.place("ay", pocket, 50);
    const Instant cut = shops.wait(Millis{1});
    shops.redeem("ay", "g1", 500, "");
    const journal::Purchase bought = shops.buy("ay", "guest", 300);
    shops.refund("ay", bought, 300);
    shops.buy("ay", "after", 300);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::refused, 0, 300);
    expect(at(found, 1), Outcome::not_reached, 0, 0);
    expect(at(found, 2), Outcome::unchanged, 50, 0);
}

TEST(Simulate, ARefundGivesBackWhatTheSimulatedPurchaseTookAndThatIsSpentAgain) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.place("ay", pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    const journal::Purchase bought = shops.buy("ay", "away", 400);
    shops.refund("ay", bought, 400);
    shops.buy("ay", "again", 400);
    const auto found = forecast(shops, cut);
    EXPECT_EQ(at(found, 1).recorded.minor, 400);
    expect(at(found, 1), Outcome::unchanged, 100, 0);
    EXPECT_EQ(at(found, 1).due_back.minor, 300);
    expect(at(found, 2), Outcome::cut_short, 100, 300);
}

TEST(Simulate, ARefundAtAnotherVenueThanTheBuyingOneIsRefused) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    const journal::Purchase bought = shops.buy("nic", "home", 400);
    const Instant cut = shops.wait(Millis{1});
    shops.refund("ay", bought, 100);
    shops.refund("nic", bought, 100);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::refused, 0, 100);
    expect(at(found, 1), Outcome::unchanged, 100, 0);
}

TEST(Simulate, AllOrNothingIsRefusedWithTheReason) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.place("ay", pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "exact", 400, exactly(400));
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::refused, 0, 400);
    ASSERT_EQ(at(found, 0).reasons.size(), 1u);
    EXPECT_EQ(at(found, 0).reasons[0].code, Code::authority_elsewhere);
}

TEST(Simulate, VenuesWithALinkReachAllThatTheOneCutOffDoesNotHold) {
    Shops shops;
    shops.place("nic", lot("l1"), 600);
    shops.place("ay", pocket, 300);
    shops.leave_at_centre(pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("nic", "linked", 1000);
    expect(at(forecast(shops, cut, {VenueId("ay")}), 0), Outcome::cut_short, 700, 300);
    expect(at(forecast(shops, cut, {VenueId("nic")}), 0), Outcome::cut_short, 600, 400);
}

TEST(Simulate, AfterTheOutageTheWorldsAreOneAgain) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "away", 400);
    const Instant healed = shops.wait(Millis{1});
    shops.buy("ay", "between", 100);
    const Instant cut_again = shops.wait(Millis{1});
    shops.buy("nic", "home", 2000);
    Pattern pattern;
    pattern.from = Position{cut};
    pattern.until = Position{healed};
    const Timeline timeline = shops.timeline();
    auto outages = outages_of(timeline, pattern, *Zone::find("UTC")).value();
    const Pattern second{Position{cut_again}, {}, {}, {}};
    outages.push_back(outages_of(timeline, second, *Zone::find("UTC")).value().front());
    const auto found = simulate(timeline, outages, {});
    ASSERT_EQ(found.size(), 2u);
    expect(found[0].decided.at(0), Outcome::refused, 0, 400);
    // In between, 100 of what was not spent in the outage were.
    expect(found[1].decided.at(0), Outcome::unchanged, 900, 0);
    EXPECT_EQ(found[1].decided.at(0).recorded.minor, 500);
}

TEST(Simulate, WhatIdledAwayFromHomeGoesBackInTheOutageToo) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.place("ay", pocket, 100);
    const Instant cut = shops.wait(Millis{1});
    shops.give_back("ay", pocket, 100, "idle");
    shops.buy("ay", "away", 100);
    expect(at(forecast(shops, cut), 0), Outcome::refused, 0, 100);
}

TEST(Simulate, LimitsCountWhatTheVenueCouldKnow) {
    Limit a_day;
    a_day.id = "debits";
    a_day.business = aroma;
    a_day.currency = eur;
    a_day.most_amount = Amount{500};
    Activity none{LimitPeriod::day, 0, {}, opening + std::chrono::hours{20}, "+02:00"};
    Shops shops;
    shops.place("nic", lot("l1"), 2000);
    const Instant cut = shops.wait(Millis{1});
    shops.limits = {1, {a_day}, {none}};
    shops.buy("ay", "away", 300);
    none.count = 1;
    none.amount = Amount{300};
    shops.limits.activity = {none};
    const journal::Purchase home = shops.buy("nic", "home", 500);
    ASSERT_EQ(home.decision.spent.minor, 200);
    const auto found = forecast(shops, cut);
    expect(at(found, 0), Outcome::refused, 0, 300);
    expect(at(found, 1), Outcome::unchanged, 500, 0);
}

TEST(Simulate, WithoutAnOutageOfItsOwnNothingChanges) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.buy("ay", "1", 400);
    const Instant cut = shops.wait(Millis{1});
    shops.buy("ay", "2", 300);
    const auto found = forecast(shops, cut, {VenueId("nic")});
    ASSERT_EQ(found.at(0).cut.size(), 1u);
    EXPECT_EQ(found[0].cut[0].held, (Sums{{eur, Amount{600}}}));
    expect(at(found, 0), Outcome::refused, 0, 300);  // all of it lies where the link is down
    const Tally tally = tally_of(found[0].decided);
    EXPECT_EQ(tally.spends, 1);
    EXPECT_EQ(tally.refused, 1);
    EXPECT_EQ(tally.lacking, (Sums{{eur, Amount{300}}}));
}

}  // namespace
}  // namespace obol::policy
