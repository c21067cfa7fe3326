#include "sync/domain/purchase.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obol {
namespace {

const Currency eur = *Currency::parse("EUR");
// A Tuesday at noon in Nicosia (+02:00).
const Instant tuesday_noon = *parse_rfc3339("2026-11-24T10:00:00Z");

Instant on(const char* text) { return *parse_rfc3339(text); }

// A small language: a wallet of lots under pools, a basket of lines, and what the till asks for.
struct Till {
    PurchaseFacts facts;
    SpendRequest request;

    Till() {
        facts.place = {VenueId("nic"), BusinessId("aroma")};
        facts.zone = "Asia/Nicosia";
        facts.zone_version = zone_database_version();
        facts.now = tuesday_noon;
        facts.basket.currency = eur;
        pool("open");
    }
    Pool& pool(const char* id) {
        const auto found = std::find_if(facts.pools.begin(), facts.pools.end(),
                                        [&](const Pool& pool) { return pool.id.text == id; });
        if (found != facts.pools.end()) return *found;
        Pool fresh;
        fresh.id = PoolId(id);
        fresh.business = BusinessId("aroma");
        fresh.version = 3;
        return facts.pools.emplace_back(std::move(fresh));
    }
    Till& line(const char* id, std::int64_t amount, const char* family = "Coffee") {
        Line line;
        line.id = LineId(id);
        line.sku = std::string("sku-") + id;
        line.quantity = "1";
        line.amount = Amount{amount};
        line.family = family;
        facts.basket.lines.push_back(std::move(line));
        return *this;
    }
    LotFacts& lot(const char* id, std::int64_t shown, const char* under = "open") {
        return lot(id, shown, shown, under);
    }
    LotFacts& lot(const char* id, std::int64_t shown, std::int64_t held, const char* under) {
        LotFacts lot;
        lot.lot.id = LotId(id);
        lot.lot.wallet = WalletId("w1");
        lot.lot.business = BusinessId("aroma");
        lot.lot.pool = PoolId(under);
        lot.lot.currency = eur;
        lot.lot.credited_at = tuesday_noon - std::chrono::days{30};
        lot.lot.source = "pass";
        lot.funds = {Amount{shown}, Amount{held}};
        return facts.lots.emplace_back(std::move(lot));
    }
    Till& ask(SpendMode mode, std::int64_t amount = 0) {
        request.mode = mode;
        request.amount = Amount{amount};
        return *this;
    }
    PurchaseDecision decide() const { return decide_purchase(facts, request); }
    std::vector<Want> wants() const { return authority_wanted(facts, request, WalletId("w1")); }
};

std::int64_t paid_by(const PurchaseDecision& decision, const char* lot) {
    for (const PaidFrom& paid : decision.allocations) {
        if (paid.lot.text == lot) return paid.amount.minor;
    }
    return 0;
}
std::vector<std::string> codes(const std::vector<Reason>& reasons) {
    std::vector<std::string> out;
    for (const Reason& reason : reasons) out.emplace_back(name_of(reason.code));
    return out;
}
const RefusedLot* refused(const PurchaseDecision& decision, const char* lot) {
    for (const RefusedLot& refused : decision.refused) {
        if (refused.lot.text == lot) return &refused;
    }
    return nullptr;
}
using Words = std::vector<std::string>;

TEST(Purchase, TakesWhatItCanAndNamesEachShare) {
    Till till;
    till.line("1", 1530).line("2", 1000);
    till.lot("a", 1500);
    till.facts.business = {Amount{500}, Amount{500}};
    const PurchaseDecision got = till.decide();
    EXPECT_TRUE(got.accepted);
    EXPECT_EQ(got.basket_total, Amount{2530});
    EXPECT_EQ(got.spent, Amount{2000});
    EXPECT_EQ(got.due, Amount{530});
    ASSERT_EQ(got.allocations.size(), 2u);
    EXPECT_EQ(got.allocations[0], (PaidFrom{Pocket::commerce,
                                            LotId("a"),
                                            PoolId("open"),
                                            3,
                                            Amount{1500},
                                            {{LineId("1"), Amount{1500}}}}));
    EXPECT_EQ(got.allocations[1],
              (PaidFrom{Pocket::business,
                        {},
                        {},
                        0,
                        Amount{500},
                        {{LineId("1"), Amount{30}}, {LineId("2"), Amount{470}}}}));
    EXPECT_TRUE(got.refused.empty());
    EXPECT_EQ(got.policy, allocation_policy);
}

TEST(Purchase, LeavesThePersonalPocketAloneUnlessAsked) {
    Till till;
    till.line("1", 1000);
    till.facts.personal = {Amount{700}, Amount{700}};
    EXPECT_EQ(till.decide().spent, Amount{0});
    till.request.pockets = {Pocket::personal};
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{700});
    EXPECT_EQ(got.allocations.at(0).pocket, Pocket::personal);
}

