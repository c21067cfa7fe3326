// Spending without authority: never above a cap, whoever asks and however a sale is split.

#include "sync/domain/allowance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "sync/domain/pass.hpp"
#include "sync/domain/purchase.hpp"
#include "tests/unit/domain/allocation_cases.hpp"

namespace obol {
namespace {

using cases::Dice;

const Currency eur = *Currency::parse("EUR");
const Instant noon = *parse_rfc3339("2026-11-24T10:00:00Z");

AllowanceCaps caps(std::int64_t transaction, std::int64_t subject, std::int64_t outage, std::int64_t count) {
    return {Amount{transaction}, Amount{subject}, Amount{outage}, count};
}

AllowanceFacts allowed(AllowanceCaps any_till, std::optional<AllowanceCaps> with_manager = std::nullopt) {
    AllowanceFacts facts;
    facts.allowance = {any_till, with_manager.value_or(any_till)};
    facts.since = noon - split_sale_window;
    return facts;
}

// A wallet with a business pocket and lots, at a venue that is cut off.
struct Till {
    PurchaseFacts facts;
    SpendRequest request;

    explicit Till(std::int64_t total) {
        facts.place = {VenueId("nic"), BusinessId("aroma")};
        facts.zone = "Asia/Nicosia";
        facts.zone_version = zone_database_version();
        facts.now = noon;
        facts.basket.currency = eur;
        Line line;
        line.id = LineId("1");
        line.quantity = "1";
        line.amount = Amount{total};
        facts.basket.lines.push_back(line);
        Pool pool;
        pool.id = PoolId("open");
        pool.business = BusinessId("aroma");
        pool.version = 1;
        facts.pools.push_back(pool);
        request.mode = SpendMode::full;
    }
    Till& open(std::int64_t shown, std::int64_t held, std::int64_t risked = 0) {
        facts.business = {Amount{shown}, Amount{held}, Amount{risked}};
        return *this;
    }
    LotFacts& lot(const std::string& id, std::int64_t shown, std::int64_t held, const char* business = "aroma") {
        LotFacts lot;
        lot.lot.id = LotId(id);
        lot.lot.wallet = WalletId("w1");
        lot.lot.business = BusinessId(business);
        lot.lot.pool = PoolId("open");
        lot.lot.currency = eur;
        lot.lot.credited_at = noon - std::chrono::days{30};
        lot.lot.source = "pass";
        lot.funds = {Amount{shown}, Amount{held}};
        return facts.lots.emplace_back(std::move(lot));
    }
    PurchaseDecision decide() const { return decide_purchase(facts, request); }
};

std::vector<std::string> codes(const std::vector<Reason>& reasons) {
    std::vector<std::string> out;
    for (const Reason& reason : reasons) out.emplace_back(name_of(reason.code));
    return out;
}
using Words = std::vector<std::string>;

TEST(Allowance, WithoutOneNothingIsSpentBeyondWhatIsHeld) {
    Till till(500);
    till.open(500, 200);
    EXPECT_EQ(codes(till.decide().reasons), Words{"authority_elsewhere"});
    till.request.mode = SpendMode::max;
    const PurchaseDecision got = till.decide();
    EXPECT_EQ(got.spent, Amount{200});
    EXPECT_EQ(got.at_risk(), Amount{});
}

TEST(Allowance, WhatIsHeldPaysFirstAndTheRestIsAtRisk) {
    Till till(900);
    till.facts.allowance = allowed(caps(1000, 1000, 1000, 5));
    till.open(500, 500);
    till.lot("a", 700, 100);
    const PurchaseDecision got = till.decide();
    ASSERT_TRUE(got.accepted);
    ASSERT_EQ(got.allocations.size(), 2u);
    EXPECT_EQ(got.allocations[0].amount, Amount{400});  // 100 held, 300 at risk
    EXPECT_EQ(got.allocations[0].at_risk, Amount{300});
    EXPECT_EQ(got.allocations[0].lines, (std::vector<LineShare>{{LineId("1"), Amount{400}}}));
    EXPECT_EQ(got.allocations[1].amount, Amount{500});
    EXPECT_EQ(got.allocations[1].at_risk, Amount{});
    EXPECT_EQ(got.at_risk(), Amount{300});
}

TEST(Allowance, NeverMoreThanIsShown) {
    Till till(900);
    till.facts.allowance = allowed(caps(5000, 5000, 5000, 5));
    till.open(600, 0);
    EXPECT_EQ(codes(till.decide().reasons), Words{"not_fully_covered"});
    till.request.mode = SpendMode::max;
    EXPECT_EQ(till.decide().spent, Amount{600});
    till.open(-50, 0);  // more was spent than there was
    EXPECT_EQ(till.decide().spent, Amount{});
}

TEST(Allowance, AnotherBusinesssLotIsNoStake) {
    Till till(300);
    till.facts.allowance = allowed(caps(5000, 5000, 5000, 5));
    till.lot("theirs", 300, 0, "thalassa");
    EXPECT_EQ(codes(till.decide().reasons), Words{"authority_elsewhere"});
}

TEST(Allowance, EachCapEndsItAndTheReasonSaysWhoMayDoMore) {
    struct Case {
        AllowanceCaps caps;
        std::int64_t spent, recent, risked, count, room;
    };
    for (const Case& each : {Case{caps(300, 900, 900, 9), 0, 0, 0, 0, 300}, Case{caps(300, 900, 900, 9), 200, 200, 0, 1, 100},
                             Case{caps(900, 250, 900, 9), 0, 0, 0, 0, 250}, Case{caps(900, 250, 900, 9), 200, 0, 200, 1, 50},
                             Case{caps(900, 900, 400, 9), 350, 0, 0, 1, 50}, Case{caps(900, 900, 400, 9), 500, 0, 0, 1, 0},
                             Case{caps(900, 900, 900, 3), 10, 0, 0, 3, 0}, Case{caps(900, 900, 900, 0), 0, 0, 0, 0, 0}}) {
        Till till(800);
        till.facts.allowance = allowed(each.caps, caps(900, 900, 2000, 20));
        till.facts.allowance.spent = Amount{each.spent};
        till.facts.allowance.recent = Amount{each.recent};
        till.facts.allowance.count = each.count;
        till.open(800, 0, each.risked);
        const PurchaseDecision got = till.decide();
        EXPECT_EQ(codes(got.reasons), (Words{"authority_elsewhere", "allowance_exhausted"}));
        EXPECT_EQ(got.reasons.back().available, Amount{each.room});
        EXPECT_EQ(got.reasons.back().wanted, Words{"manager"});
        till.request.mode = SpendMode::max;
        EXPECT_EQ(till.decide().spent, Amount{each.room});
        till.request.mode = SpendMode::full;
        till.facts.allowance.manager = true;
        const PurchaseDecision by_manager = till.decide();
        const std::int64_t most = std::min({900 - each.recent, 2000 - each.spent, 900 - each.risked});
        EXPECT_EQ(by_manager.accepted, most >= 800) << most;
        if (!by_manager.accepted) {
            EXPECT_TRUE(by_manager.reasons.back().wanted.empty());
        }
    }
}

// Whatever sales there are, however split over wallets and tills: no cap is passed, and what is spent
// in all is what the caps leave, in whatever order the same sales come.
TEST(Allowance, NoCapIsEverPassed) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Dice dice(seed);
        const AllowanceCaps any_till = caps(dice.below(500), dice.below(700), dice.below(2000), dice.below(12));
        AllowanceCaps more = any_till;
        more.per_transaction += Amount{dice.below(300)};
        more.per_subject += Amount{dice.below(300)};
        more.per_outage += Amount{dice.below(800)};
        more.count += dice.below(5);
        std::map<std::string, Amount> risked, recent;
        AllowanceFacts used = allowed(any_till, more);
        if (!used.in_force()) continue;
        for (int sale = 0; sale < 30; ++sale) {
            const std::string wallet = "w" + std::to_string(dice.below(3));
            Till till(1 + dice.below(400));
            till.request.mode = SpendMode::max;
            till.facts.allowance = used;
            till.facts.allowance.recent = recent[wallet];
            till.facts.allowance.manager = dice.one_in(3);
            till.open(dice.below(400), dice.below(100), risked[wallet].minor);
            till.lot("lot-" + wallet, dice.below(300), dice.below(300)).funds.risked = risked["lot-" + wallet];
            const PurchaseDecision got = till.decide();
            const AllowanceCaps& bound = till.facts.allowance.manager ? more : any_till;
            Amount held;
            for (const PaidFrom& paid : got.allocations) {
                const bool lot = paid.pocket == Pocket::commerce;
                const Funds& funds = lot ? till.facts.lots[0].funds : till.facts.business;
                ASSERT_LE(paid.at_risk, paid.amount);
                ASSERT_LE(paid.amount - paid.at_risk, funds.held);
                ASSERT_LE(paid.amount, std::max(funds.shown, funds.held));
                held += paid.amount - paid.at_risk;
                Amount& of = risked[lot ? "lot-" + wallet : wallet];
                if (paid.at_risk > Amount{}) {
                    ASSERT_LE(of + paid.at_risk, bound.per_subject) << "seed " << seed;
                }
                of += paid.at_risk;
            }
            // Nothing is at risk as long as what is held would do.
            Till without = till;
            without.facts.allowance = {};
            ASSERT_EQ(held, without.decide().spent) << "seed " << seed;
            if (got.at_risk() == Amount{}) continue;
            ASSERT_LE(recent[wallet] + got.at_risk(), bound.per_transaction) << "seed " << seed;
            ASSERT_LE(used.spent + got.at_risk(), bound.per_outage) << "seed " << seed;
            ASSERT_LT(used.count, bound.count) << "seed " << seed;
            recent[wallet] += got.at_risk();
            const Amount before = recent[wallet];
            used = after(used, got.at_risk());
            used.recent = {};
            ASSERT_GE(before, got.at_risk());
            ASSERT_LE(used.spent, most_at_risk(used.allowance, Amount{}, 0)) << "seed " << seed;
            ASSERT_LE(most_at_risk(used.allowance, used.spent, used.count),
                      most_at_risk(used.allowance, Amount{}, 0)) << "seed " << seed;
        }
    }
}

