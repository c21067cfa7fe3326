// PROTOCOL.md 2.2 and L1 to L5 on the ledger's books, and section 4: what simpler versions get
// wrong.

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

class BookingRules : public ::testing::Test {
protected:
    void TearDown() override { bench.check(); }
    // A device that was granted so much of Maria's business pocket.
    Device holding(const std::string& venue, std::uint64_t seed, std::int64_t amount) {
        Device device = bench.enrol(venue, seed);
        device.ask(pocket, amount);
        device.sync();
        EXPECT_EQ(device.held(pocket), amount);
        return device;
    }

    Bench bench;
    const Subject pocket = bench.pocket();
};

TEST_F(BookingRules, GrantsFromTheCentreWhatWasAskedAndNoMore) {
    bench.fund_pocket(1000);
    const Device nic = holding("nic", 1, 400);
    EXPECT_EQ(bench.centre(pocket), 600);
    EXPECT_EQ(bench.held(nic, pocket), 400);
    EXPECT_EQ(bench.value(pocket), 1000);
}

TEST_F(BookingRules, GrantsWhatThereIsWhenNobodyCouldReturnTheRest) {
    bench.fund_pocket(300);
    Device nic = bench.enrol("nic", 1);
    nic.ask(pocket, 1000);
    nic.sync();
    EXPECT_EQ(nic.held(pocket), 300);
    EXPECT_EQ(bench.centre(pocket), 0);
}

TEST_F(BookingRules, AnswersAnAskOnceHoweverOftenItIsPushed) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    nic.ask(pocket, 400);
    ASSERT_TRUE(nic.push());
    ASSERT_TRUE(nic.push_from(1));  // the answer was lost
    ASSERT_EQ(nic.grants.size(), 1U);
    EXPECT_EQ(nic.grants[0].lines[0].amount, Amount{400});
    EXPECT_EQ(bench.held(nic, pocket), 400);
    EXPECT_EQ(bench.centre(pocket), 600);
}

TEST_F(BookingRules, RepeatsAGrantInReceiptAndPageUntilItIsTaken) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    nic.ask(pocket, 400);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(nic.page().grants.size(), 1U);
    EXPECT_EQ(nic.push()->grants.size(), 1U);
    ASSERT_TRUE(nic.take());
    EXPECT_EQ(nic.push()->grants.size(), 0U);
    EXPECT_EQ(nic.page().grants.size(), 0U);
}

TEST_F(BookingRules, WhatAGrantGaveAndNobodyTookGoesBack) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    const std::int64_t ask = nic.ask(pocket, 400);
    ASSERT_TRUE(nic.push());
    nic.take_as(ask, {{pocket, Amount{150}, eur()}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 850);
    EXPECT_EQ(bench.held(nic, pocket), 150);
}

TEST_F(BookingRules, GivingUpFreesTheWholeGrantEvenIfItComesLater) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    const std::int64_t ask = nic.ask(pocket, 400);
    nic.take_as(ask, {});
    ASSERT_TRUE(nic.push());  // asked and given up in one push: never answered
    EXPECT_TRUE(nic.grants.empty());
    EXPECT_EQ(bench.centre(pocket), 1000);
    EXPECT_EQ(bench.exceptions("unknown_grant"), 0);
}

TEST_F(BookingRules, ASpendTakesFromItsHolderAlone) {
    bench.fund_pocket(1000);
    Device nic = holding("nic", 1, 400);
    const Device lim = holding("lim", 2, 300);
    nic.purchase(250);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 750);
    EXPECT_EQ(bench.centre(pocket), 300);
    EXPECT_EQ(bench.held(nic, pocket), 150);
    EXPECT_EQ(bench.held(lim, pocket), 300);
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(BookingRules, AReturnMakesItGrantableAgain) {
    bench.fund_pocket(400);
    Device nic = holding("nic", 1, 400);
    nic.give_back(pocket, 150);
    nic.sync();
    EXPECT_EQ(bench.centre(pocket), 150);
    EXPECT_EQ(bench.held(nic, pocket), 250);
}