TEST(Purchase, PaysCommerceBeforeBusinessBeforePersonal) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 400);
    till.facts.business = {Amount{400}, Amount{400}};
    till.facts.personal = {Amount{400}, Amount{400}};
    till.request.pockets = {Pocket::personal, Pocket::business, Pocket::commerce};
    const PurchaseDecision got = till.decide();
    ASSERT_EQ(got.allocations.size(), 3u);
    EXPECT_EQ(got.allocations[0].amount, Amount{400});
    EXPECT_EQ(got.allocations[1].amount, Amount{400});
    EXPECT_EQ(got.allocations[2].pocket, Pocket::personal);
    EXPECT_EQ(got.allocations[2].amount, Amount{200});
}

TEST(Purchase, UsesLotsByExpiryThenRestrictionThenAgeThenId) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.pool("here").venues = {VenueId("nic")};
    till.pool("coffee-lines").families = {"Coffee"};
    till.pool("coffee-lines").spend_on = SpendOn::matching_lines;
    till.line("1", 6);
    till.lot("f-id", 1);
    till.lot("e-id", 1);
    till.lot("d-old", 1).lot.credited_at -= std::chrono::days{1};
    till.lot("c-coffee", 1, "coffee");
    till.lot("b-lines", 1, "coffee-lines");
    till.lot("a-expires", 1).lot.valid.until = tuesday_noon + std::chrono::hours{1};
    Words order;
    for (const PaidFrom& paid : till.decide().allocations) order.push_back(paid.lot.text);
    EXPECT_EQ(order, (Words{"a-expires", "b-lines", "c-coffee", "d-old", "e-id", "f-id"}));
}

TEST(Purchase, LetsOneMatchingLineUnlockTheBasket) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.line("1", 100, "Coffee").line("2", 900, "Tea");
    till.lot("a", 1000, "coffee");
    EXPECT_EQ(till.decide().spent, Amount{1000});
}

TEST(Purchase, KeepsAMatchingLinesLotToItsLinesAndSaysWhatCutIt) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.pool("coffee").spend_on = SpendOn::matching_lines;
    till.line("1", 100, "Coffee").line("2", 900, "Tea");
    till.lot("a", 1000, "coffee");
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{100});
    ASSERT_NE(refused(got, "a"), nullptr);
    EXPECT_EQ(refused(got, "a")->amount, Amount{900});
    EXPECT_EQ(codes(refused(got, "a")->reasons), (Words{"no_matching_product"}));
    EXPECT_EQ(refused(got, "a")->reasons[0].wanted, (Words{"Coffee"}));
}

TEST(Purchase, CoversTheMostWhereLotsOverlapOnLines) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.pool("coffee").spend_on = SpendOn::matching_lines;
    till.line("1", 500, "Coffee").line("2", 500, "Tea");
    till.lot("any", 500).lot.valid.until = tuesday_noon + std::chrono::hours{1};
    till.lot("coffee", 500, "coffee");
    EXPECT_EQ(till.decide().spent, Amount{1000});
}

