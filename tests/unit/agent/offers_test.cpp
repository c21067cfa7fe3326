// Promotion codes and automatic offers at the till: quote, purchase, refund, void and receipt.
#include <boost/asio/detached.hpp>

#include "agent/app/receipt.hpp"
#include "drivers/ticket/text.hpp"
#include "sync/journal/counted.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})", w2 = R"({"id":"w2"})";
const Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});

std::string codes(const std::string& list) { return R"(,"promotion_codes":[)" + list + "]"; }

class Offers : public Till {
protected:
    Offers() {
        business();
        Pool open;
        open.id = PoolId{"open"};
        open.name = "No restriction";
        pool(open);
        wallet("w1", Amount{1000}, "EUR", {"regular"});
        wallet("w2", Amount{1000}, "EUR");
    }
    Offer cashback() { return an_offer("cashback", Claim::automatic, "open"); }
    Offer spring() {
        Offer it = an_offer("spring", Claim::code, "open");
        it.reward = {0, Amount{300}, {}};
        it.instant = true;
        it.least_spend = Amount{500};
        return it;
    }
    Offer welcome() {
        Offer it = an_offer("welcome", Claim::passes, "open");
        it.instant = true;
        return it;
    }
    static Subject award_of(const Got& got, std::size_t n = 0) {
        return "lot:" + got.body["awards"][n]["lot"].get<std::string>();
    }
    std::string receipt_of(const Got& got, const std::string& language) {
        const auto receipt = find_receipt(store_->facts(), context_->here,
                                          got.body["receipt"]["number"].get<std::string>(), false);
        return drivers::render_text(receipt_document(receipt.value(), language), drivers::usual_paper);
    }
    journal::Purchase purchase_entry(const std::string& id) {
        return store_->facts().purchase(PurchaseId{id}).value();
    }
};

TEST_F(Offers, AnAutomaticOneAwardsALotThatIsHeldHere) {
    offer(cashback());
    open_shop();
    const Got quoted = ask_quote(spend(w1, basket(700)));
    EXPECT_EQ(quoted.body["awards"][0]["amount"], 70);
    EXPECT_EQ(quoted.body["awards"][0]["lot"], "award:cashback");
    const Got bought = buy(spend(w1, basket(700)));
    ASSERT_EQ(bought.status, 201) << bought.text;
    ASSERT_EQ(bought.body["awards"].size(), 1u);
    EXPECT_EQ(bought.body["awards"][0]["offer"], "cashback");
    EXPECT_EQ(bought.body["awards"][0]["instant"], false);
    EXPECT_EQ(bought.body["spent"], 700);
    EXPECT_EQ(funds(award_of(bought)), (Funds{Amount{70}, Amount{70}}));
    EXPECT_EQ(bought.body["wallet"]["pockets"]["commerce"], 70);
    EXPECT_EQ(bought.body["wallet"]["lots"][0]["source"], "award");
    EXPECT_EQ(show(bought.body["id"]).body["awards"], bought.body["awards"]);
}

TEST_F(Offers, WhatWasNotMetIsSilentAndNotInTheJournal) {
    Offer vip = cashback();
    vip.segments = {"vip"};
    Offer tea = an_offer("tea", Claim::automatic, "open");
    tea.families = {"Tea"};
    Offer regulars = an_offer("regulars", Claim::automatic, "open");
    regulars.segments = {"regular"};
    offer(vip);
    offer(tea);
    offer(regulars);
    open_shop();
    const Got bought = buy(spend(w1, basket(700)));
    ASSERT_EQ(bought.body["awards"].size(), 1u);
    EXPECT_EQ(bought.body["awards"][0]["offer"], "regulars");
    journal::Purchase entry = purchase_entry(bought.body["id"]);
    EXPECT_EQ(entry.facts.offers.size(), 1u);
    EXPECT_EQ(entry.facts.segments, std::vector<std::string>{"regular"});
    const Got other = buy(spend(w2, basket(700)));
    EXPECT_EQ(other.body["awards"].size(), 0u);
    entry = purchase_entry(other.body["id"]);
    EXPECT_TRUE(entry.facts.offers.empty());
    EXPECT_TRUE(entry.facts.pools.empty());
}