TEST(Allowance, SplittingASaleGainsNothing) {
    for (const std::int64_t part : {1, 7, 50, 100}) {
        AllowanceFacts used = allowed(caps(100, 1000, 1000, 1000));
        Amount got;
        for (int n = 0; n < 300; ++n) {
            Till till(part);
            till.request.mode = SpendMode::max;
            till.facts.allowance = used;
            till.open(1000, 0, got.minor);
            const Amount taken = till.decide().at_risk();
            got += taken;
            used = after(used, taken);
        }
        EXPECT_EQ(got, Amount{100}) << part;
    }
}

TEST(Allowance, TheMostThatCanBeLostIsBoundByTheCountToo) {
    EXPECT_EQ(most_at_risk({}, Amount{}, 0), Amount{});
    EXPECT_EQ(most_at_risk({}, Amount{30}, 1), Amount{30});  // the business took it back meanwhile
    const AllowanceCaps few = caps(100, 500, 1000, 3), many = caps(100, 500, 1000, 50);
    EXPECT_EQ(most_at_risk({few, few}, Amount{}, 0), Amount{300});
    EXPECT_EQ(most_at_risk({few, few}, Amount{40}, 1), Amount{240});
    EXPECT_EQ(most_at_risk({few, few}, Amount{40}, 3), Amount{40});
    EXPECT_EQ(most_at_risk({few, many}, Amount{40}, 1), Amount{1000});
    EXPECT_EQ(most_at_risk({few, many}, Amount{1200}, 1), Amount{1200});
    EXPECT_EQ(most_at_risk({many, caps(0, 500, 1000, 50)}, Amount{}, 0), Amount{});
}