TEST(Purchase, SaysOfEveryLotWhyItPaysNothing) {
    Till till;
    till.line("1", 1000, "Tea");
    till.pool("late").time = {{.days = 0b0110000, .from_minute = 18 * 60, .to_minute = 22 * 60}};
    till.pool("there").venues = {VenueId("lim"), VenueId("paf")};
    till.pool("coffee").families = {"Coffee"};
    till.lot("early", 10).lot.valid.from = on("2026-12-01T00:00:00Z");
    till.lot("over", 20).lot.valid.until = tuesday_noon;
    till.lot("elsewhere", 30, "there");
    till.lot("tonight", 40, "late");
    till.lot("beans", 50, "coffee");
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{0});
    ASSERT_EQ(got.refused.size(), 5u);
    const auto only = [&](const char* lot) -> Reason {
        const RefusedLot* found = refused(got, lot);
        EXPECT_NE(found, nullptr) << lot;
        if (!found || found->reasons.size() != 1) return {};
        return found->reasons[0];
    };
    EXPECT_EQ(only("early").code, Code::not_yet_valid);
    EXPECT_EQ(only("early").moment, on("2026-12-01T00:00:00Z"));
    EXPECT_EQ(only("over").code, Code::expired);
    EXPECT_EQ(only("over").moment, tuesday_noon);
    EXPECT_EQ(only("elsewhere").code, Code::location_not_allowed);
    EXPECT_EQ(only("elsewhere").wanted, (Words{"lim", "paf"}));
    EXPECT_EQ(only("tonight").code, Code::outside_time_window);
    EXPECT_EQ(only("tonight").moment, on("2026-11-27T16:00:00Z"));
    EXPECT_EQ(only("tonight").moment_offset, "+02:00");
    EXPECT_EQ(only("beans").code, Code::no_matching_product);
    EXPECT_EQ(only("beans").wanted, (Words{"Coffee"}));
    EXPECT_EQ(refused(got, "tonight")->amount, Amount{40});
}

TEST(Purchase, ListsAllReasonsOfALotInTheirOrder) {
    Till till;
    till.line("1", 1000, "Tea");
    Pool& pool = till.pool("hard");
    pool.time = {{.days = 0b1000000, .from_minute = 0, .to_minute = 60}};
    pool.businesses = {BusinessId("other")};
    pool.skus = {"X"};
    till.lot("a", 10, "hard").lot.valid = {tuesday_noon + std::chrono::hours{1}, tuesday_noon};
    till.facts.clock_trusted = false;
    EXPECT_EQ(codes(refused(till.decide(), "a")->reasons),
              (Words{"not_yet_valid", "expired", "location_not_allowed", "outside_time_window",
                     "no_matching_product", "clock_untrusted"}));
}

TEST(TrapTime, T13_T14_AClockThatIsNotTrustedStopsOnlyWhatTimeDecides) {
    Till till;
    till.line("1", 100);
    till.facts.clock_trusted = false;
    till.pool("always").time = {{.from_minute = 0, .to_minute = 0}};
    till.lot("free", 10);
    till.lot("timed", 10, "always");
    till.lot("ends", 10).lot.valid.until = tuesday_noon + std::chrono::hours{1};
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(paid_by(got, "free"), 10);
    EXPECT_EQ(codes(refused(got, "timed")->reasons), (Words{"clock_untrusted"}));
    EXPECT_EQ(codes(refused(got, "ends")->reasons), (Words{"clock_untrusted"}));
}

TEST(Purchase, ListsWhatWasNotNeededButNotWhatIsLeftOfThePayer) {
    Till till;
    till.line("1", 100);
    till.lot("a", 500).lot.valid.until = tuesday_noon + std::chrono::hours{1};
    till.lot("b", 500);
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(refused(got, "a"), nullptr);
    ASSERT_NE(refused(got, "b"), nullptr);
    EXPECT_EQ(codes(refused(got, "b")->reasons), (Words{"not_needed"}));
    EXPECT_EQ(refused(got, "b")->amount, Amount{500});
}

TEST(Purchase, PassesOverEmptyForeignAndUnknownLots) {
    Till till;
    till.line("1", 100);
    till.lot("empty", 0);
    till.lot("pounds", 50).lot.currency = *Currency::parse("GBP");
    till.lot("lost", 50, "no-such-pool");
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{0});
    EXPECT_TRUE(got.refused.empty());
}

