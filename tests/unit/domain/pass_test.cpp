#include "sync/domain/pass.hpp"

#include <gtest/gtest.h>

namespace obol {
namespace {

using Codes = std::vector<Code>;

const Instant now = parse_rfc3339("2026-11-21T18:00:00Z").value();
const BusinessId aroma{"aroma"};
const Currency eur = Currency::parse("EUR").value();

Codes codes(const std::vector<Reason>& reasons) {
    Codes out;
    for (const Reason& reason : reasons) out.push_back(reason.code);
    return out;
}

Plan plan(PassType type = PassType::gift) {
    Plan made;
    made.id = PlanId{"gift25"};
    made.business = aroma;
    made.type = type;
    made.currency = eur;
    made.value_min = made.value_max = Amount{2500};
    return made;
}

Pass pass(PassState state = PassState::active) {
    Pass made;
    made.id = PassId{"p1"};
    made.plan = PlanId{"gift25"};
    made.state = state;
    made.value = Amount{2500};
    return made;
}

Wallet marias() {
    Wallet made;
    made.id = WalletId{"w1"};
    made.contact = ContactId{"maria"};
    made.currency = eur;
    return made;
}

RedeemFacts redeem(Plan of = plan(), Pass what = pass()) {
    RedeemFacts facts{
        .pass = std::move(what), .plan = std::move(of), .business = aroma, .now = now};
    facts.wallet = marias();
    facts.held = Amount{2500};
    return facts;
}

// ---- State
// ---------------------------------------------------------------------------------------------

TEST(Pass, TimeBoundsAPassWithAnEndAndOneOfAPlanWhosePassesGetOne) {
    EXPECT_FALSE(bound_in_time(pass(), plan()));
    Pass ends = pass();
    ends.redeem_by = now;
    EXPECT_TRUE(bound_in_time(ends, plan()));
    Plan by_period = plan(), by_date = plan();
    by_period.redeem_by.period = Period{1, 0};
    by_date.redeem_by.date = LocalDate{};
    EXPECT_TRUE(bound_in_time(pass(), by_period));
    EXPECT_TRUE(bound_in_time(pass(), by_date));
}

TEST(Pass, TimeBoundsALotOfAPoolWithAnyEnd) {
    EXPECT_FALSE(bound_in_time(Validity{}));
    Validity begins, ends, lasts;
    begins.from = ends.until = Boundary{};
    lasts.period = Period{0, 30};
    for (const Validity& each : {begins, ends, lasts}) EXPECT_TRUE(bound_in_time(each));
}

TEST(PassState, OnlyAnActivePassHasNothingAgainstIt) {
    EXPECT_EQ(codes(judge_state(pass(), plan(), aroma, now)), Codes{});
    EXPECT_EQ(codes(judge_state(pass(PassState::draft), plan(), aroma, now)),
              Codes{Code::pass_draft});
    EXPECT_EQ(codes(judge_state(pass(PassState::blocked), plan(), aroma, now)),
              Codes{Code::pass_blocked});
    EXPECT_EQ(codes(judge_state(pass(PassState::cancelled), plan(), aroma, now)),
              Codes{Code::pass_cancelled});
    EXPECT_EQ(codes(judge_state(pass(PassState::redeemed), plan(), aroma, now)),
              Codes{Code::pass_redeemed});
    EXPECT_EQ(codes(judge_state(pass(PassState::expired), plan(), aroma, now)),
              Codes{Code::pass_expired});
}

TEST(PassState, ARedeemedPassSaysWhenAndWhere) {
    Pass used = pass(PassState::redeemed);
    used.redeemed_at = now - Millis{1000};
    used.redeemed_venue = VenueId{"lim"};
    const auto reasons = judge_state(used, plan(), aroma, now);
    ASSERT_EQ(reasons.size(), 1u);
    EXPECT_EQ(reasons[0].moment, used.redeemed_at);
    EXPECT_EQ(reasons[0].venue, "lim");
}

TEST(PassState, RedeemByIsTheFirstInstantThatIsTooLate) {
    Pass limited = pass();
    limited.redeem_by = now + Millis{1};
    EXPECT_EQ(codes(judge_state(limited, plan(), aroma, now)), Codes{});
    limited.redeem_by = now;
    const auto reasons = judge_state(limited, plan(), aroma, now);
    ASSERT_EQ(codes(reasons), Codes{Code::pass_expired});
    EXPECT_EQ(reasons[0].moment, now);
}

TEST(PassState, TimeRunsAgainstDraftsAndBlockedPassesButNotAgainstSpentOnes) {
    const auto late = [](PassState state) {
        Pass one = pass(state);
        one.redeem_by = now - Millis{1};
        return codes(judge_state(one, plan(), aroma, now));
    };
    EXPECT_EQ(late(PassState::draft), (Codes{Code::pass_draft, Code::pass_expired}));
    EXPECT_EQ(late(PassState::blocked), (Codes{Code::pass_blocked, Code::pass_expired}));
    EXPECT_EQ(late(PassState::redeemed), Codes{Code::pass_redeemed});
    EXPECT_EQ(late(PassState::cancelled), Codes{Code::pass_cancelled});
}

TEST(PassState, AnotherBusinessIsTold) {
    EXPECT_EQ(codes(judge_state(pass(), plan(), BusinessId{"other"}, now)),
              Codes{Code::wrong_business});
}

TEST(PassState, APromotionByItselfNeedsAPurchase) {
    EXPECT_EQ(codes(judge_state(pass(), plan(PassType::promotion), aroma, now)),
              Codes{Code::promotion_needs_purchase});
}

// ---- Redeem
// --------------------------------------------------------------------------------------------

TEST(Redeem, AnActivePassThatIsHeldGoesIntoAWalletOrANewOne) {
    EXPECT_EQ(codes(judge_redeem(redeem())), Codes{});
    RedeemFacts nameless = redeem();
    nameless.wallet.reset();
    nameless.new_wallet = true;
    EXPECT_EQ(codes(judge_redeem(nameless)), Codes{});
}

TEST(Redeem, ReasonsHoldAllThatHoldInTheirOrder) {
    RedeemFacts facts = redeem();
    facts.pass.redeem_by = now;
    facts.business = BusinessId{"other"};
    facts.wallet->currency = Currency::parse("GBP").value();
    facts.wallet->blocked = true;
    facts.held = Amount{0};
    EXPECT_EQ(codes(judge_redeem(facts)),
              (Codes{Code::pass_expired, Code::wrong_business, Code::wrong_currency,
                     Code::wallet_blocked, Code::authority_elsewhere}));
}

TEST(Redeem, CurrenciesMustAgree) {
    RedeemFacts facts = redeem();
    facts.wallet->currency = Currency::parse("JPY").value();
    const auto reasons = judge_redeem(facts);
    ASSERT_EQ(codes(reasons), Codes{Code::wrong_currency});
    EXPECT_EQ(reasons[0].detail, "The pass is in EUR, the wallet in JPY.");
}

TEST(Redeem, ABlockedWalletTakesNothing) {
    RedeemFacts facts = redeem();
    facts.wallet->blocked = true;
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::wallet_blocked});
}