TEST_F(Offers, ACodePaysOnThePurchaseAndItsRestIsOpenMoney) {
    offer(spring(), "SPRING10");
    open_shop();
    const std::string with_code = codes(R"("spring-10")");
    const Got quoted = ask_quote(spend(w1, basket(700), with_code));
    EXPECT_EQ(quoted.body["spendable"], 700);
    EXPECT_EQ(quoted.body["allocations"][0]["lot"], "award:spring");
    const Got bought = buy(spend(w1, basket(700), with_code + R"(,"expect":{"spent":700})"));
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["allocations"][0]["amount"], 300);
    EXPECT_EQ(bought.body["allocations"][1]["amount"], 400);
    EXPECT_EQ(funds(pocket), (Funds{Amount{600}, Amount{600}}));
    EXPECT_EQ(funds(award_of(bought)), (Funds{}));
    const Got earned = buy(spend(w1, basket(700), with_code + R"(,"spend":{"mode":"none"})"));
    EXPECT_EQ(earned.body["spent"], 0);
    EXPECT_EQ(funds(pocket), (Funds{Amount{900}, Amount{900}}));
}

TEST_F(Offers, ACodeThatCannotBeUsedRefusesWithTheCriterionAtFault) {
    offer(spring(), "SPRING10");
    open_shop();
    const Got little = buy(spend(w1, basket(499), codes(R"("SPRING10")")));
    EXPECT_EQ(little.status, 422);
    EXPECT_EQ(little.code(), "offer_not_met");
    const nlohmann::json reason = little.body["reasons"][0];
    EXPECT_EQ(reason["offer"], "spring");
    EXPECT_EQ(reason["criterion"], "least_spend");
    EXPECT_EQ(reason["available"], 499);
    EXPECT_EQ(reason["least"], 500);
    EXPECT_FALSE(little.body["customer_text"].get<std::string>().empty());
    const Got quoted = ask_quote(spend(w1, basket(499), codes(R"("SPRING10")")));
    EXPECT_EQ(quoted.body["accepted"], false);
    EXPECT_EQ(quoted.body["reasons"], little.body["reasons"]);
    EXPECT_EQ(quoted.body["awards"].size(), 0u);
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("SPRING11")"))).code(), "pass_unknown");
}

TEST_F(Offers, ACodeGivenTwiceCountsOnce) {
    offer(spring(), "SPRING10");
    offer(welcome());
    promotion("promo", "welcome", "p1", "PROMOAAAABBB1");
    pass("p2", "promo", "PROMOAAAABBB2", Amount{0});
    count(pass_subject(PassId{"p2"}), Amount{1});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("SPRING10","spring 10")"))).code(), "offer_used_up");
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("PROMOAAAABBB1","PROMOAAAABBB1")"))).code(), "pass_redeemed");
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("PROMOAAAABBB1","PROMOAAAABBB2")"))).code(), "offer_used_up");
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("PROMOAAAABBB1","SPRING10")"))).status, 201);
}

TEST_F(Offers, APromotionPassIsSpentByItsPurchaseAndActiveAgainAfterTheVoid) {
    offer(welcome());
    promotion("promo", "welcome", "p1", "PROMOAAAABBB1");
    open_shop();
    const std::string order = spend(w1, basket(700), codes(R"("PROMOAAAABBB1")"));
    const Got bought = buy(order);
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["awards"][0]["amount"], 70);
    EXPECT_EQ(funds(pass_subject(PassId{"p1"})), (Funds{}));
    EXPECT_EQ(buy(order).code(), "pass_redeemed");
    const Got voided = void_of(bought.body["id"]);
    ASSERT_EQ(voided.status, 201) << voided.text;
    EXPECT_EQ(voided.body["awards_undone"][0]["amount"], 70);
    EXPECT_EQ(voided.body["award_owed"], 0);
    EXPECT_EQ(funds(pass_subject(PassId{"p1"})), (Funds{Amount{1}, Amount{1}}));
    EXPECT_EQ(funds(pocket), (Funds{Amount{1000}, Amount{1000}}));
    EXPECT_EQ(funds(award_of(bought)), (Funds{}));
    EXPECT_EQ(buy(order).status, 201);
}

TEST_F(Offers, APromotionPassByItselfOrWithAPinIsRefusedByRule) {
    offer(welcome());
    promotion("promo", "welcome", "p1", "PROMOAAAABBB1");
    open_shop();
    EXPECT_EQ(redeem("PROMOAAAABBB1", "", w1).code(), "promotion_needs_purchase");
    EXPECT_EQ(redeem("PROMOAAAABBB1", "1234", w1).code(), "promotion_needs_purchase");
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"passes":[{"code":"PROMOAAAABBB1","pin":"1234"}])")).code(),
              "promotion_needs_purchase");
    EXPECT_EQ(funds(pass_subject(PassId{"p1"})), (Funds{Amount{1}, Amount{1}}));
}