TEST(Purchase, SpendsNothingOnABasketOfZeroOrLess) {
    Till till;
    till.line("1", 500).line("2", -500);
    till.lot("a", 1000);
    for (const SpendMode mode : {SpendMode::max, SpendMode::full, SpendMode::none}) {
        const PurchaseDecision got = till.ask(mode).decide();
        EXPECT_TRUE(got.accepted);
        EXPECT_EQ(got.spent, Amount{0});
        EXPECT_EQ(got.due, Amount{0});
    }
    EXPECT_EQ(codes(till.ask(SpendMode::amount, 1).decide().reasons), (Words{"above_maximum"}));
}

TEST(Purchase, LetsNegativeLinesLowerTheTotalOnly) {
    Till till;
    till.line("1", 500).line("2", -200).line("3", 300);
    till.lot("a", 10'000);
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{600});
    EXPECT_EQ(got.due, Amount{0});
    for (const LineShare& share : got.allocations.at(0).lines) EXPECT_NE(share.line.text, "2");
}

TEST(Purchase, ANegativeLineUnlocksNothing) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.line("1", -100, "Coffee").line("2", 900, "Tea");
    till.lot("a", 1000, "coffee");
    EXPECT_EQ(codes(refused(till.decide(), "a")->reasons), (Words{"no_matching_product"}));
}

TEST(Purchase, ByAmountIsAllOrNothing) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 400);
    EXPECT_EQ(till.ask(SpendMode::amount, 400).decide().spent, Amount{400});
    const PurchaseDecision got = till.ask(SpendMode::amount, 401).decide();
    EXPECT_FALSE(got.accepted);
    EXPECT_EQ(got.spent, Amount{0});
    EXPECT_EQ(got.due, Amount{1000});
    EXPECT_TRUE(got.allocations.empty());
    ASSERT_EQ(codes(got.reasons), (Words{"insufficient_funds"}));
    EXPECT_EQ(got.reasons[0].available, Amount{400});
    EXPECT_EQ(codes(till.ask(SpendMode::amount, 1001).decide().reasons), (Words{"above_maximum"}));
}

TEST(Purchase, InFullCoversTheBasketOrRefuses) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 999);
    const PurchaseDecision got = till.ask(SpendMode::full).decide();
    ASSERT_EQ(codes(got.reasons), (Words{"not_fully_covered"}));
    EXPECT_EQ(got.reasons[0].available, Amount{999});
    till.facts.lots[0].funds = {Amount{1000}, Amount{1000}};
    EXPECT_EQ(till.decide().spent, Amount{1000});
}

TEST(Purchase, ModeNoneSpendsNothingThoughItCould) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 400);
    const PurchaseDecision got = till.ask(SpendMode::none).decide();
    EXPECT_TRUE(got.accepted);
    EXPECT_EQ(got.spent, Amount{0});
    EXPECT_EQ(got.due, Amount{1000});
    EXPECT_EQ(codes(refused(got, "a")->reasons), (Words{"not_needed"}));
    EXPECT_TRUE(till.wants().empty());
}

TEST(Purchase, SpendsOnlyWhatIsHeldAndSaysThatTheRestIsElsewhere) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 800, 300, "open");
    till.lot("b", 500, 0, "open");
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{300});
    EXPECT_EQ(codes(refused(got, "a")->reasons), (Words{"authority_elsewhere"}));
    EXPECT_EQ(refused(got, "a")->amount, Amount{500});
    EXPECT_EQ(codes(refused(got, "b")->reasons), (Words{"authority_elsewhere"}));
    EXPECT_EQ(till.wants(), (std::vector<Want>{{"lot:a", Amount{500}}, {"lot:b", Amount{200}}}));
}

TEST(Purchase, ALotThatWouldNotHavePaidMoreIsNotCutByAuthority) {
    Till till;
    till.line("1", 100);
    till.lot("a", 800, 300, "open");
    const PurchaseDecision got = till.decide();
    EXPECT_TRUE(got.refused.empty());
    EXPECT_TRUE(till.wants().empty());
}

TEST(Purchase, BlamesAuthorityAloneWhereWhatIsShownWouldDo) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 1000, 300, "open");
    for (const SpendMode mode : {SpendMode::amount, SpendMode::full}) {
        const PurchaseDecision got = till.ask(mode, 1000).decide();
        ASSERT_EQ(codes(got.reasons), (Words{"authority_elsewhere"}));
        EXPECT_EQ(got.reasons[0].available, Amount{300});
    }
    EXPECT_EQ(till.wants(), (std::vector<Want>{{"lot:a", Amount{700}}}));
}

