#include "sync/domain/pass.hpp"
#include "tests/unit/domain/offer_support.hpp"

namespace obol::offers {
namespace {

struct Judge {
    PurchaseFacts facts = at_aroma({line("1", 1000), line("2", 500, "Cake"), line("3", -300)});
    OfferFacts offer = ten_percent();

    std::vector<Reason> operator()(Uses uses = Uses::held) const {
        return judge_offer(offer, scene_of(facts), uses);
    }
};

TEST(Offer, AwardsAPercentageOfThePositiveLinesThatMatchRoundedDown) {
    Judge judge;
    EXPECT_TRUE(judge().empty());
    EXPECT_EQ(matching_total(judge.offer.offer, judge.facts.basket), Amount{1000});
    EXPECT_EQ(award_of({1000, {}, {}}, Amount{1009}), Amount{100});
    EXPECT_EQ(award_of({1, {}, {}}, Amount{9'999}), Amount{0});
    EXPECT_EQ(award_of({1, {}, {}}, Amount{10'000}), Amount{1});
    EXPECT_EQ(award_of({10'000, {}, {}}, Amount{777}), Amount{777});
    judge.offer.offer.families.clear();
    EXPECT_EQ(matching_total(judge.offer.offer, judge.facts.basket), Amount{1500});
}

TEST(Offer, ABasketThatComesToNothingEarnsNothing) {
    for (const std::int64_t back : {-1000, -1500}) {
        PurchaseFacts facts = at_aroma({line("1", 1000), line("2", back, "Returns")});
        OfferFacts claimed = ten_percent();
        claimed.offer.claim = Claim::code;
        facts.offers = {claimed};
        const PurchaseDecision got = decide_purchase(facts, {});
        EXPECT_EQ(codes(got.reasons), (Codes{"offer_not_met total"}));
        facts.offers[0].offer.claim = Claim::automatic;
        EXPECT_TRUE(decide_purchase(facts, {}).awards.empty());
    }
}

TEST(Offer, AwardsAtMostItsCapAndNeverMoreThanMayComeInAtOnce) {
    EXPECT_EQ(award_of({1000, {}, Amount{60}}, Amount{1000}), Amount{60});
    EXPECT_EQ(award_of({1000, {}, Amount{600}}, Amount{1000}), Amount{100});
    EXPECT_EQ(award_of({0, Amount{500}, {}}, Amount{1000}), Amount{500});
    EXPECT_EQ(award_of({0, Amount{500}, Amount{200}}, Amount{1000}), Amount{200});
    // A thousand lines of the largest amount: nothing overflows on the way.
    const Amount most{largest_amount * 1000};
    EXPECT_EQ(award_of({10'000, {}, {}}, most), Amount{1'000'000'000'000});
    EXPECT_EQ(award_of({9'999, {}, Amount{5}}, most), Amount{5});
}

TEST(Offer, NamesTheCriterionAtFaultWithWhatWasMetAndWanted) {
    Judge judge;
    judge.offer.offer.least_spend = Amount{1001};
    std::vector<Reason> reasons = judge();
    ASSERT_EQ(codes(reasons), Codes{"offer_not_met least_spend"});
    EXPECT_EQ(reasons[0].offer, "ten");
    EXPECT_EQ(reasons[0].available, Amount{1000});
    EXPECT_EQ(reasons[0].least, Amount{1001});
    EXPECT_EQ(reasons[0].detail, "The offer asks for at least 10.01 EUR of what it is for.");
    judge.offer.offer.least_spend = Amount{1000};
    EXPECT_TRUE(judge().empty());

    judge.offer.offer.families = {"Tea"};
    reasons = judge();
    ASSERT_EQ(codes(reasons), Codes{"offer_not_met products"});
    EXPECT_EQ(reasons[0].wanted, std::vector<std::string>{"Tea"});
}

TEST(Offer, AsksForOneOfItsSegmentsPlacesAndTimes) {
    Judge judge;
    judge.offer.offer.segments = {"vip", "staff"};
    judge.offer.offer.venues = {VenueId("lim")};
    judge.offer.offer.time = {{.days = 1 << 5, .from_minute = 600, .to_minute = 720}};  // Saturday
    std::vector<Reason> reasons = judge();
    ASSERT_EQ(codes(reasons),
              (Codes{"offer_not_met locations", "offer_not_met time", "offer_not_met segments"}));
    EXPECT_EQ(reasons[0].wanted, std::vector<std::string>{"lim"});
    EXPECT_EQ(reasons[1].moment, parse_rfc3339("2026-11-28T10:00:00+02:00").value());
    EXPECT_EQ(reasons[1].moment_offset, "+02:00");
    EXPECT_EQ(reasons[2].wanted, (std::vector<std::string>{"vip", "staff"}));

    judge.facts.segments = {"staff"};
    judge.facts.place.venue = VenueId("lim");
    judge.facts.now = parse_rfc3339("2026-11-28T11:00:00+02:00").value();
    EXPECT_TRUE(judge().empty());
    judge.offer.offer.venues.clear();
    judge.offer.offer.businesses = {BusinessId("other")};
    EXPECT_EQ(codes(judge()), Codes{"offer_not_met locations"});
    judge.facts.zone = "Nowhere/Land";
    judge.offer.offer.businesses.clear();
    EXPECT_EQ(codes(judge()), Codes{"offer_not_met time"});
}

TEST(Offer, RunsFromItsBeginToItsEnd) {
    Judge judge;
    judge.offer.offer.valid = {noon, noon + std::chrono::hours{1}};
    EXPECT_TRUE(judge().empty());
    judge.facts.now = noon - std::chrono::milliseconds{1};
    std::vector<Reason> reasons = judge();
    ASSERT_EQ(codes(reasons), Codes{"offer_not_met from"});
    EXPECT_EQ(reasons[0].moment, noon);
    judge.facts.now = noon + std::chrono::hours{1};
    reasons = judge();
    ASSERT_EQ(codes(reasons), Codes{"offer_not_met until"});
    EXPECT_EQ(reasons[0].moment, noon + std::chrono::hours{1});
}

TEST(Offer, ThatDependsOnTheClockNeedsOneThatIsTrusted) {
    Judge judge;
    judge.facts.clock_trusted = false;
    EXPECT_TRUE(judge().empty());
    judge.offer.offer.valid.until = noon + std::chrono::hours{1};
    EXPECT_EQ(codes(judge()), Codes{"clock_untrusted"});
    judge.offer.offer.valid = {};
    judge.offer.offer.time = {{.from_minute = 0, .to_minute = 0}};
    EXPECT_EQ(codes(judge()), Codes{"clock_untrusted"});
    judge.offer.offer.time = {};
    judge.offer.lot.valid.until = noon + std::chrono::hours{1};  // of what it awards
    EXPECT_EQ(codes(judge()), Codes{"clock_untrusted"});
}

TEST(Offer, IsNotMetInAnotherCurrencyNorForNothing) {
    Judge judge;
    judge.offer.offer.currency = *Currency::parse("USD");
    std::vector<Reason> reasons = judge();
    ASSERT_EQ(codes(reasons), Codes{"offer_not_met currency"});
    EXPECT_EQ(reasons[0].wanted, std::vector<std::string>{"USD"});
    judge.offer.offer.currency = eur;
    judge.offer.offer.reward.basis_points = 9;  // 0.9 of a cent
    EXPECT_EQ(codes(judge()), Codes{"offer_not_met reward"});
    judge.facts.basket.lines = {line("1", -1000), line("2", 0)};
    EXPECT_EQ(codes(judge()), Codes{"offer_not_met total"});
    judge.facts.basket.lines = {line("1", 1000, "Tea"), line("2", 0)};
    EXPECT_EQ(codes(judge()), Codes{"offer_not_met products"});
}

TEST(Offer, IsUsedUpForAContactThatHasUsedItOftenEnough) {
    Judge judge;
    judge.offer.offer.uses_per_contact = 2;
    judge.offer.uses_by_contact = 1;
    EXPECT_TRUE(judge().empty());
    judge.offer.uses_by_contact = 2;
    EXPECT_EQ(codes(judge()), Codes{"offer_used_up"});
}

TEST(Offer, WithACapNeedsAUseThatIsHeldHere) {
    Judge judge;
    judge.offer.offer.uses = 10;
    EXPECT_EQ(codes(judge()), Codes{"offer_used_up"});
    judge.offer.uses = {Amount{1}, Amount{0}};
    EXPECT_EQ(codes(judge()), Codes{"authority_elsewhere"});
    EXPECT_TRUE(judge(Uses::shown).empty());
    judge.offer.uses = {Amount{0}, Amount{1}};  // the page lags behind the grant
    EXPECT_TRUE(judge().empty());
}

TEST(Offer, HasWordsForClaimsAndPolicies) {
    for (const char* word : {"automatic", "passes", "code"}) {
        EXPECT_EQ(name_of(claim_named(word).value()), word);
    }
    for (const char* word : {"unspent", "within_balance", "below_zero"}) {
        EXPECT_EQ(name_of(award_undo_named(word).value()), word);
    }
    EXPECT_FALSE(claim_named("pass"));
    EXPECT_FALSE(award_undo_named(""));
}

// --- in a purchase -------------------------------------------------------------------------------

TEST(Awards, OfAnAutomaticOfferComeByThemselvesAndSilentlyNotAtAll) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.business = {Amount{400}, Amount{400}};
    facts.offers = {ten_percent(), ten_percent("tea")};
    facts.offers[1].offer.families = {"Tea"};
    EXPECT_EQ(show(decide_purchase(facts, {})), "business 400, due 600, ten +100");
    SpendRequest earn_only;
    earn_only.mode = SpendMode::none;
    EXPECT_EQ(show(decide_purchase(facts, earn_only)), "due 1000, ten +100");
}

TEST(Awards, OfACodeThatIsNotMetRefuseThePurchaseWithAllReasons) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.offers = {ten_percent(), ten_percent("tea")};
    facts.offers[1].offer.claim = Claim::code;
    facts.offers[1].offer.families = {"Tea"};
    facts.offers[1].offer.uses_per_contact = 0;
    SpendRequest full;
    full.mode = SpendMode::full;
    const PurchaseDecision decision = decide_purchase(facts, full);
    EXPECT_FALSE(decision.accepted);
    EXPECT_EQ(codes(decision.reasons),
              (Codes{"offer_not_met products", "offer_used_up", "not_fully_covered"}));
    EXPECT_TRUE(decision.awards.empty());
    EXPECT_EQ(decision.due, Amount{1000});
    EXPECT_TRUE(authority_wanted(facts, full, WalletId("w1")).empty());
}

TEST(Awards, ThatAreInstantPayOnThePurchaseAtHandAndLeaveTheRestAsOpenMoney) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.offers = {fixed(300)};
    facts.offers[0].offer.instant = true;
    facts.business = {Amount{500}, Amount{500}};
    PurchaseDecision decision = decide_purchase(facts, {});
    EXPECT_EQ(show(decision), "award-fixed 300, business 500, due 200, fixed +300");
    EXPECT_EQ(left_of(decision.awards[0], decision.allocations), Amount{0});

    SpendRequest some;
    some.mode = SpendMode::amount;
    some.amount = Amount{120};
    decision = decide_purchase(facts, some);
    EXPECT_EQ(show(decision), "award-fixed 120, due 880, fixed +300");
    EXPECT_EQ(left_of(decision.awards[0], decision.allocations), Amount{180});

    some.mode = SpendMode::none;
    decision = decide_purchase(facts, some);
    EXPECT_EQ(show(decision), "due 1000, fixed +300");
    EXPECT_EQ(left_of(decision.awards[0], decision.allocations), Amount{300});
    EXPECT_TRUE(decision.refused.empty());
    facts.offers[0].offer.instant = false;
    decision = decide_purchase(facts, {});
    EXPECT_EQ(show(decision), "business 500, due 500, fixed +300");
    EXPECT_EQ(left_of(decision.awards[0], decision.allocations), Amount{0});
}

TEST(Awards, ThatAreInstantPayFirstAmongEqualsAlone) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.lots = {lot("older", 700)};
    facts.offers = {fixed(300)};
    facts.offers[0].offer.instant = true;
    EXPECT_EQ(show(decide_purchase(facts, {})), "award-fixed 300, older 700, due 0, fixed +300");
    facts.lots[0].lot.valid.until = noon + std::chrono::hours{1};
    EXPECT_EQ(show(decide_purchase(facts, {})), "older 700, award-fixed 300, due 0, fixed +300");
    facts.lots[0].lot.valid.until = {};
    Pool narrow = facts.pools[0];
    narrow.id = PoolId("narrow");
    narrow.families = {"Coffee"};
    facts.pools.push_back(narrow);
    facts.lots[0].lot.pool = narrow.id;
    EXPECT_EQ(show(decide_purchase(facts, {})), "older 700, award-fixed 300, due 0, fixed +300");
}

TEST(Awards, ThatAreInstantPayUnderTheConditionsOfTheirPool) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.pools[0].families = {"Tea"};
    facts.offers = {fixed(300)};
    facts.offers[0].offer.instant = true;
    const PurchaseDecision decision = decide_purchase(facts, {});
    EXPECT_EQ(show(decision), "due 1000, fixed +300");
    EXPECT_EQ(left_of(decision.awards[0], decision.allocations), Amount{300});
    EXPECT_TRUE(decision.refused.empty());
}

TEST(Awards, OfACappedOfferAskForAUseWhereNoneIsHeld) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.offers = {ten_percent()};
    facts.offers[0].offer.uses = 5;
    facts.offers[0].uses = {Amount{5}, Amount{0}};
    const std::vector<Want> one_use{{offer_subject(OfferId("ten")), Amount{1}, true}};
    EXPECT_EQ(authority_wanted(facts, {}, WalletId("w1")), one_use);
    EXPECT_EQ(show(decide_purchase(facts, {})), "due 1000");  // automatic: silent
    facts.offers[0].offer.claim = Claim::code;
    EXPECT_EQ(show(decide_purchase(facts, {})), "authority_elsewhere");
    EXPECT_EQ(authority_wanted(facts, {}, WalletId("w1")), one_use);
    facts.business = {Amount{50}, Amount{0}};
    EXPECT_EQ(authority_wanted(facts, {}, WalletId("w1")).size(), 2u);
    facts.offers[0].uses = {Amount{0}, Amount{0}};
    EXPECT_EQ(show(decide_purchase(facts, {})), "offer_used_up");
    EXPECT_TRUE(authority_wanted(facts, {}, WalletId("w1")).empty());
    facts.offers[0].uses = {Amount{5}, Amount{1}};
    const PurchaseDecision decision = decide_purchase(facts, {});
    ASSERT_EQ(decision.awards.size(), 1u);
    EXPECT_TRUE(decision.awards[0].counted);
    EXPECT_EQ(decision.awards[0].version, 1);
}

TEST(Awards, DoNotAskForAUseThatWouldNotHelp) {
    PurchaseFacts facts = at_aroma({line("1", 1000)});
    facts.offers = {ten_percent()};
    facts.offers[0].offer.uses = 5;
    facts.offers[0].uses = {Amount{5}, Amount{0}};
    SpendRequest full;
    full.mode = SpendMode::full;
    EXPECT_TRUE(authority_wanted(facts, full, WalletId("w1")).empty());
}

TEST(PromotionPass, IsJudgedByTypeStateBusinessAndAuthority) {
    PromotionFacts facts;
    facts.plan.type = PassType::promotion;
    facts.plan.offer = OfferId("ten");
    facts.plan.business = facts.business = BusinessId("aroma");
    facts.pass.state = PassState::active;
    facts.now = noon;
    EXPECT_EQ(codes(judge_promotion(facts)), Codes{"authority_elsewhere"});
    facts.held = Amount{1};
    EXPECT_TRUE(judge_promotion(facts).empty());
    facts.plan.offer.reset();
    EXPECT_EQ(codes(judge_promotion(facts)), Codes{"offer_not_met"});
    facts.plan.offer = OfferId("ten");
    facts.pass.redeem_by = noon;
    facts.business = BusinessId("other");
    EXPECT_EQ(codes(judge_promotion(facts)), (Codes{"pass_expired", "wrong_business"}));
    facts.pass.state = PassState::redeemed;
    facts.business = BusinessId("aroma");
    facts.held = {};
    EXPECT_EQ(codes(judge_promotion(facts)), Codes{"pass_redeemed"});
    facts.pass.state = PassState::draft;
    facts.pass.redeem_by = {};
    EXPECT_EQ(codes(judge_promotion(facts)), Codes{"pass_draft"});
    facts.plan.type = PassType::gift;
    EXPECT_EQ(codes(judge_promotion(facts)), Codes{"not_a_promotion"});
}

}  // namespace
}  // namespace obol::offers