TEST(Redeem, ATopUpNeedsAnExistingNamedWallet) {
    RedeemFacts facts = redeem(plan(PassType::topup));
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{});
    facts.wallet->contact.reset();  // nameless
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::wallet_required});
    facts.wallet.reset();
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::wallet_required});
    facts.new_wallet = true;
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::wallet_required});
}

TEST(Redeem, APromotionRidesOnAPurchase) {
    RedeemFacts facts = redeem(plan(PassType::promotion));
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::promotion_needs_purchase});
    facts.promotion_allowed = true;
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{});
}

TEST(Redeem, APassIsHeldWholeOrNotAtAll) {
    RedeemFacts facts = redeem();
    facts.held = Amount{2499};
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::authority_elsewhere});
    // Of a pass that cannot be redeemed anyway, it does not matter who holds it.
    facts.pass.state = PassState::redeemed;
    facts.held = Amount{0};
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::pass_redeemed});
}

// ---- PIN
// -----------------------------------------------------------------------------------------------

std::optional<Reason> pin(PinCheck check, bool needed = true) {
    Plan of = plan();
    of.pin = needed;
    return judge_pin(of, check);
}

TEST(Pin, IsAskedForComparedAndCounted) {
    EXPECT_EQ(pin({}).value().code, Code::pin_required);
    EXPECT_FALSE(pin({.given = true, .right = true}));
    const auto wrong = pin({.given = true, .right = false, .wrong = 1});
    EXPECT_EQ(wrong.value().code, Code::pin_incorrect);
    EXPECT_EQ(wrong.value().attempts_left, 2);
    EXPECT_EQ(pin({.given = true, .right = false, .wrong = 2}).value().attempts_left, 1);
}