TEST_F(Offers, AGiftPassIsNoPromotion) {
    plan("gift", PassType::gift, Amount{500}, false, PoolId{"open"});
    pass("g1", "gift", "GIFTAAAABBBB1", Amount{500});
    open_shop();
    const Got refused = buy(spend(w1, basket(700), codes(R"("GIFTAAAABBBB1")")));
    EXPECT_EQ(refused.code(), "not_a_promotion");
    EXPECT_EQ(refused.body["reasons"].size(), 1u);
}

TEST_F(Offers, UsesAreTakenOneByOneAndUsedUpIsNotElsewhere) {
    Offer capped = spring();
    capped.uses = 2;
    offer(capped, "SPRING10");
    open_shop();
    const Subject uses = offer_subject(OfferId{"spring"});
    const std::string order = spend(w1, basket(700), codes(R"("SPRING10")"));
    const Got first = buy(order);
    EXPECT_EQ(funds(uses), (Funds{Amount{1}, Amount{1}}));
    EXPECT_EQ(buy(order).status, 201);
    EXPECT_EQ(buy(order).code(), "offer_used_up");
    EXPECT_EQ(void_of(first.body["id"]).status, 201);
    EXPECT_EQ(funds(uses), (Funds{Amount{1}, Amount{1}}));
    EXPECT_EQ(buy(order).status, 201);
}

TEST_F(Offers, UsesThatAreElsewhereAreAskedForWithTheLinkUpAndRefuseWithout) {
    Offer capped = spring();
    capped.uses = 2;
    offer(capped, "SPRING10");
    promotion("promo", "spring", "p1", "PROMOAAAABBB1");
    const Subject uses = offer_subject(OfferId{"spring"});
    but_hold_only(uses, Amount{0});
    but_hold_only(pass_subject(PassId{"p1"}), Amount{0});
    open_shop();
    const std::string order = spend(w1, basket(700), codes(R"("SPRING10")"));
    EXPECT_EQ(buy(order).code(), "authority_elsewhere");
    EXPECT_EQ(buy(spend(w1, basket(700), codes(R"("PROMOAAAABBB1")"))).code(), "authority_elsewhere");
    link.is_up = true;
    timers->patient = true;
    link.on_growth = [&] {
        link.on_growth = {};
        const std::int64_t ask = entries();
        const auto record = journal::from_detail("authority_asked", store_->facts().entry(ask)->detail);
        const auto lines = std::get<journal::AuthorityAsked>(*record).lines;
        ASSERT_EQ(lines.size(), 1u);
        EXPECT_EQ(lines[0].subject, uses);
        EXPECT_EQ(lines[0].currency, Currency::none());
        asio::co_spawn(loop_, grant_later(ask, lines), asio::detached);
    };
    const Got bought = buy(order);
    EXPECT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(funds(uses), (Funds{Amount{1}, Amount{0}}));
}

TEST_F(Offers, AContactUsesAnOfferAsOftenAsItMayOverAllItsWallets) {
    Offer once = cashback();
    once.uses_per_contact = 1;
    offer(once);
    open_shop();
    const Got first = buy(spend(w1, basket(700)));
    EXPECT_EQ(first.body["awards"].size(), 1u);
    EXPECT_EQ(buy(spend(w2, basket(700))).body["awards"].size(), 0u);  // the same contact's wallet
    EXPECT_EQ(void_of(first.body["id"]).status, 201);
    EXPECT_EQ(buy(spend(w2, basket(700))).body["awards"].size(), 1u);
}

TEST_F(Offers, AUseAtAnotherVenueIsAUse) {
    Offer twice = cashback();
    twice.uses_per_contact = 2;
    offer(twice);
    const journal::Tallies elsewhere{WalletId{"w1"}, BusinessId{"aroma"}, {{journal::uses_kind(twice.id), "", 1, Amount{}}}};
    know("activity", "w1:aroma", journal::to_map(elsewhere));
    open_shop();
    const Got second = buy(spend(w1, basket(700)));
    EXPECT_EQ(second.body["awards"].size(), 1u);
    EXPECT_EQ(buy(spend(w1, basket(700))).body["awards"].size(), 0u);
    EXPECT_EQ(void_of(second.body["id"]).status, 201);
    EXPECT_EQ(ask_quote(spend(w1, basket(700))).body["awards"].size(), 1u);
}

