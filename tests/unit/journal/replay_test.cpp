#include "sync/journal/replay.hpp"

#include <gtest/gtest.h>

#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

using samples::credits_a_week;
using samples::Ledger;

std::string show(const std::vector<Mismatch>& found) {
    std::string out;
    for (const Mismatch& mismatch : found) out += mismatch.where + ": " + mismatch.detail + "\n";
    return out;
}
bool names(const std::vector<Mismatch>& found, std::string_view where) {
    for (const Mismatch& mismatch : found) {
        if (mismatch.where.starts_with(where)) return true;
    }
    return false;
}

TEST(Replay, FindsNothingInEntriesThatTellTheTruth) {
    Ledger ledger;
    ledger.purchases = {samples::purchase(), samples::promoted()};
    for (const Record& record : samples::one_of_each()) {
        EXPECT_EQ(show(ledger.find(record)), "") << kind_of(record);
    }
}

TEST(Replay, ReadsBackWhatItWrote) {
    const Map detail = to_detail(Record(samples::purchase()));
    EXPECT_EQ(show(Ledger{}.find(*from_detail("purchase", detail))), "");
}

struct Tampering {
    const char* name;
    const char* where;  // a mismatch that must be among those found
    std::function<void(Purchase&)> change;
};

// A patched agent with a valid key writes each of these. The digest is made anew where
// `honest_digest` is set, so that the rules themselves must find it.
void expect_found(const std::vector<Tampering>& tamperings, bool honest_digest,
                  Purchase (*honest)() = samples::purchase) {
    for (const Tampering& tampering : tamperings) {
        Purchase purchase = honest();
        tampering.change(purchase);
        if (honest_digest) purchase.digest = facts_digest(purchase);
        const auto found = Ledger{}.find(purchase);
        EXPECT_TRUE(names(found, tampering.where)) << tampering.name << " gave:\n" << show(found);
    }
}

TEST(Replay, FindsADecisionThatTheRulesDidNotMake) {
    expect_found(
        {
            {"amount of an allocation", "decision.allocations[0].amount",
             [](Purchase& p) { p.decision.allocations[0].amount = Amount{400}; }},
            {"which lot pays", "decision.allocations[0]",
             [](Purchase& p) { p.decision.allocations[0].lot = LotId("lot-happy"); }},
            {"lines of an allocation", "decision.allocations[1].lines",
             [](Purchase& p) { p.decision.allocations[1].lines[0].line = LineId("2"); }},
            {"pocket that pays", "decision.allocations[2]",
             [](Purchase& p) { p.decision.allocations[2].pocket = Pocket::personal; }},
            {"version of the pool that paid", "decision.allocations[0].pool_version",
             [](Purchase& p) { p.decision.allocations[0].pool_version = 9; }},
            {"an allocation left out", "decision.allocations",
             [](Purchase& p) { p.decision.allocations.pop_back(); }},
            {"spent", "decision.spent", [](Purchase& p) { p.decision.spent = Amount{1}; }},
            {"due", "decision.due", [](Purchase& p) { p.decision.due = Amount{1}; }},
            {"total of the basket", "decision.basket_total",
             [](Purchase& p) { p.decision.basket_total = Amount{1}; }},
            {"policy", "decision.policy",
             [](Purchase& p) { p.decision.policy = "as-it-pleases/1"; }},
            {"reason of a refused lot", "decision.refused[0].reasons[0]",
             [](Purchase& p) { p.decision.refused[0].reasons[0].code = Code::not_needed; }},
            {"next opening", "decision.refused",
             [](Purchase& p) {
                 for (RefusedLot& lot : p.decision.refused) {
                     for (Reason& reason : lot.reasons) {
                         if (reason.moment) *reason.moment += std::chrono::hours{1};
                     }
                 }
             }},
            {"amount of a refused lot", "decision.refused[0].amount",
             [](Purchase& p) { p.decision.refused[0].amount = Amount{1}; }},
            {"a refused lot left out", "decision.refused",
             [](Purchase& p) { p.decision.refused.pop_back(); }},
            {"not accepted", "decision.accepted", [](Purchase& p) { p.decision.accepted = false; }},
        },
        true);
}