TEST_F(BookingRules, ATopUpIsHeldByWhoeverTookTheMoney) {
    Device nic = bench.enrol("nic", 1);
    nic.top_up(700);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 700);
    EXPECT_EQ(bench.held(nic, pocket), 700);
    EXPECT_EQ(bench.centre(pocket), 0);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingRules, APassIsGrantedWholeOrNotAtAll) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500);
    Device nic = bench.enrol("nic", 1);
    nic.ask(pass_subject(pass), 1000);
    nic.sync();
    EXPECT_EQ(nic.held(pass_subject(pass)), 0);
    nic.ask(pass_subject(pass), 2500);
    nic.sync();
    EXPECT_EQ(nic.held(pass_subject(pass)), 2500);
}

TEST_F(BookingRules, AnAskOfAnotherBusinessIsNeverAnswered) {
    sql::Txn txn{*bench.db};
    bench.books.ensure_subject("lot:theirs", BusinessId{"other"}, VenueId{}, eur());
    ASSERT_TRUE(bench.books.transfer(
        bench.clock.at, "test", "",
        {{"issue:other", Amount{-500}, eur()}, {"lot:theirs", Amount{500}, eur()}}));
    txn.commit();
    Device nic = bench.enrol("nic", 1);
    nic.ask("lot:theirs", 500);
    nic.sync();
    EXPECT_EQ(nic.held("lot:theirs"), 0);
    EXPECT_EQ(bench.centre("lot:theirs"), 500);
}

TEST_F(BookingRules, WhatIsSpentBeyondHeldIsALossAndAnException) {
    bench.fund_pocket(1000);
    Device nic = holding("nic", 1, 100);
    journal::Purchase purchase = nic.purchase_record(250);
    purchase.facts.business = {Amount{1000}, Amount{1000}};  // claims to hold it all
    purchase.decision = decide_purchase(purchase.facts, purchase.request);
    nic.write(purchase);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.value(pocket), 750);
    EXPECT_EQ(bench.held(nic, pocket), 0);
    EXPECT_EQ(bench.centre(pocket), 900);  // others' money is not touched
    EXPECT_EQ(bench.loss(pocket), 150);
    EXPECT_EQ(bench.exceptions("overdrawn"), 1);
}

TEST_F(BookingRules, ReturningMoreThanHeldFreesOnlyWhatIsHeld) {
    bench.fund_pocket(1000);
    Device nic = holding("nic", 1, 100);
    nic.give_back(pocket, 500);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 1000);
    EXPECT_EQ(bench.held(nic, pocket), 0);
    EXPECT_EQ(bench.exceptions("returned_beyond_held"), 1);
}

// --- PROTOCOL.md section 4
// ---------------------------------------------------------------------------

TEST_F(BookingRules, W1OneGrantThroughTwoDoorsIsTakenOnce) {
    bench.fund_pocket(200);
    Device nic = bench.enrol("nic", 1);
    const std::int64_t ask = nic.ask(pocket, 100);
    ASSERT_TRUE(nic.push());
    const std::vector<wire::Grant> from_receipt = nic.grants;
    ASSERT_TRUE(nic.take());
    nic.grants = from_receipt;  // the page brings the same grant
    EXPECT_FALSE(nic.take());
    nic.take_as(ask, from_receipt[0].lines);  // a patched agent takes it all the same
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.held(nic, pocket), 100);
    EXPECT_EQ(bench.centre(pocket), 100);
    EXPECT_EQ(bench.exceptions("ask_closed"), 1);
}

TEST_F(BookingRules, W2ANewInstallationHoldsNothingOfTheOld) {
    bench.fund_pocket(100);
    holding("nic", 1, 100);
    Device fresh = bench.enrol("nic", 2);
    fresh.sync();
    EXPECT_TRUE(fresh.page().grants.empty());
    EXPECT_EQ(bench.held(fresh, pocket), 0);
    fresh.ask(pocket, 100);
    fresh.sync();
    EXPECT_EQ(fresh.held(pocket), 0);
}

