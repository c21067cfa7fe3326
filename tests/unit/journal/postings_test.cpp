#include <gtest/gtest.h>

#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

using samples::eur;

std::string show(const std::vector<Posting>& postings) {
    std::string out;
    for (const Posting& posting : postings) {
        out += posting.account + " " + std::to_string(posting.amount.minor) + " " +
               std::string(posting.currency.code()) + "\n";
    }
    return out;
}
std::string moves(const Record& record) {
    std::string out;
    for (const AuthorityLine& line : held_moves(record, postings_of(record))) {
        out += line.subject + " " + std::to_string(line.amount.minor) + " " +
               std::string(line.currency.code()) + "\n";
    }
    return out;
}

TEST(Postings, OfAPurchaseGoThroughTheBusinessPocketToTheSale) {
    EXPECT_EQ(show(postings_of(samples::purchase())),
              "lot:lot-open -500 EUR\nbusiness:w1:aroma 500 EUR\n"
              "lot:lot-coffee -900 EUR\nbusiness:w1:aroma 900 EUR\n"
              "business:w1:aroma -2000 EUR\nsale:nic 2000 EUR\n"
              "purchased:nic -1 XXX\nright:pur1 1 XXX\n");
    EXPECT_EQ(moves(samples::purchase()),
              "lot:lot-open -500 EUR\nbusiness:w1:aroma -600 EUR\nlot:lot-coffee -900 "
              "EUR\nright:pur1 1 XXX\n");
}

TEST(Postings, OfAnAwardComeFromThePromotionAndTakeItsUse) {
    const Purchase promoted = samples::promoted();
    EXPECT_TRUE(balanced(postings_of(promoted)));
    EXPECT_EQ(show(postings_of(promoted)),
              "promotion:aroma -300 EUR\nlot:lot-welcome 300 EUR\n"
              "pass:promo1 -1 XXX\nused:nic 1 XXX\n"
              "promotion:aroma -76 EUR\nlot:lot-back 76 EUR\n"
              "offer:cashback -1 XXX\nused:nic 1 XXX\n"
              "lot:lot-open -500 EUR\nbusiness:w1:aroma 500 EUR\n"
              "lot:lot-coffee -900 EUR\nbusiness:w1:aroma 900 EUR\n"
              "lot:lot-welcome -300 EUR\nbusiness:w1:aroma 300 EUR\n"
              "business:w1:aroma -2300 EUR\nsale:nic 2300 EUR\n"
              "purchased:nic -1 XXX\nright:pur2 1 XXX\n");
}

TEST(Postings, OfAnInstantAwardMoveWhatTheBasketLeftIntoThePocket) {
    Purchase promoted = samples::promoted();
    promoted.request.mode = SpendMode::none;
    promoted.decision = decide_purchase(promoted.facts, promoted.request);
    EXPECT_TRUE(balanced(postings_of(promoted)));
    EXPECT_EQ(moves(promoted),
              "pass:promo1 -1 XXX\nlot:lot-back 76 EUR\noffer:cashback -1 XXX\n"
              "business:w1:aroma 300 EUR\nright:pur2 1 XXX\n");
}

TEST(Postings, OfAVoidGiveAwardsAndUsesBack) {
    Refund voided = samples::refund(samples::promoted());
    voided.is_void = true;
    EXPECT_TRUE(balanced(postings_of(voided)));
    EXPECT_EQ(moves(voided),
              "business:w1:aroma 600 EUR\nlot:lot-coffee 900 EUR\nlot:lot-open 500 EUR\n"
              "pass:promo1 1 XXX\nlot:lot-back -76 EUR\noffer:cashback 1 XXX\nright:pur2 -1 XXX\n");
    voided.decision.undone[1].owed = Amount{6};
    voided.decision.undone[1].from_lot = Amount{70};
    EXPECT_TRUE(balanced(postings_of(voided)));
    EXPECT_NE(show(postings_of(voided)).find("claim:w1:aroma -6 EUR"), std::string::npos);
}

TEST(Postings, OfAPurchaseThatSpendsNothingBearTheRightAlone) {
    Purchase purchase = samples::purchase();
    purchase.decision.allocations.clear();
    EXPECT_EQ(show(postings_of(purchase)), "purchased:nic -1 XXX\nright:pur1 1 XXX\n");
}

TEST(Postings, TakeFromThePersonalPocketToo) {
    Purchase purchase = samples::purchase();
    purchase.decision.allocations = {{Pocket::personal, {}, {}, 0, Amount{70}, {}}};
    EXPECT_EQ(moves(purchase), "personal:w1 -70 EUR\nright:pur1 1 XXX\n");
    EXPECT_TRUE(balanced(postings_of(purchase)));
}