TEST(Pin, TheThirdWrongOneLocksAtOnce) {
    const auto third = pin({.given = true, .right = false, .wrong = 3});
    EXPECT_EQ(third.value().code, Code::pass_locked);
    EXPECT_FALSE(third.value().attempts_left);
    EXPECT_EQ(pin({.wrong = 3}).value().code, Code::pass_locked);
}

TEST(Pin, ALockedPassTakesNotEvenTheRightOne) {
    EXPECT_EQ(pin({.given = true, .right = true, .locked = true}).value().code, Code::pass_locked);
    EXPECT_EQ(pin({.given = false, .locked = true}).value().code, Code::pass_locked);
}

TEST(Pin, Trap63APinThatNobodyAskedForIsIgnored) {
    EXPECT_FALSE(pin({.given = true, .right = false, .wrong = 3, .locked = true}, false));
    EXPECT_FALSE(pin({}, false));
}

// ---- Activation
// ------------------------------------------------------------------------------------------

Codes activate(Pass what, Plan of, std::optional<Amount> amount = {}, BusinessId where = aroma) {
    return codes(judge_activate(what, of, where, amount, now));
}

TEST(Activate, SellsADraftAtTheFixedValue) {
    EXPECT_EQ(activate(pass(PassState::draft), plan()), Codes{});
    EXPECT_EQ(activate(pass(PassState::draft), plan(), Amount{2500}), Codes{});
    EXPECT_EQ(activate(pass(PassState::draft), plan(), Amount{2499}), Codes{Code::below_minimum});
    EXPECT_EQ(activate(pass(PassState::draft), plan(), Amount{2501}), Codes{Code::above_maximum});
}

TEST(Activate, AVariableValueMustBeNamedAndLieWithinThePlan) {
    Plan variable = plan();
    variable.value_min = Amount{1000};
    variable.value_max = Amount{5000};
    EXPECT_EQ(activate(pass(PassState::draft), variable, Amount{1000}), Codes{});
    EXPECT_EQ(activate(pass(PassState::draft), variable, Amount{5000}), Codes{});
    EXPECT_EQ(activate(pass(PassState::draft), variable, Amount{999}), Codes{Code::below_minimum});
    EXPECT_EQ(activate(pass(PassState::draft), variable, Amount{5001}), Codes{Code::above_maximum});
    EXPECT_EQ(activate(pass(PassState::draft), variable), Codes{Code::below_minimum});
    const auto reasons = judge_activate(pass(PassState::draft), variable, aroma, Amount{-1}, now);
    ASSERT_EQ(codes(reasons), Codes{Code::below_minimum});
    EXPECT_EQ(reasons[0].detail, "The plan sells passes of at least 10.00 EUR.");
}

TEST(Activate, NothingIsSoldForNothing) {
    Plan open = plan();
    open.value_min = Amount{0};
    EXPECT_EQ(activate(pass(PassState::draft), open, Amount{0}), Codes{Code::below_minimum});
}

TEST(Activate, RefusesWhatIsNoDraft) {
    EXPECT_EQ(activate(pass(PassState::active), plan()), Codes{Code::pass_already_active});
    EXPECT_EQ(activate(pass(PassState::blocked), plan()), Codes{Code::pass_blocked});
    EXPECT_EQ(activate(pass(PassState::cancelled), plan()), Codes{Code::pass_cancelled});
    EXPECT_EQ(activate(pass(PassState::redeemed), plan()), Codes{Code::pass_redeemed});
    EXPECT_EQ(activate(pass(PassState::expired), plan()), Codes{Code::pass_expired});
    Pass late = pass(PassState::draft);
    late.redeem_by = now;
    EXPECT_EQ(activate(late, plan(), {}, BusinessId{"other"}),
              (Codes{Code::pass_expired, Code::wrong_business}));
}

// ---- Plans
// ---------------------------------------------------------------------------------------------

TEST(Plans, RedeemByFollowsPeriodDateOrNothing) {
    const Zone nicosia = Zone::find("Asia/Nicosia").value();
    Plan of = plan();
    EXPECT_FALSE(redeem_by_of(of, now, nicosia));
    of.redeem_by.period = Period{12, 0};
    EXPECT_EQ(to_rfc3339(redeem_by_of(of, now, nicosia).value()), "2027-11-21T22:00:00Z");
    of.redeem_by = RedeemBy{.date = LocalDate{2026, 12, 31}};
    EXPECT_EQ(to_rfc3339(redeem_by_of(of, now, nicosia).value()), "2026-12-31T22:00:00Z");
}