TEST_F(Offers, ARefundTakesBackWhatTheRestDoesNotEarnAndTellsIt) {
    offer(cashback());
    open_shop();
    const Got bought = buy(spend(w1, basket(700)));
    const std::string id = bought.body["id"];
    const Got part = refund_of(id, R"({"amount":300})");
    EXPECT_EQ(part.body["refunded"], 300);
    EXPECT_EQ(part.body["awards_undone"][0]["amount"], 30);
    EXPECT_EQ(funds(award_of(bought)), (Funds{Amount{40}, Amount{40}}));
    const Got rest = refund_of(id, R"({"amount":400})");
    EXPECT_EQ(rest.body["awards_undone"][0]["amount"], 40);
    EXPECT_EQ(funds(award_of(bought)), (Funds{}));
    EXPECT_EQ(show(id).body["refunds"][1]["awards_undone"], rest.body["awards_undone"]);
}

TEST_F(Offers, ASpentAwardIsUndoneByTheSettingOfTheBusiness) {
    business({{"award_undo", "below_zero"}});
    offer(cashback());
    open_shop();
    const Got bought = buy(spend(w1, basket(700)));
    // The lot of 70 goes first, so 70 of the next basket is award money.
    ASSERT_EQ(buy(spend(w1, basket(370), R"(,"spend":{"mode":"full"})")).status, 201);
    EXPECT_EQ(funds(pocket).held, Amount{0});
    EXPECT_EQ(void_of(bought.body["id"]).body["award_owed"], 0) << "its own money comes back with the void";
}

TEST_F(Offers, AVoidIsRefusedWhereTheAwardWasSpent) {
    offer(cashback());
    open_shop();
    const Got bought = buy(spend(w1, basket(700), R"(,"spend":{"mode":"none"})"));
    ASSERT_EQ(buy(spend(w1, basket(1070), R"(,"spend":{"mode":"full"})")).status, 201);
    const Got refused = void_of(bought.body["id"]);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.code(), "insufficient_funds");
    const Got refund = refund_of(bought.body["id"], R"({"amount":700})");
    EXPECT_EQ(refund.status, 201);
    EXPECT_EQ(refund.body["awards_undone"].size(), 0u);
}

TEST_F(Offers, AReceiptNamesWhatWasGivenAndTakenBack) {
    offer(cashback());
    open_shop();
    const Got bought = buy(spend(w1, basket(700)));
    const std::string english = receipt_of(bought, "en");
    EXPECT_NE(english.find("Reward"), std::string::npos) << english;
    EXPECT_NE(english.find("Offer cashback"), std::string::npos);
    EXPECT_NE(english.find("0.70"), std::string::npos);
    const Got voided = void_of(bought.body["id"]);
    EXPECT_NE(receipt_of(voided, "en").find("Reward taken back"), std::string::npos);
    EXPECT_NE(receipt_of(voided, "el").find("Ανάκληση επιβράβευσης"), std::string::npos);
}

TEST_F(Offers, TheEntryReplaysToTheSameAwards) {
    Offer capped = spring();
    capped.uses = 2;
    offer(capped, "SPRING10");
    offer(cashback());
    open_shop();
    const Got bought = buy(spend(w1, basket(700), codes(R"("SPRING10")")));
    const journal::Purchase entry = purchase_entry(bought.body["id"]);
    EXPECT_EQ(entry.decision.awards.size(), 2u);
    EXPECT_EQ(decide_purchase(entry.facts, entry.request), entry.decision);
    EXPECT_EQ(entry.facts.offers[0].uses, (Funds{Amount{2}, Amount{2}}));
}

TEST_F(Offers, ACodeLiesNowhereInClear) {
    offer(spring(), "SPRING10");
    open_shop();
    ASSERT_EQ(buy(spend(w1, basket(700), codes(R"("SPRING10")"))).status, 201);
    EXPECT_EQ(store_->facts().db().value<std::int64_t>(
                  "SELECT count(*) FROM fact WHERE instr(body, CAST('SPRING10' AS BLOB)) > 0"),
              0);
    EXPECT_FALSE(store_->facts().offer_by_code("SPRING11"));
    EXPECT_TRUE(store_->facts().offer_by_code("SPRING10"));
}

}  // namespace
}  // namespace obol::agent::testing