TEST_F(BookingRules, W3aRefundedMoneyStaysWithItsMakerAfterBooking) {
    bench.fund_pocket(100);
    Device nic = holding("nic", 1, 100);
    const journal::Purchase purchase = nic.purchase(100);
    nic.sync();
    nic.refund(purchase, 60);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 60);
    EXPECT_EQ(bench.held(nic, pocket), 60);
    EXPECT_EQ(bench.centre(pocket), 0);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
    EXPECT_EQ(bench.exceptions("refund_without_right"), 0);
}

TEST_F(BookingRules, W3bARedeemedPassBecomesALotAtTheSameHolder) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    Device nic = bench.enrol("nic", 1);
    nic.ask_placement();
    nic.sync();
    ASSERT_EQ(nic.held(pass_subject(pass)), 2500);
    const auto redeemed = nic.redeem(pass, 2500);
    nic.sync();
    const Subject lot = lot_subject(redeemed.credit.lot->id);
    EXPECT_EQ(bench.held(nic, lot), 2500);
    EXPECT_EQ(bench.centre(lot), 0);
    EXPECT_EQ(bench.held(nic, pass_subject(pass)), 0);
    EXPECT_EQ(bench.value(pass_subject(pass)), 0);
    nic.purchase(1000);
    nic.sync();
    EXPECT_EQ(bench.held(nic, lot), 1500);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingRules, W5ACentralDebitNeverTakesWhatIsGranted) {
    bench.fund_pocket(100);
    holding("nic", 1, 70);
    sql::Txn txn{*bench.db};
    const auto paid_out =
        bench.books.transfer(bench.clock.at, "payout", "",
                             {{pocket, Amount{-50}, eur()}, {"payout:aroma", Amount{50}, eur()}});
    ASSERT_FALSE(paid_out);
    EXPECT_EQ(paid_out.error().code, "insufficient_centre");
    const auto smaller =
        bench.books.transfer(bench.clock.at, "payout", "",
                             {{pocket, Amount{-30}, eur()}, {"payout:aroma", Amount{30}, eur()}});
    EXPECT_TRUE(smaller);
    txn.commit();
    EXPECT_EQ(bench.centre(pocket), 0);
}

TEST_F(BookingRules, W6TheRightToRefundIsTheBuyersAndAnotherVenueIsFlagged) {
    bench.fund_pocket(100);
    Device nic = holding("nic", 1, 100);
    const journal::Purchase purchase = nic.purchase(100);
    nic.sync();
    EXPECT_EQ(bench.held(nic, right_subject(purchase.id)), 1);
    Device lim = bench.enrol("lim", 2);
    lim.refund(purchase, 100);
    lim.sync();
    EXPECT_EQ(bench.exceptions("refund_without_right"), 1);
    // With the right it is the same as at the buyer.
    nic.give_back(right_subject(purchase.id), 1, Currency::none());
    nic.sync();
    Device paf = bench.enrol("paf", 3);
    paf.ask(right_subject(purchase.id), 1, Currency::none());
    paf.sync();
    EXPECT_EQ(paf.held(right_subject(purchase.id)), 1);
}

