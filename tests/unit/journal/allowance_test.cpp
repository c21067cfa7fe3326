// Entries that spent without authority: how they are written, what they do to held, and what a second look finds.

#include <gtest/gtest.h>

#include "sync/domain/subject.hpp"
#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

using samples::Ledger;

AllowanceFacts allowed() {
    AllowanceFacts facts;
    facts.allowance.any_till = {Amount{1000}, Amount{800}, Amount{2000}, 5};
    facts.allowance.with_manager = {Amount{1500}, Amount{800}, Amount{3000}, 8};
    facts.acked = 17;
    facts.since = samples::noon - split_sale_window;
    facts.spent = Amount{400};
    facts.count = 2;
    facts.recent = Amount{100};
    return facts;
}

// The sample's wallet, of which this venue holds a part alone.
Purchase at_risk() {
    Purchase x = samples::purchase();
    x.facts.business = {Amount{600}, Amount{50}, Amount{300}};
    x.facts.allowance = allowed();
    x.decision = decide_purchase(x.facts, x.request);
    x.digest = facts_digest(x);
    return x;
}

PassRedeemed pass_at_risk() {
    PassRedeemed x = samples::redeemed();
    x.allowance = allowed();
    x.allowance.allowance.any_till.per_transaction = Amount{5000};
    x.allowance.allowance.any_till.per_subject = Amount{5000};
    x.allowance.allowance.any_till.per_outage = Amount{5000};
    x.at_risk = x.value.amount;
    return x;
}

std::string show(const std::vector<Mismatch>& found) {
    std::string out;
    for (const Mismatch& mismatch : found) out += mismatch.where + ": " + mismatch.detail + "\n";
    return out;
}

Amount move_of(const Record& record, const Subject& subject) {
    for (const AuthorityLine& line : held_moves(record, postings_of(record))) {
        if (line.subject == subject) return line.amount;
    }
    return {};
}

TEST(AtRisk, IsReadBackAndFoundTrue) {
    const Purchase purchase = at_risk();
    ASSERT_GT(purchase.decision.at_risk(), Amount{});
    const Record read = *from_detail("purchase", to_detail(Record(purchase)));
    EXPECT_EQ(std::get<Purchase>(read), purchase);
    EXPECT_EQ(show(Ledger{}.find(read)), "");
    const PassRedeemed redeemed = pass_at_risk();
    EXPECT_EQ(std::get<PassRedeemed>(*from_detail("pass_redeemed", to_detail(Record(redeemed)))), redeemed);
}

TEST(AtRisk, LeavesNoTraceWhereNothingIs) {
    const Map purchase = to_detail(Record(samples::purchase()));
    EXPECT_FALSE(purchase.at("facts").map()->contains("allowance"));
    const Map redeemed = to_detail(Record(samples::redeemed()));
    EXPECT_FALSE(redeemed.contains("at_risk") || redeemed.contains("allowance"));
    EXPECT_TRUE(at_risk_lines(samples::purchase()).empty());
}

TEST(AtRisk, SinksHeldByWhatWasHeldAlone) {
    const Purchase purchase = at_risk();
    for (const PaidFrom& paid : purchase.decision.allocations) {
        const Subject subject = paid.pocket == Pocket::commerce ? lot_subject(paid.lot)
                                                                : business_subject(purchase.wallet, BusinessId("aroma"));
        EXPECT_EQ(move_of(purchase, subject), paid.at_risk - paid.amount) << subject;
    }
    const PassRedeemed redeemed = pass_at_risk();
    EXPECT_EQ(move_of(redeemed, pass_subject(redeemed.pass)), Amount{});
    EXPECT_EQ(move_of(redeemed, lot_subject(redeemed.credit.lot->id)), redeemed.value.amount);
    EXPECT_EQ(at_risk_lines(redeemed), (std::vector<AuthorityLine>{{pass_subject(redeemed.pass), redeemed.value.amount, samples::eur}}));
}

TEST(AtRisk, IsFoundWhereTheRulesDoNotGiveIt) {
    const std::vector<std::function<void(Purchase&)>> lies{
        [](Purchase& p) { p.decision.allocations.back().at_risk = {}; },
        [](Purchase& p) { p.decision.allocations.back().at_risk += Amount{1}; },
        [](Purchase& p) { p.decision.allocations.front().at_risk += Amount{1}; },
        [](Purchase& p) { p.facts.allowance = {}; },
        [](Purchase& p) { p.facts.allowance.spent = Amount{1900}; },
        [](Purchase& p) { p.facts.allowance.recent = Amount{990}; },
        [](Purchase& p) { p.facts.allowance.count = 5; },
        [](Purchase& p) { p.facts.business.risked = Amount{790}; },
        [](Purchase& p) { p.facts.business.held = Amount{600}; },
        [](Purchase& p) { p.facts.business.shown = Amount{60}; },
    };
    for (std::size_t n = 0; n < lies.size(); ++n) {
        Purchase purchase = at_risk();
        lies[n](purchase);
        purchase.digest = facts_digest(purchase);
        EXPECT_FALSE(Ledger{}.find(purchase).empty()) << "lie " << n;
    }
    // The sample's plan has a PIN, which is one more thing that is wrong.
    const std::string honest = show(Ledger{}.find(pass_at_risk()));
    EXPECT_EQ(honest, "at_risk: a pass with a PIN\n");
    for (const auto& lie : std::vector<std::function<void(PassRedeemed&)>>{
             [](PassRedeemed& r) { r.at_risk = {}; },
             [](PassRedeemed& r) { r.allowance = {}; },
             [](PassRedeemed& r) { r.allowance.allowance.any_till.per_subject = Amount{2499}; },
             [](PassRedeemed& r) { r.allowance.spent = Amount{2501}; },
         }) {
        PassRedeemed redeemed = pass_at_risk();
        lie(redeemed);
        const std::string found = show(Ledger{}.find(redeemed));
        EXPECT_FALSE(found.empty() || found == honest) << found;
    }
}

TEST(AtRisk, MoreThanThePartAndPartsOfAPassAreNotRead) {
    Purchase purchase = at_risk();
    purchase.decision.allocations.back().at_risk = purchase.decision.allocations.back().amount + Amount{1};
    EXPECT_FALSE(from_detail("purchase", to_detail(Record(purchase))));
    PassRedeemed redeemed = pass_at_risk();
    redeemed.at_risk = Amount{1};
    EXPECT_FALSE(from_detail("pass_redeemed", to_detail(Record(redeemed))));
}

}  // namespace
}  // namespace obol::journal