TEST(Postings, OfARefundLeaveTheSale) {
    RefundRequest request;
    request.amount = Amount{700};
    const Refund refund = samples::refund(samples::purchase(), request);
    EXPECT_TRUE(balanced(postings_of(refund)));
    EXPECT_EQ(postings_of(refund).front().account, "sale:nic");
    EXPECT_EQ(postings_of(refund).front().amount, -refund.decision.refunded);
}

TEST(Postings, OfAVoidUndoThePurchaseAndEndItsRight) {
    const Purchase purchase = samples::purchase();
    Refund voided = samples::refund(purchase);
    voided.is_void = true;
    EXPECT_EQ(show(postings_of(voided)),
              "sale:nic -2000 EUR\nbusiness:w1:aroma 600 EUR\nlot:lot-coffee 900 EUR\n"
              "lot:lot-open 500 EUR\nright:pur1 -1 XXX\npurchased:nic 1 XXX\n");
    std::map<std::string, Amount> sums;
    for (const Record& record : {Record(purchase), Record(voided)}) {
        for (const Posting& posting : postings_of(record)) sums[posting.account] += posting.amount;
    }
    for (const auto& [account, sum] : sums) EXPECT_EQ(sum, Amount{}) << account;
}

TEST(Postings, OfAPassGoFromTenderToPassToLot) {
    EXPECT_EQ(
        show(postings_of(samples::activated())),
        "tender:card:nic -2500 EUR\npass:p1 2500 EUR\ndraft:p1 -1 XXX\nactivated:nic 1 XXX\n");
    EXPECT_EQ(show(postings_of(samples::redeemed())), "pass:p1 -2500 EUR\nlot:lot-new 2500 EUR\n");
    EXPECT_EQ(moves(samples::activated()), "pass:p1 2500 EUR\ndraft:p1 -1 XXX\n");
}

TEST(Postings, OfAVoidedActivationAreItsReverse) {
    const PassActivated activated = samples::activated();
    const ActivationVoided voided{
        "av1", {}, "act1", activated.pass, activated.venue, activated.value, activated.tender, ""};
    std::map<std::string, Amount> sums;
    for (const Record& record : {Record(activated), Record(voided)}) {
        for (const Posting& posting : postings_of(record)) sums[posting.account] += posting.amount;
    }
    EXPECT_EQ(sums.size(), 4u);
    for (const auto& [account, sum] : sums) EXPECT_EQ(sum, Amount{}) << account;
}

TEST(Postings, OfAVoidedIssueGoFromThePassBackToItsTender) {
    const IssueVoided voided{"iv1", {}, PassId("p2"), VenueId("nic"), {Amount{1500}, samples::eur},
                             "card", "NIC1-10"};
    EXPECT_EQ(show(postings_of(voided)), "pass:p2 -1500 EUR\ntender:card:nic 1500 EUR\n");
    PassIssued issued;
    issued.pass = PassId("p2");
    issued.value = voided.value;
    EXPECT_TRUE(postings_of(issued).empty());  // the centre has booked it
}

TEST(Postings, OfATopUpGoWhereTheCreditSays) {
    TopUp top_up = samples::top_up();
    EXPECT_EQ(show(postings_of(top_up)), "tender:cash:nic -1000 EUR\nbusiness:w1:aroma 1000 EUR\n");
    top_up.credit.pocket = Pocket::personal;
    EXPECT_EQ(moves(top_up), "personal:w1 1000 EUR\n");
    top_up.credit.lot = samples::lot("new", "open");
    EXPECT_EQ(moves(top_up), "lot:new 1000 EUR\n");
}

TEST(Postings, BalanceForEveryKind) {
    for (const Record& record : samples::one_of_each()) {
        EXPECT_TRUE(balanced(postings_of(record))) << kind_of(record);
    }
}

TEST(HeldMoves, FollowTakenAndReturnedLines) {
    const std::vector<AuthorityLine> lines{
        {"lot:a", Amount{5}, eur}, {"lot:b", Amount{7}, eur}, {"lot:a", Amount{1}, eur}};
    EXPECT_EQ(moves(AuthorityTaken{3, lines}), "lot:a 6 EUR\nlot:b 7 EUR\n");
    EXPECT_EQ(moves(AuthorityReturned{"idle", lines}), "lot:a -6 EUR\nlot:b -7 EUR\n");
    EXPECT_EQ(moves(AuthorityAsked{false, lines}), "");
}

}  // namespace
}  // namespace obol::journal