TEST_F(BookingRules, RefundsKeepTheirOrderAlsoWhereTheWalletGetsNothingBack) {
    bench.fund_pocket(60);
    Device nic = holding("nic", 1, 60);
    journal::Purchase purchase = nic.purchase_record(60);
    purchase.facts.basket.lines[0].amount = Amount{100};  // 40 of it by another tender
    purchase.decision = decide_purchase(purchase.facts, purchase.request);
    ASSERT_EQ(purchase.decision.due, Amount{40});
    nic.write(purchase);
    nic.sync();
    for (const std::int64_t amount : {60, 25, 15}) {
        nic.refund(purchase, amount);
        nic.sync();
    }
    std::vector<Amount> in_order;
    for (const RefundDecision& refund : bench.books.known_rules("aroma").refunds(purchase.id)) {
        in_order.push_back(refund.refunded + refund.due_back);
    }
    EXPECT_EQ(in_order, (std::vector<Amount>{Amount{60}, Amount{25}, Amount{15}}));
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingRules, AVoidEndsTheRightToRefund) {
    bench.fund_pocket(100);
    Device nic = holding("nic", 1, 100);
    const journal::Purchase purchase = nic.purchase(80);
    nic.sync();
    nic.refund(purchase);
    nic.sync();
    EXPECT_EQ(bench.held(nic, right_subject(purchase.id)), 0);
    EXPECT_EQ(bench.value(pocket), 100);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingRules, W8ACloneThatAsksForksTheChainAndIsQuarantined) {
    bench.fund_pocket(100);
    Device nic = bench.enrol("nic", 1);
    nic.sync();
    Device copy = nic.clone(99);
    nic.ask(pocket, 60);
    nic.sync();
    EXPECT_EQ(nic.held(pocket), 60);
    copy.ask(pocket, 40);
    const auto receipt = copy.push_from(copy.head.seq);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->status, wire::HolderStatus::quarantined);
    EXPECT_TRUE(receipt->grants.empty());
    EXPECT_EQ(bench.exceptions("chain_fork"), 1);
    nic.ask(pocket, 10);  // the original draws nothing more either
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());
    EXPECT_EQ(bench.centre(pocket), 40);
}

TEST_F(BookingRules, W7TheSpendsOfASecondBranchAreLossAndFreeNothing) {
    bench.fund_pocket(100);
    Device nic = holding("nic", 1, 100);
    Device restored = nic.clone(99);
    nic.purchase(70);
    nic.sync();
    restored.purchase(70);
    const auto receipt = restored.push_from(restored.head.seq);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector{wire::EntryResult::accepted_with_exception});
    EXPECT_EQ(bench.value(pocket), -40);  // both were spent
    EXPECT_EQ(bench.loss(pocket), 70);
    EXPECT_EQ(bench.held(nic, pocket), 30);
    restored.give_back(pocket, 30);
    ASSERT_TRUE(restored.push_from(restored.head.seq));
    EXPECT_EQ(bench.centre(pocket), 0);
    nic.give_back(pocket, 30);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 0);  // a return of a forked chain frees no money
}

TEST_F(BookingRules, W9ALateReturnAfterAWriteOffFreesNothingASecondTime) {
    bench.fund_pocket(200);
    Device nic = holding("nic", 1, 200);
    nic.give_back(pocket, 150);  // not pushed yet
    bench.write_off(nic);
    EXPECT_EQ(bench.centre(pocket), 200);
    EXPECT_EQ(bench.suspense(nic, pocket), 200);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 200);
    EXPECT_EQ(bench.suspense(nic, pocket), 50);
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(BookingRules, LateSpendsOfAWrittenOffHolderGoAgainstItsSuspense) {
    bench.fund_pocket(200);
    Device nic = holding("nic", 1, 200);
    nic.purchase(120);
    bench.write_off(nic);
    Device lim = holding("lim", 2, 200);  // the freed money is spent again: that is the risk taken
    lim.purchase(200);
    lim.sync();
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->status, wire::HolderStatus::written_off);
    EXPECT_EQ(bench.suspense(nic, pocket), 80);
    EXPECT_EQ(bench.loss(pocket), 120);
    EXPECT_EQ(bench.value(pocket), -120);
    EXPECT_EQ(bench.exceptions("late_entry"), 1);
    EXPECT_EQ(bench.exceptions("overdrawn"), 1);
}