TEST(Plans, FewRandomBitsAreDecidedAtTheCentreUnlessThePlanSaysOtherwise) {
    Plan of = plan();
    of.code.length = 13;
    EXPECT_TRUE(of.usable_offline());
    of.code.length = 12;
    EXPECT_FALSE(of.usable_offline());
    of.code = {.alphabet = Alphabet::numeric, .length = 16};
    EXPECT_FALSE(of.usable_offline());
    of.offline = true;
    EXPECT_TRUE(of.usable_offline());
    of.code = {};
    of.offline = false;
    EXPECT_FALSE(of.usable_offline());
}

TEST(Plans, PassesInheritTheFieldsAndMayHaveTheirOwn) {
    Plan of = plan();
    of.fields = {{"colour", "red"}, {"shelf", "A4"}};
    EXPECT_EQ(inherited(of, {}), of.fields);
    EXPECT_EQ(inherited(of, {{"colour", "blue"}, {"owner", "Maria"}}),
              (Fields{{"colour", "blue"}, {"owner", "Maria"}, {"shelf", "A4"}}));
}

// ---- Two clocks
// ---------------------------------------------------------------------------------------------

TEST(TwoClocks, ADraftOrActivePassPastItsRedeemByHasExpiredWithoutAnyoneSayingSo) {
    const auto state_then = [](PassState stored, Millis after) {
        Pass one = pass(stored);
        one.redeem_by = now;
        return state_at(one, now + after);
    };
    for (const PassState runs : {PassState::draft, PassState::active}) {
        EXPECT_EQ(state_then(runs, Millis{-1}), runs);
        EXPECT_EQ(state_then(runs, Millis{0}), PassState::expired);
    }
    for (const PassState stays :
         {PassState::redeemed, PassState::expired, PassState::cancelled, PassState::blocked}) {
        EXPECT_EQ(state_then(stays, Millis{-1}), stays);
        EXPECT_EQ(state_then(stays, Millis{1}), stays);
    }
    EXPECT_EQ(state_at(pass(), now), PassState::active);  // without an end
}

TEST(TwoClocks, APassRedeemedInItsLastMomentGivesMoneyThatLivesOnByItsOwnClock) {
    const Zone nicosia = Zone::find("Asia/Nicosia").value();
    RedeemFacts facts = redeem();
    facts.pass.redeem_by = redeem_by_of(facts.plan, now, nicosia).value_or(now + Millis{1});
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{});
    // The lot's end follows from the pool and the moment of the credit; the pass's end is no part of it.
    Validity year;
    year.period = Period{12, 0};
    const auto spend_by = resolve(year, now, nicosia).until;
    EXPECT_GT(spend_by.value(), facts.pass.redeem_by.value());
    facts.now = *facts.pass.redeem_by;
    EXPECT_EQ(codes(judge_redeem(facts)), Codes{Code::pass_expired});
}

TEST(TwoClocks, NoPassIsTooEarly) {
    // Neither plan nor pass has a start: pass_not_yet_valid is never among the reasons of a pass.
    for (const PassState each : {PassState::draft, PassState::active, PassState::redeemed, PassState::expired,
                                 PassState::cancelled, PassState::blocked}) {
        RedeemFacts facts = redeem(plan(), pass(each));
        facts.now = now - std::chrono::days{20'000};
        for (const Code code : codes(judge_redeem(facts))) EXPECT_NE(code, Code::pass_not_yet_valid);
    }
}

TEST(PassNames, AreThoseOfTheContract) {
    for (const auto* type : {"gift", "topup", "promotion"})
        EXPECT_EQ(name_of(pass_type_named(type).value()), type);
    for (const auto* state : {"draft", "active", "redeemed", "expired", "cancelled", "blocked"}) {
        EXPECT_EQ(name_of(pass_state_named(state).value()), state);
    }
    EXPECT_EQ(plan_state_named("active"), PlanState::active);
    EXPECT_EQ(plan_state_named("draft"), PlanState::draft);
    EXPECT_FALSE(plan_state_named("Draft"));
    EXPECT_EQ(name_of(PlanState::draft), "draft");
    EXPECT_FALSE(pass_type_named("Gift"));
    EXPECT_FALSE(pass_state_named("sold"));
    EXPECT_EQ(name_of(PinState::none), "none");
    EXPECT_EQ(name_of(PinState::required), "required");
    EXPECT_EQ(name_of(PinState::locked), "locked");
}

}  // namespace
}  // namespace obol