TEST(Purchase, NamesBothShortagesWhereNeitherDoes) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 900, 300, "open");
    EXPECT_EQ(codes(till.ask(SpendMode::amount, 1000).decide().reasons),
              (Words{"insufficient_funds", "authority_elsewhere"}));
    EXPECT_TRUE(till.wants().empty()) << "no authority makes 1000 of 900";
    EXPECT_EQ(codes(till.ask(SpendMode::full).decide().reasons),
              (Words{"not_fully_covered", "authority_elsewhere"}));
}

TEST(Purchase, WantsAuthorityOverPocketsToo) {
    Till till;
    till.line("1", 1000);
    till.facts.business = {Amount{600}, Amount{100}};
    till.facts.personal = {Amount{600}, Amount{0}};
    till.request.pockets = {Pocket::business, Pocket::personal};
    EXPECT_EQ(till.wants(), (std::vector<Want>{{"business:w1:aroma", Amount{500}},
                                               {"personal:w1", Amount{400}}}));
    EXPECT_EQ(till.decide().spent, Amount{100});
}

TEST(Purchase, WantsNothingWhereAConditionRefusesTheLot) {
    Till till;
    till.line("1", 1000);
    till.pool("there").venues = {VenueId("lim")};
    till.lot("a", 1000, 0, "there");
    EXPECT_TRUE(till.wants().empty());
    EXPECT_EQ(codes(refused(till.decide(), "a")->reasons), (Words{"location_not_allowed"}));
}

TEST(Purchase, SpendsWhatItHoldsWhereThePageLagsBehind) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 0, 400, "open");
    EXPECT_EQ(till.decide().spent, Amount{400});
}

TEST(Purchase, DoesNotAskForAPassThatIsRedeemedInIt) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 1000, 0, "open").from_pass = "p1";
    EXPECT_TRUE(till.wants().empty());
}

TEST(Purchase, KeepsTimeWindowsShutInAnUnknownZone) {
    Till till;
    till.line("1", 1000);
    till.pool("always").time = {{.from_minute = 0, .to_minute = 0}};
    till.lot("a", 10, "always");
    till.facts.zone = "Atlantis/Capital";
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(codes(refused(got, "a")->reasons), (Words{"outside_time_window"}));
    EXPECT_EQ(refused(got, "a")->reasons[0].moment, std::nullopt);
}

TEST(Purchase, DoesNotDependOnTheOrderInWhichLotsAreGiven) {
    Till till;
    till.pool("coffee").families = {"Coffee"};
    till.pool("coffee").spend_on = SpendOn::matching_lines;
    till.line("1", 300, "Coffee").line("2", 400, "Tea").line("3", 500, "Coffee");
    till.lot("a", 250, "coffee");
    till.lot("b", 250);
    till.lot("c", 400, 100, "coffee");
    till.lot("d", 100).lot.valid.until = tuesday_noon + std::chrono::days{2};
    const PurchaseDecision first = till.decide();
    std::vector<LotFacts> lots = till.facts.lots;
    const auto by_id = [](const LotFacts& a, const LotFacts& b) { return a.lot.id < b.lot.id; };
    do {
        till.facts.lots = lots;
        EXPECT_EQ(till.decide(), first);
    } while (std::next_permutation(lots.begin(), lots.end(), by_id));
}

TEST(Purchase, GoesByTheFirstOfTwoPoolsWithOneId) {
    Till till;
    till.line("1", 100);
    till.lot("a", 100);
    Pool shut = till.facts.pools[0];
    shut.venues = {VenueId("elsewhere")};
    till.facts.pools.push_back(shut);
    EXPECT_EQ(till.decide().spent, Amount{100});
}

// The ledger compares what it decides with what the till decided: whatever differs must show.
template <class T, class... Changes>
void expect_each_change_to_show(const T& before, Changes... changes) {
    EXPECT_EQ(before, T(before));
    int n = 0;
    const auto check = [&](auto change) {
        T after = before;
        change(after);
        EXPECT_FALSE(after == before) << "change " << n;
        ++n;
    };
    (check(changes), ...);
}