TEST_F(BookingRules, ALateRedeemKeepsItsMoneyInTheWrittenOffPart) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    Device nic = bench.enrol("nic", 1);
    nic.ask_placement();
    nic.sync();
    const auto redeemed = nic.redeem(pass, 2500);
    nic.purchase(1000);
    bench.write_off(nic);
    ASSERT_TRUE(nic.push());
    const Subject lot = lot_subject(redeemed.credit.lot->id);
    EXPECT_EQ(bench.suspense(nic, pass_subject(pass)), 0);
    EXPECT_EQ(bench.suspense(nic, lot), 1500);
    EXPECT_EQ(bench.held(nic, lot), 0);
    // What was freed by the write-off and spent is the loss; what is unspent still stands in
    // suspense.
    EXPECT_EQ(bench.loss(pass_subject(pass)) + bench.loss(lot), 1000);
}

TEST_F(BookingRules, AWrittenOffHolderIsGrantedNothingMore) {
    bench.fund_pocket(200);
    Device nic = holding("nic", 1, 50);
    bench.write_off(nic);
    nic.ask(pocket, 100);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());
    EXPECT_EQ(bench.centre(pocket), 200);
}

TEST_F(BookingRules, AnOpenGrantOfAWrittenOffHolderIsAccountedForByItsLateTaking) {
    bench.fund_pocket(200);
    Device nic = bench.enrol("nic", 1);
    const std::int64_t ask = nic.ask(pocket, 100);
    ASSERT_TRUE(nic.push());
    bench.write_off(nic);
    EXPECT_EQ(bench.suspense(nic, pocket), 100);
    nic.take_as(ask, {{pocket, Amount{40}, eur()}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.suspense(nic, pocket), 40);  // what it did not take is accounted for
    EXPECT_EQ(bench.centre(pocket), 200);
}

// --- generations
// -------------------------------------------------------------------------------------

TEST_F(BookingRules, NothingIsGrantedBeforeTheGenerationIsAdopted) {
    bench.fund_pocket(100);
    Device nic = bench.enrol("nic", 1, false);
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());
    nic.adopt();
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(nic.grants.size(), 1U);
}

TEST_F(BookingRules, AdoptionGivesBackEveryGrantNotTakenAndClosesAllAsks) {
    bench.fund_pocket(100);
    Device nic = bench.enrol("nic", 1);
    nic.ask(pocket, 60);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 40);
    nic.adopt();
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), 100);
    EXPECT_TRUE(nic.grants.empty());
    EXPECT_FALSE(nic.take());
}

TEST_F(BookingRules, ATakenGrantThatTheLedgerForgotIsHeldAndStartsRecovery) {
    bench.fund_pocket(100);
    Device nic = bench.enrol("nic", 1);
    nic.sync();
    Device lim = bench.enrol("lim", 2);
    lim.sync();
    // As after a restore: the ask is known, its grant is not.
    const std::int64_t ask = nic.ask("lot:unrelated", 5);
    nic.take_as(ask, {{pocket, Amount{70}, eur()}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.held(nic, pocket), 70);
    EXPECT_EQ(bench.centre(pocket), 30);
    EXPECT_TRUE(bench.recovering());
    EXPECT_EQ(bench.exceptions("unknown_grant"), 1);
    lim.ask(pocket, 10);
    ASSERT_TRUE(lim.push());
    EXPECT_TRUE(lim.grants.empty());
}

TEST_F(BookingRules, AForgottenGrantMayTakeTheCentreBelowZero) {
    bench.fund_pocket(50);
    Device nic = bench.enrol("nic", 1);
    const std::int64_t ask = nic.ask("lot:unrelated", 5);
    nic.take_as(ask, {{pocket, Amount{70}, eur()}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.centre(pocket), -20);
    EXPECT_EQ(bench.held(nic, pocket), 70);
}

TEST_F(BookingRules, AnAdoptionOfALaterGenerationStopsTheGrants) {
    bench.fund_pocket(100);
    Device nic = bench.enrol("nic", 1);
    nic.adopt(7);  // L8: a later ledger exists somewhere
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(bench.recovering());
    EXPECT_TRUE(nic.grants.empty());
}

}  // namespace
}  // namespace obol::ledger::test