TEST(Allowance, AnEntryThatRisksNothingUsesNothing) {
    const AllowanceFacts facts = allowed(caps(100, 500, 1000, 3));
    EXPECT_EQ(after(facts, Amount{}), facts);
    EXPECT_EQ(after(facts, Amount{5}).count, 1);
    EXPECT_EQ(after(facts, Amount{5}).recent, Amount{5});
}

// A pass is at risk whole or not at all, and never where its PIN would be tried without authority.
TEST(Allowance, APassIsRedeemedAtRiskWholeAndWithoutAPinAlone) {
    RedeemFacts facts;
    facts.pass.id = PassId("p1");
    facts.pass.state = PassState::active;
    facts.pass.value = Amount{1000};
    facts.plan.business = facts.business = BusinessId("aroma");
    facts.plan.currency = eur;
    facts.plan.type = PassType::gift;
    facts.now = noon;
    facts.new_wallet = true;
    facts.held = Amount{1000};
    EXPECT_EQ(at_risk(facts), Amount{});
    EXPECT_TRUE(judge_redeem(facts).empty());
    facts.held = {};
    EXPECT_EQ(codes(judge_redeem(facts)), Words{"authority_elsewhere"});
    facts.allowance = allowed(caps(1000, 1000, 1000, 1));
    EXPECT_TRUE(judge_redeem(facts).empty());
    EXPECT_EQ(at_risk(facts), Amount{1000});
    facts.plan.pin = true;
    EXPECT_EQ(codes(judge_redeem(facts)), Words{"authority_elsewhere"});
    facts.plan.pin = false;
    for (const AllowanceCaps& less : {caps(999, 1000, 1000, 1), caps(1000, 999, 1000, 1), caps(1000, 1000, 999, 1)}) {
        facts.allowance = allowed(less);
        EXPECT_EQ(codes(judge_redeem(facts)), (Words{"authority_elsewhere", "allowance_exhausted"}));
    }
    facts.pass.state = PassState::redeemed;
    EXPECT_EQ(codes(judge_redeem(facts)), Words{"pass_redeemed"});
}

}  // namespace
}  // namespace obol