TEST(Purchase, DecisionsThatDifferAnywhereAreNotEqual) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 400);
    till.pool("there").venues = {VenueId("lim")};
    till.lot("b", 100, "there");
    using D = PurchaseDecision;
    expect_each_change_to_show(
        till.decide(), [](D& d) { d.accepted = false; }, [](D& d) { d.reasons.emplace_back(); },
        [](D& d) { d.basket_total.minor = 1; }, [](D& d) { d.spent.minor = 1; },
        [](D& d) { d.due.minor = 1; }, [](D& d) { d.policy = "other"; },
        [](D& d) { d.allocations[0].pocket = Pocket::personal; },
        [](D& d) { d.allocations[0].lot = LotId("c"); },
        [](D& d) { d.allocations[0].pool = PoolId("c"); },
        [](D& d) { d.allocations[0].pool_version = 9; },
        [](D& d) { d.allocations[0].amount.minor = 1; },
        [](D& d) { d.allocations[0].lines[0].line = LineId("9"); },
        [](D& d) { d.allocations[0].lines[0].amount.minor = 1; },
        [](D& d) { d.refused[0].lot = LotId("c"); }, [](D& d) { d.refused[0].pool = PoolId("c"); },
        [](D& d) { d.refused[0].amount.minor = 1; },
        [](D& d) { d.refused[0].reasons[0].wanted.clear(); });
}

TEST(Purchase, FactsThatDifferAnywhereAreNotEqual) {
    Till till;
    till.line("1", 1000);
    till.lot("a", 400);
    using F = PurchaseFacts;
    expect_each_change_to_show(
        till.facts, [](F& f) { f.place.venue = VenueId("lim"); },
        [](F& f) { f.place.business = BusinessId("b"); }, [](F& f) { f.zone = "UTC"; },
        [](F& f) { f.zone_version = "old"; }, [](F& f) { f.now += Millis{1}; },
        [](F& f) { f.clock_trusted = false; }, [](F& f) { f.pools.clear(); },
        [](F& f) { f.business.shown.minor = 1; }, [](F& f) { f.personal.held.minor = 1; },
        [](F& f) { f.lots[0].funds.shown.minor = 1; }, [](F& f) { f.lots[0].from_pass = "p"; },
        [](F& f) { f.lots[0].lot.source = "award"; }, [](F& f) { f.basket.ticket = "9"; },
        [](F& f) { f.basket.currency = Currency::none(); },
        [](F& f) { f.basket.lines[0].id = LineId("9"); },
        [](F& f) { f.basket.lines[0].sku = "9"; }, [](F& f) { f.basket.lines[0].quantity = "9"; },
        [](F& f) { f.basket.lines[0].amount.minor = 9; },
        [](F& f) { f.basket.lines[0].name = "9"; }, [](F& f) { f.basket.lines[0].brand = "9"; },
        [](F& f) { f.basket.lines[0].family = "9"; }, [](F& f) { f.basket.lines[0].type = "9"; });
    expect_each_change_to_show(
        SpendRequest{}, [](SpendRequest& r) { r.mode = SpendMode::full; },
        [](SpendRequest& r) { r.amount.minor = 1; }, [](SpendRequest& r) { r.pockets.clear(); });
    expect_each_change_to_show(
        Want{"lot:a", Amount{1}}, [](Want& w) { w.subject = "lot:b"; },
        [](Want& w) { w.amount.minor = 2; });
    expect_each_change_to_show(
        Share{1, 2, Amount{3}}, [](Share& s) { s.source = 0; }, [](Share& s) { s.line = 0; },
        [](Share& s) { s.amount.minor = 0; });
}

TEST(Purchase, SpendModesHaveTheirNamesOfTheContract) {
    for (const char* name : {"max", "amount", "full", "none"}) {
        ASSERT_TRUE(spend_mode_named(name));
        EXPECT_EQ(name_of(*spend_mode_named(name)), name);
    }
    EXPECT_FALSE(spend_mode_named("all"));
}

}  // namespace
}  // namespace obol