TEST(Replay, FindsAwardsThatTheOffersDoNotGive) {
    expect_found(
        {
            {"amount of an award", "decision.awards[1].amount",
             [](Purchase& p) { p.decision.awards[1].amount = Amount{1}; }},
            {"amount of an instant award", "decision.awards[0].amount",
             [](Purchase& p) { p.decision.awards[0].amount = Amount{299}; }},
            {"an award left out", "decision.awards",
             [](Purchase& p) { p.decision.awards.pop_back(); }},
            {"an award that pays at once", "decision.awards[1]",
             [](Purchase& p) { p.decision.awards[1].instant = true; }},
            {"an award that takes no use", "decision.awards[1]",
             [](Purchase& p) { p.decision.awards[1].counted = false; }},
            {"the version of an award", "decision.awards[0]",
             [](Purchase& p) { p.decision.awards[0].version = 1; }},
            {"the pass of an award", "decision.awards[0].pass",
             [](Purchase& p) { p.decision.awards[0].pass = PassId("promo2"); }},
            {"the lot of an award", "decision.awards[1].lot",
             [](Purchase& p) { p.decision.awards[1].lot.pool = PoolId("open"); }},
            {"the percentage of an offer", "facts.offers[1]",
             [](Purchase& p) { p.facts.offers[1].offer.reward.basis_points = 10'000; }},
            {"the version of an offer", "facts.offers[0]",
             [](Purchase& p) { p.facts.offers[0].offer.version = 7; }},
            {"an offer of another business", "facts.offers[0]",
             [](Purchase& p) { p.facts.offers[0].offer.business = BusinessId("other"); }},
            {"an offer twice", "facts.offers[2]",
             [](Purchase& p) { p.facts.offers.push_back(p.facts.offers[1]); }},
            {"a pass that claims nothing", "facts.offers[1].pass",
             [](Purchase& p) { p.facts.offers[1].pass = PassId("promo9"); }},
            {"the wallet of an award", "facts.offers[1].lot",
             [](Purchase& p) { p.facts.offers[1].lot.wallet = WalletId("w2"); }},
            {"the business of an award", "facts.offers[1].lot",
             [](Purchase& p) { p.facts.offers[1].lot.business = BusinessId("other"); }},
            {"the currency of an award", "facts.offers[1].lot",
             [](Purchase& p) { p.facts.offers[1].lot.currency = *Currency::parse("USD"); }},
            {"the moment of an award", "facts.offers[1].lot",
             [](Purchase& p) { p.facts.offers[1].lot.credited_at += Millis{1}; }},
            {"the end of an award", "facts.offers[1].lot.valid",
             [](Purchase& p) { p.facts.offers[1].lot.valid.until = p.facts.now; }},
            {"the pool of an award left out", "facts.offers[0].lot",
             [](Purchase& p) { p.facts.pools.pop_back(); }},
            {"a lot that is there already", "facts.offers[1].lot",
             [](Purchase& p) { p.facts.offers[1].lot.id = LotId("lot-open"); }},
            {"the segments of the contact", "decision.accepted",
             [](Purchase& p) { p.facts.segments.clear(); }},
            {"the uses held", "decision.awards",
             [](Purchase& p) { p.facts.offers[1].uses = {}; }},
            {"the uses of the contact", "decision.awards",
             [](Purchase& p) { p.facts.offers[1].uses_by_contact = 2; }},
        },
        true, samples::promoted);
}

TEST(Replay, FindsAwardsThatARefundDoesNotTakeBack) {
    Ledger ledger;
    ledger.purchases = {samples::promoted()};
    const Refund honest = samples::refund(samples::promoted(), {{{LineId("1"), Amount{1000}}}, {}});
    ASSERT_EQ(show(ledger.find(honest)), "");
    ASSERT_FALSE(honest.decision.undone.empty());
    const auto expect = [&](std::string_view where, const std::function<void(Refund&)>& change) {
        Refund refund = honest;
        change(refund);
        const auto found = ledger.find(refund);
        EXPECT_TRUE(names(found, where)) << where << " gave:\n" << show(found);
    };
    expect("decision.undone", [](Refund& r) { r.decision.undone.clear(); });
    expect("decision.undone[0].from_lot", [](Refund& r) { r.decision.undone[0].from_lot += Amount{1}; });
    expect("decision.undone[0].from_business",
           [](Refund& r) { r.decision.undone[0].from_business += Amount{1}; });
    expect("decision.undone[0].owed", [](Refund& r) { r.decision.undone[0].owed += Amount{1}; });
    expect("decision.undone[0]", [](Refund& r) { r.decision.undone[0].lot = LotId("other"); });
    expect("decision.undone[0]", [](Refund& r) { r.decision.undone[0].use_back = true; });
    expect("decision.award_owed", [](Refund& r) { r.decision.award_owed = Amount{5}; });
    expect("facts.awards", [](Refund& r) { r.facts.awards.pop_back(); });
    expect("facts.awards[0].award", [](Refund& r) { r.facts.awards[0].award.amount = Amount{1}; });
    expect("facts.awards[1].offer",
           [](Refund& r) { r.facts.awards[1].offer.reward.basis_points = 1; });
}

TEST(Replay, FindsFactsThatChangeTheDecision) {
    expect_found(
        {
            {"amount of a line", "decision.basket_total",
             [](Purchase& p) { p.facts.basket.lines[0].amount = Amount{100}; }},
            {"family of a line", "decision",
             [](Purchase& p) { p.facts.basket.lines[0].family = "Tea"; }},
            {"what is held", "decision.allocations",
             [](Purchase& p) { p.facts.lots[1].funds.held = Amount{100}; }},
            {"the moment", "decision",
             [](Purchase& p) { p.facts.now = *parse_rfc3339("2026-11-27T21:00:00Z"); }},
            {"end of a lot", "decision",
             [](Purchase& p) { p.facts.lots[2].lot.valid.until = p.facts.now; }},
            {"the request", "decision",
             [](Purchase& p) { p.request.pockets = {Pocket::business}; }},
            {"the clock", "decision", [](Purchase& p) { p.facts.clock_trusted = false; }},
            {"a lot left out", "decision", [](Purchase& p) { p.facts.lots.pop_back(); }},
        },
        true);
}

TEST(Replay, FindsLimitsThatThePatchedAgentDidNotKeep) {
    expect_found(
        {
            {"a limit left out", "facts.limits.limits",
             [](Purchase& p) { p.facts.limits.limits.pop_back(); }},
            {"all limits left out", "facts.limits.limits",
             [](Purchase& p) {
                 p.facts.limits.limits.clear();
                 p.facts.limits.activity.clear();
             }},
            {"a limit raised", "facts.limits.limits[0]",
             [](Purchase& p) { p.facts.limits.limits[0].most_count = 2000; }},
            {"a version that never was", "facts.limits.limits[0]",
             [](Purchase& p) { p.facts.limits.limits[0].version = 9; }},
            {"a limit of another wallet", "facts.limits.limits[1]",
             [](Purchase& p) { p.facts.limits.limits[1].wallet = WalletId("w2"); }},
            {"a limit of another kind", "facts.limits.limits[0]",
             [](Purchase& p) { p.facts.limits.limits[0] = credits_a_week(); }},
            {"a limit twice", "facts.limits.limits[2]",
             [](Purchase& p) { p.facts.limits.limits.push_back(p.facts.limits.limits[1]); }},
            {"a period not counted", "facts.limits.activity",
             [](Purchase& p) { p.facts.limits.activity.clear(); }},
            {"the wrong period counted", "facts.limits.activity",
             [](Purchase& p) { p.facts.limits.activity[0].period = LimitPeriod::week; }},
            {"sold though the count was reached", "decision.accepted",
             [](Purchase& p) { p.facts.limits.activity[0].count = 20; }},
            {"more spent than was left", "decision.spent",
             [](Purchase& p) { p.facts.limits.activity[0].amount = Amount{49'000}; }},
        },
        true);
}

TEST(Replay, ExpectsNoLimitOfAVenueThatHadNotHeardOfIt) {
    Purchase purchase = samples::purchase();
    purchase.facts.limits = {39, {}, {}};
    purchase.digest = facts_digest(purchase);
    EXPECT_EQ(show(Ledger{}.find(purchase)), "");
}

TEST(Replay, FindsMoneyThatCameInAboveALimit) {
    TopUp top_up = samples::top_up();
    EXPECT_EQ(show(Ledger{}.find(top_up)), "");
    top_up.limits.activity[0].amount = Amount{19'001};
    EXPECT_TRUE(names(Ledger{}.find(top_up), "limits"));
    PassRedeemed redeemed = samples::redeemed();
    redeemed.limits.activity[0].count = 3;
    EXPECT_TRUE(names(Ledger{}.find(redeemed), "limits"));
    redeemed = samples::redeemed();
    redeemed.limits.limits.clear();
    EXPECT_TRUE(names(Ledger{}.find(redeemed), "limits.limits"));
}

TEST(TrapTime, T17_WhatWasInTimeAtTheTillIsTrueWheneverItIsBooked) {
    // The lot ended a moment after the sale; nobody asks what time it is when the entry arrives.
    Purchase purchase = samples::purchase();
    ASSERT_FALSE(purchase.decision.allocations.empty());
    LotFacts& lot = purchase.facts.lots.at(0);
    lot.lot.valid.until = purchase.facts.now + Millis{1};
    purchase.decision = decide_purchase(purchase.facts, purchase.request);
    purchase.digest = facts_digest(purchase);
    EXPECT_EQ(show(Ledger{}.find(purchase)), "");

    lot.lot.valid.until = purchase.facts.now;  // an entry that spends at the very end does not tell the truth
    purchase.digest = facts_digest(purchase);
    EXPECT_NE(show(Ledger{}.find(purchase)), "");
}

TEST(Replay, FindsRulesThatTheLedgerNeverIssued) {
    expect_found(
        {
            {"version of a pool", "facts.pools[1]",
             [](Purchase& p) { p.facts.pools[1].version = 99; }},
            {"condition of a pool", "facts.pools[1]",
             [](Purchase& p) { p.facts.pools[1].families.clear(); }},
            {"window of a pool", "facts.pools[0]",
             [](Purchase& p) { p.facts.pools[0].time.clear(); }},
            {"place of a pool", "facts.pools[1]",
             [](Purchase& p) { p.facts.pools[1].venues.clear(); }},
            {"name of a pool", "facts.pools[2]", [](Purchase& p) { p.facts.pools[2].name = "?"; }},
            {"unknown pool", "facts.pools[2]",
             [](Purchase& p) { p.facts.pools[2].id = PoolId("mine"); }},
            {"pool left out", "facts.lots", [](Purchase& p) { p.facts.pools.pop_back(); }},
            {"pool twice", "facts.pools[3]",
             [](Purchase& p) { p.facts.pools.push_back(p.facts.pools[0]); }},
            {"lot twice", "facts.lots[3]",
             [](Purchase& p) { p.facts.lots.push_back(p.facts.lots[2]); }},
            {"line twice", "facts.basket.lines[1]",
             [](Purchase& p) { p.facts.basket.lines[1].id = LineId("1"); }},
            {"lot of another wallet", "facts.lots[0]",
             [](Purchase& p) { p.facts.lots[0].lot.wallet = WalletId("w2"); }},
            {"lot of another currency", "facts.lots[0]",
             [](Purchase& p) { p.facts.lots[0].lot.currency = *Currency::parse("GBP"); }},
            {"zone", "facts.zone", [](Purchase& p) { p.facts.zone = "Atlantis/Capital"; }},
        },
        true);
}

TEST(Replay, FindsChangesThatLeaveTheDecisionAsItWas) {
    expect_found(
        {
            {"sku of a line", "facts_digest",
             [](Purchase& p) { p.facts.basket.lines[1].sku = "X"; }},
            {"quantity of a line", "facts_digest",
             [](Purchase& p) { p.facts.basket.lines[1].quantity = "9"; }},
            {"amounts of two lines", "facts_digest",
             [](Purchase& p) {
                 p.facts.basket.lines[0].amount += Amount{1};
                 p.facts.basket.lines[1].amount -= Amount{1};
             }},
            {"held", "facts_digest", [](Purchase& p) { p.facts.lots[0].funds.held = Amount{1}; }},
            {"shown", "facts_digest", [](Purchase& p) { p.facts.personal.shown = Amount{1}; }},
            {"moment", "facts_digest", [](Purchase& p) { p.facts.now += std::chrono::seconds{1}; }},
            {"ticket", "facts_digest", [](Purchase& p) { p.facts.basket.ticket = "T1-2"; }},
            {"wallet", "facts_digest", [](Purchase& p) { p.wallet = WalletId("w2"); }},
        },
        false);
}

TEST(Replay, FindsPostingsThatDoNotFollow) {
    const Record purchase = samples::purchase();
    Ledger ledger;
    const auto find = [&](std::vector<Posting> postings) {
        return replay(purchase, postings, ledger.rules());
    };
    const std::vector<Posting> right = postings_of(purchase);

    auto postings = right;
    postings[0].amount = Amount{-1};
    EXPECT_TRUE(names(find(postings), "postings[0]"));
    postings = right;
    postings[0].account = "lot:lot-happy";
    EXPECT_TRUE(names(find(postings), "postings[0]"));
    postings = right;
    postings[0].currency = *Currency::parse("GBP");
    EXPECT_TRUE(names(find(postings), "postings[0]"));
    postings = right;
    postings.pop_back();
    EXPECT_TRUE(names(find(postings), "postings"));
    EXPECT_TRUE(names(find({}), "postings"));
    EXPECT_TRUE(names(replay(Alarm{"x", ""}, right, ledger.rules()), "postings"));
}

TEST(Replay, ForgivesAnotherTimeZoneDatabaseTheNextOpeningAlone) {
    Purchase purchase = samples::purchase();
    purchase.facts.zone_version = "1999a";
    for (RefusedLot& lot : purchase.decision.refused) {
        for (Reason& reason : lot.reasons) {
            if (reason.code == Code::outside_time_window) *reason.moment += std::chrono::hours{1};
        }
    }
    purchase.digest = facts_digest(purchase);
    EXPECT_EQ(show(Ledger{}.find(purchase)), "");
    purchase.decision.refused[0].amount += Amount{1};
    EXPECT_NE(show(Ledger{}.find(purchase)), "");
}

TEST(Replay, DoesNotMindHowAReasonIsWorded) {
    Purchase purchase = samples::purchase();
    for (RefusedLot& lot : purchase.decision.refused) lot.reasons[0].detail = "Said otherwise.";
    EXPECT_EQ(show(Ledger{}.find(purchase)), "");
}

TEST(Replay, SurvivesRecordsThatHoldNonsense) {
    Purchase purchase = samples::purchase();
    for (LotFacts& lot : purchase.facts.lots) lot.funds = {Amount{-largest_amount}, Amount{-5}};
    purchase.facts.business = {Amount{largest_amount}, Amount{largest_amount}};
    for (Line& line : purchase.facts.basket.lines) line.amount = Amount{largest_amount};
    EXPECT_NE(show(Ledger{}.find(purchase)), "");
    EXPECT_NE(show(Ledger{}.find(Purchase{})), "");
    EXPECT_NE(show(Ledger{}.find(Refund{})), "");
    EXPECT_NE(show(Ledger{}.find(PassRedeemed{})), "");
}

// --- refunds
// ----------------------------------------------------------------------------------------
struct Refunds : ::testing::Test {
    Purchase sold = samples::purchase();
    Ledger ledger;
    Refunds() { ledger.purchases = {sold}; }
    static RefundRequest of_amount(std::int64_t minor) {
        RefundRequest request;
        request.amount = Amount{minor};
        return request;
    }
};

TEST_F(Refunds, ThatFollowOneAnotherAreTrue) {
    std::vector<RefundDecision> before;
    for (const std::int64_t minor : {500, 1000, 900}) {
        const Refund refund = samples::refund(sold, of_amount(minor), before);
        ASSERT_TRUE(refund.decision.accepted);
        EXPECT_EQ(show(ledger.find(refund)), "");
        before.push_back(refund.decision);
        ledger.refunds = before;
    }
}

TEST_F(Refunds, AreHeldAgainstTheBooks) {
    const std::vector<std::pair<const char*, std::function<void(Refund&)>>> tamperings{
        {"facts.basket", [](Refund& r) { r.facts.basket.lines[0].amount += Amount{1}; }},
        {"facts.paid", [](Refund& r) { r.facts.paid[0].amount += Amount{1}; }},
        {"facts.paid", [](Refund& r) { r.facts.paid.pop_back(); }},
        {"wallet", [](Refund& r) { r.wallet = WalletId("w2"); }},
        {"business", [](Refund& r) { r.business = BusinessId("other"); }},
        {"currency", [](Refund& r) { r.currency = *Currency::parse("GBP"); }},
        {"purchase", [](Refund& r) { r.purchase = PurchaseId("pur9"); }},
        {"decision.refunded", [](Refund& r) { r.decision.refunded += Amount{1}; }},
        {"decision.due_back", [](Refund& r) { r.decision.due_back += Amount{1}; }},
        {"decision.goods", [](Refund& r) { r.decision.goods.pop_back(); }},
        {"decision.allocations[0].amount",
         [](Refund& r) { r.decision.allocations[0].amount += Amount{1}; }},
        {"decision.allocations[0]",
         [](Refund& r) { r.decision.allocations[0].pocket = Pocket::personal; }},
        {"decision.accepted", [](Refund& r) { r.decision.accepted = false; }},
        {"decision", [](Refund& r) { r.request.amount = Amount{600}; }},
        {"revived[0]", [](Refund& r) { r.revived = {samples::lot("other", "open")}; }},
        {"request", [](Refund& r) { r.is_void = true; }},
    };
    for (const auto& [where, change] : tamperings) {
        Refund refund = samples::refund(sold, of_amount(500));
        ASSERT_EQ(show(ledger.find(refund)), "");
        change(refund);
        const auto found = ledger.find(refund);
        EXPECT_TRUE(names(found, where)) << where << " gave:\n" << show(found);
    }
}

TEST_F(Refunds, ThatForgetAnEarlierOneAreFound) {
    ledger.refunds = {samples::refund(sold, of_amount(2400)).decision};
    EXPECT_TRUE(names(ledger.find(samples::refund(sold, of_amount(2400))), "facts.before"));
}

TEST_F(Refunds, MayBringALotBackToLife) {
    Refund refund = samples::refund(sold);
    refund.revived = {sold.facts.lots[2].lot};
    refund.revived[0].valid.until = samples::noon + std::chrono::days{400};
    EXPECT_EQ(show(ledger.find(refund)), "");
}

// --- passes and top-ups
// -----------------------------------------------------------------------------
TEST(Replay, HoldsARedeemedPassAgainstItsPlan) {
    const std::vector<std::pair<const char*, std::function<void(PassRedeemed&)>>> tamperings{
        {"plan", [](PassRedeemed& r) { r.plan = PlanId("gift99"); }},
        {"value.amount",
         [](PassRedeemed& r) { r.value.amount = r.credit.money.amount = Amount{9900}; }},
        {"credit.money", [](PassRedeemed& r) { r.credit.money.amount = Amount{9900}; }},
        {"value.currency", [](PassRedeemed& r) { r.value.currency = *Currency::parse("GBP"); }},
        {"credit.pocket",
         [](PassRedeemed& r) {
             r.credit.pocket = Pocket::business;
             r.credit.lot.reset();
             r.pool.reset();
         }},
        {"credit.business", [](PassRedeemed& r) { r.credit.business = BusinessId("other"); }},
        {"credit.lot.pool", [](PassRedeemed& r) { r.credit.lot->pool = PoolId("coffee"); }},
        {"credit.lot.pool",
         [](PassRedeemed& r) {
             r.credit.lot->pool = PoolId("coffee");
             r.pool = samples::coffee_pool();
         }},
        {"credit.lot.valid", [](PassRedeemed& r) { r.pool = samples::coffee_pool(); }},
        {"credit.lot.wallet", [](PassRedeemed& r) { r.credit.lot->wallet = WalletId("w2"); }},
        {"credit.lot.source", [](PassRedeemed& r) { r.credit.lot->source = "import"; }},
        {"pool", [](PassRedeemed& r) { r.pool->validity.period->months = 1200; }},
        {"pool", [](PassRedeemed& r) { r.pool.reset(); }},
    };
    for (const auto& [where, change] : tamperings) {
        PassRedeemed redeemed = samples::redeemed();
        change(redeemed);
        const auto found = Ledger{}.find(redeemed);
        EXPECT_TRUE(names(found, where)) << where << " gave:\n" << show(found);
    }
}

TEST(Replay, HoldsAnActivationAgainstItsPlan) {
    PassActivated activated = samples::activated();
    activated.value.amount = Amount{2499};
    EXPECT_TRUE(names(Ledger{}.find(activated), "value.amount"));
    activated.plan = PlanId("gift99");
    EXPECT_TRUE(names(Ledger{}.find(activated), "plan"));
}

TEST(Replay, HoldsATopUpAgainstItsPool) {
    TopUp top_up = samples::top_up();
    top_up.credit = samples::credit_to_lot();
    top_up.credit.lot->source = "top_up";
    top_up.pool = samples::open_pool();
    EXPECT_EQ(show(Ledger{}.find(top_up)), "");
    top_up.pool->name = "Mine";
    EXPECT_TRUE(names(Ledger{}.find(top_up), "pool"));
}

}  // namespace
}  // namespace obol::journal
