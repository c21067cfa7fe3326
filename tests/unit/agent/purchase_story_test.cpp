#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})";

class Purchases : public Till {
protected:
    Purchases() {
        business();
        Pool coffee;
        coffee.id = PoolId{"coffee"};
        coffee.name = "Coffee only";
        coffee.families = {"Coffee"};
        pool(coffee);
        Pool evening;
        evening.id = PoolId{"evening"};
        evening.name = "Evenings";
        TimeWindow window;
        window.from_minute = 18 * 60;
        window.to_minute = 24 * 60;
        evening.time = {window};
        pool(evening);
        plan("gift20", PassType::gift, Amount{2000}, false, PoolId{"coffee"});
        plan("gift20pin", PassType::gift, Amount{2000}, true, PoolId{"coffee"});
        plan("top10", PassType::topup, Amount{1000}, false);
        promotion("promo", "nowhere", "p4", "PROMOAAAABBB4");
        pass("p1", "gift20", "GIFTAAAABBBB1", Amount{2000});
        pass("p2", "gift20pin", "GIFTAAAABBBB2", Amount{2000}, "1234");
        pass("p3", "top10", "TOPAAAABBBB33", Amount{1000});
        wallet("w1", Amount{1000});
        wallet("usd", Amount{1000}, "USD");
        lot("evening-lot", "w1", "evening", Amount{700});
    }
};

TEST_F(Purchases, TellTheWholeStoryFromRedeemToTheLastCentRefunded) {
    open_shop();
    const Got redeemed = redeem("gift-aaaa bbbb-1", "", w1);
    ASSERT_EQ(redeemed.status, 201) << redeemed.text;
    const std::string lot_id = redeemed.body["credited"]["lot"];

    const Got quoted = ask_quote(spend(w1, basket(2500)));
    ASSERT_EQ(quoted.status, 200);
    EXPECT_EQ(quoted.body["accepted"], true);
    EXPECT_EQ(quoted.body["spendable"], 2500);
    EXPECT_EQ(quoted.body["due"], 0);
    EXPECT_EQ(quoted.body["online"], false);
    EXPECT_EQ(quoted.body["allocations"][0]["lot"], lot_id);
    EXPECT_EQ(quoted.body["allocations"][0]["amount"], 2000);
    EXPECT_EQ(quoted.body["allocations"][0]["pool"]["name"], "Coffee only");
    EXPECT_EQ(quoted.body["allocations"][1]["pocket"], "business");
    EXPECT_EQ(quoted.body["refused"][0]["lot"], "evening-lot");
    EXPECT_EQ(quoted.body["refused"][0]["reasons"][0]["code"], "outside_time_window");
    EXPECT_EQ(quoted.body["refused"][0]["reasons"][0]["next"], "2026-11-20T18:00:00+02:00");

    const Got bought = buy(spend(w1, basket(2500), R"(,"expect":{"spent":2500})"));
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["spent"], 2500);
    EXPECT_EQ(bought.body["policy"], "earliest-expiry-first/1");
    EXPECT_EQ(bought.body["wallet"]["pockets"]["business"], 500);
    EXPECT_EQ(bought.body["wallet"]["pockets"]["commerce"], 700);
    EXPECT_TRUE(bought.body["receipt"]["number"].get<std::string>().starts_with("NIC1-"));
    const std::string id = bought.body["id"];

    const Got first = refund_of(id, R"({"amount":600})");
    ASSERT_EQ(first.status, 201) << first.text;
    EXPECT_EQ(first.body["refunded"], 600);
    EXPECT_EQ(first.body["allocations"][0]["pocket"], "business");  // last paid first
    EXPECT_EQ(first.body["allocations"][0]["amount"], 500);
    EXPECT_EQ(first.body["allocations"][1]["lot"], lot_id);
    EXPECT_EQ(refund_of(id, R"({"lines":[{"line":"1","amount":900}]})").status, 201);
    EXPECT_EQ(refund_of(id, R"({"amount":1001})").code(), "refund_exceeds_purchase");
    EXPECT_EQ(refund_of(id, R"({"amount":1000})").status, 201);
    EXPECT_EQ(refund_of(id, R"({"amount":1})").code(), "already_refunded");

    const Got told = show(id);
    EXPECT_EQ(told.body["refunds"].size(), 3u);
    EXPECT_EQ(told.body["refundable"][0]["amount"], 0);
    EXPECT_EQ(told.body["basket"]["lines"][0]["family"], "Coffee");  // from the catalogue
    EXPECT_EQ(funds(lot_subject(LotId{lot_id})), (Funds{Amount{2000}, Amount{2000}}));
    EXPECT_EQ(funds(business_subject(WalletId{"w1"}, BusinessId{"aroma"})), (Funds{Amount{1000}, Amount{1000}}));
}

TEST_F(Purchases, SpendByEachModeAndPocket) {
    open_shop();
    const Got none = buy(spend(w1, basket(500), R"(,"spend":{"mode":"none"})"));
    EXPECT_EQ(none.body["spent"], 0);
    EXPECT_EQ(none.body["due"], 500);
    const Got amount = buy(spend(w1, basket(500), R"(,"spend":{"mode":"amount","amount":300})"));
    EXPECT_EQ(amount.body["spent"], 300);
    EXPECT_EQ(amount.body["due"], 200);
    const Got above = buy(spend(w1, basket(500), R"(,"spend":{"mode":"amount","amount":501})"));
    EXPECT_EQ(above.status, 422);
    EXPECT_EQ(above.code(), "above_maximum");
    const Got too_much = buy(spend(w1, basket(5000), R"(,"spend":{"mode":"amount","amount":800})"));
    EXPECT_EQ(too_much.code(), "insufficient_funds");
    EXPECT_EQ(too_much.body["reasons"][0]["available"], 700);
    const Got full = buy(spend(w1, basket(701), R"(,"spend":{"mode":"full"})"));
    EXPECT_EQ(full.code(), "not_fully_covered");
    EXPECT_EQ(buy(spend(w1, basket(700), R"(,"spend":{"mode":"full","pockets":["business"]})")).body["spent"], 700);
    EXPECT_EQ(buy(spend(w1, basket(700))).body["spent"], 0);  // takes what it can, also nothing
}

TEST_F(Purchases, RefuseWhatTheQuoteRefusesForTheSameReasons) {
    open_shop();
    const std::string body = spend(w1, basket(5000), R"(,"spend":{"mode":"full"})");
    const Got quoted = ask_quote(body);
    EXPECT_EQ(quoted.status, 200);
    EXPECT_EQ(quoted.body["accepted"], false);
    EXPECT_EQ(quoted.body["spendable"], 0);
    EXPECT_EQ(quoted.body["due"], 5000);
    const std::int64_t before = entries();
    const Got refused = buy(body);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.body["reasons"], quoted.body["reasons"]);
    EXPECT_FALSE(refused.body["customer_text"].get<std::string>().empty());
    EXPECT_EQ(entries(), before);
}

TEST_F(Purchases, ChangeNothingWhenTheOutcomeIsNotTheExpectedOne) {
    open_shop();
    const std::int64_t before = entries();
    const Got changed = buy(spend(w1, basket(1200), R"(,"expect":{"spent":1200})"), "e1");
    EXPECT_EQ(changed.status, 409);
    EXPECT_EQ(changed.code(), "quote_changed");
    EXPECT_EQ(changed.body["quote"]["spendable"], 1000);
    EXPECT_EQ(changed.body["quote"]["due"], 200);
    EXPECT_EQ(entries(), before);
    // 409 is not kept: the same key may be sent again.
    EXPECT_EQ(buy(spend(w1, basket(1200), R"(,"expect":{"spent":1000})"), "e1").status, 201);
}

TEST_F(Purchases, AnswerARepeatedKeyWithTheSameBytes) {
    open_shop();
    const std::string body = spend(w1, basket(400));
    const Got first = buy(body, "same");
    const Got again = buy(body, "same");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_TRUE(again.replayed);
    EXPECT_FALSE(first.replayed);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(buy(spend(w1, basket(401)), "same").code(), "idempotency_key_reused");
    EXPECT_EQ(funds(business_subject(WalletId{"w1"}, BusinessId{"aroma"})).shown, Amount{600});
    // Refusals are kept, too.
    const std::string no = spend(w1, basket(9000), R"(,"spend":{"mode":"full"})");
    EXPECT_EQ(buy(no, "no").status, 422);
    EXPECT_TRUE(buy(no, "no").replayed);
}

TEST_F(Purchases, WarnOfATicketThatWasSoldAlready) {
    open_shop();
    const std::string body = spend(w1, basket(100, "T1-7"));
    const Got first = buy(body);
    ASSERT_EQ(first.status, 201);
    const Got second = buy(body);
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.code(), "possible_duplicate");
    EXPECT_EQ(second.body["purchase"], first.body["id"]);
    EXPECT_EQ(buy(spend(w1, basket(101, "T1-7"))).status, 201);  // another total
    EXPECT_EQ(buy(spend(w1, basket(100, "T1-8"))).status, 201);  // another ticket
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);          // none
    EXPECT_EQ(buy(spend(w1, basket(100, "T1-7"), R"(,"confirm_duplicate":true)")).status, 201);
    caller.terminal = TerminalId{"T2"};
    EXPECT_EQ(buy(body).status, 201);  // another till counts its own tickets
    caller.terminal = TerminalId{"T1"};
    clock.moment += std::chrono::hours(25);
    EXPECT_EQ(buy(body).status, 201);
}

TEST_F(Purchases, SellATicketAgainAfterItWasVoided) {
    open_shop();
    const Got first = buy(spend(w1, basket(100, "T1-7")));
    ASSERT_EQ(void_of(first.body["id"]).status, 201);
    EXPECT_EQ(buy(spend(w1, basket(100, "T1-7"))).status, 201);
}

TEST_F(Purchases, RefuseAForeignCurrency) {
    open_shop();
    const std::string pounds = R"({"currency":"GBP","lines":[{"id":"1","sku":"C1","quantity":"1","amount":100}]})";
    EXPECT_EQ(buy(spend(w1, pounds)).code(), "wrong_currency");
    EXPECT_EQ(buy(spend(R"({"id":"usd"})", basket(100))).code(), "wrong_currency");
    EXPECT_EQ(ask_quote(spend(w1, pounds)).body["accepted"], false);
    EXPECT_EQ(ask_quote(spend(w1, pounds)).body["allocations"].size(), 0u);
}

TEST_F(Purchases, FindNoUnknownWallet) {
    open_shop();
    EXPECT_EQ(buy(spend(R"({"id":"nobody"})", basket(100))).status, 404);
    EXPECT_EQ(ask_quote(spend(R"({"phone":"+35799999999"})", basket(100))).code(), "wallet_unknown");
    EXPECT_EQ(buy(spend(R"({"phone":"+35799000001"})", basket(100))).status, 201);
}

TEST_F(Purchases, SpendNothingOnABasketOfZeroOrLess) {
    open_shop();
    const std::string less = R"({"currency":"EUR","lines":[{"id":"1","sku":"C1","quantity":"1","amount":500},
        {"id":"2","sku":"X","quantity":"-1","amount":-700}]})";
    const Got got = buy(spend(w1, less));
    EXPECT_EQ(got.status, 201);
    EXPECT_EQ(got.body["basket_total"], -200);
    EXPECT_EQ(got.body["spent"], 0);
}

TEST_F(Purchases, PayWithAPassAsAGuestsTender) {
    open_shop();
    const std::string tender = R"(,"passes":[{"code":"GIFTAAAABBBB1"}])";
    const std::int64_t before = entries();
    const Got quoted = ask_quote(spend(R"({"new":true})", basket(1500), tender));
    EXPECT_EQ(quoted.body["accepted"], true);
    EXPECT_EQ(quoted.body["spendable"], 1500);
    EXPECT_EQ(quoted.body["allocations"][0]["lot"], "pass:p1");
    EXPECT_EQ(entries(), before);

    const Got bought = buy(spend(R"({"new":true})", basket(1500), tender + R"(,"expect":{"spent":1500})"));
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["redeemed"][0]["pass"], "p1");
    EXPECT_EQ(bought.body["redeemed"][0]["credited"]["amount"], 2000);
    EXPECT_EQ(bought.body["wallet"]["pockets"]["commerce"], 500);
    EXPECT_EQ(entries(), before + 3);  // wallet_opened, pass_redeemed, purchase
    EXPECT_EQ(funds(pass_subject(PassId{"p1"})), Funds{});

    // The code identifies the rest from then on; the pass itself is gone.
    const Got rest = buy(spend(R"({"pass_code":"GIFTAAAABBBB1"})", basket(800)));
    EXPECT_EQ(rest.body["spent"], 500);
    EXPECT_EQ(buy(spend(R"({"new":true})", basket(100), tender)).code(), "pass_redeemed");
}

TEST_F(Purchases, RedeemNoPassWhenThePurchaseIsRefused) {
    open_shop();
    const std::int64_t before = entries();
    const Got got = buy(spend(R"({"new":true})", basket(2500),
                              R"(,"passes":[{"code":"GIFTAAAABBBB1"}],"spend":{"mode":"full"})"));
    EXPECT_EQ(got.code(), "not_fully_covered");
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(funds(pass_subject(PassId{"p1"})), (Funds{Amount{2000}, Amount{2000}}));
}

TEST_F(Purchases, T65_RefuseATopUpPassForAGuestAndTheSamePassTwice) {
    open_shop();
    EXPECT_EQ(buy(spend(R"({"new":true})", basket(100), R"(,"passes":[{"code":"TOPAAAABBBB33"}])")).code(),
              "wallet_required");
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"passes":[{"code":"GIFTAAAABBBB1"},{"code":"giftaaaabbbb1"}])")).code(),
              "pass_redeemed");
    const Got named = buy(spend(w1, basket(2000), R"(,"passes":[{"code":"TOPAAAABBBB33"}])"));
    EXPECT_EQ(named.body["spent"], 2000);  // 1,000 in the pocket before, 1,000 of the pass
    EXPECT_EQ(named.body["redeemed"][0]["credited"]["pocket"], "business");
}

TEST_F(Purchases, AskThePinOfAPassAndOfTheWalletThatItOpened) {
    open_shop();
    const auto with = [](const std::string& pin) { return R"(,"passes":[{"code":"GIFTAAAABBBB2")" + pin + "}]"; };
    EXPECT_EQ(buy(spend(R"({"new":true})", basket(500), with(""))).code(), "pin_required");
    const Got wrong = buy(spend(R"({"new":true})", basket(500), with(R"(,"pin":"9999")")));
    EXPECT_EQ(wrong.code(), "pin_incorrect");
    EXPECT_EQ(wrong.body["reasons"][0]["attempts_left"], 2);
    const Got bought = buy(spend(R"({"new":true})", basket(500), with(R"(,"pin":"1234")")));
    ASSERT_EQ(bought.status, 201) << bought.text;
    const std::string id = bought.body["id"], wallet_id = bought.body["wallet"]["id"];

    EXPECT_EQ(buy(spend(R"({"pass_code":"GIFTAAAABBBB2"})", basket(100))).code(), "pin_required");
    EXPECT_EQ(ask_quote(spend(R"({"id":")" + wallet_id + R"("})", basket(100))).code(), "pin_required");
    EXPECT_EQ(buy(spend(R"({"pass_code":"GIFTAAAABBBB2","pin":"1234"})", basket(100))).body["spent"], 100);

    EXPECT_EQ(refund_of(id, R"({"amount":100})").code(), "pin_required");
    EXPECT_EQ(refund_of(id, R"({"amount":100,"wallet":{"pass_code":"GIFTAAAABBBB2","pin":"9999"}})").code(),
              "pin_incorrect");
    EXPECT_EQ(refund_of(id, R"({"amount":100,"wallet":{"id":"w1"}})").code(), "wallet_unknown");
    EXPECT_EQ(refund_of(id, R"({"amount":100,"wallet":{"pass_code":"GIFTAAAABBBB2","pin":"1234"}})").status, 201);
}

TEST_F(Purchases, LockAPassAtTheThirdWrongPin) {
    open_shop();
    const std::string body = spend(R"({"new":true})", basket(1), R"(,"passes":[{"code":"GIFTAAAABBBB2","pin":"0000"}])");
    EXPECT_EQ(buy(body).status, 422);
    EXPECT_EQ(ask_quote(body).status, 422);
    EXPECT_EQ(buy(body).status, 423);
}

TEST_F(Purchases, WaitForTheOfferOfAPromotionThatCameBeforeIt) {
    open_shop();
    const Got promo = buy(spend(w1, basket(100), R"(,"promotion_codes":["PROMOAAAABBB4"])"));
    EXPECT_EQ(promo.status, 503);
    EXPECT_EQ(promo.code(), "not_ready");
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"promotion_codes":["GIFTAAAABBBB1"])")).code(), "not_a_promotion");
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"promotion_codes":[])")).status, 201);
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"passes":[{"code":"PROMOAAAABBB4"}])")).code(),
              "promotion_needs_purchase");
}

TEST_F(Purchases, SellToAGuestWithoutMoney) {
    open_shop();
    const Got got = buy(spend(R"({"new":true})", basket(300)));
    EXPECT_EQ(got.status, 201) << got.text;
    EXPECT_EQ(got.body["spent"], 0);
    EXPECT_EQ(got.body["due"], 300);
}

TEST_F(Purchases, SpendOnlyWhatIsHeldWhenTheLinkIsDown) {
    const Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});
    but_hold_only(pocket, Amount{300});
    open_shop();
    const Got quoted = ask_quote(spend(w1, basket(1000)));
    EXPECT_EQ(quoted.body["spendable"], 300);
    const Got exact = buy(spend(w1, basket(1000), R"(,"spend":{"mode":"full"})"));
    EXPECT_EQ(exact.status, 422);
    EXPECT_EQ(exact.code(), "authority_elsewhere");
    EXPECT_EQ(exact.body["reasons"][0]["available"], 300);
    const Got most = buy(spend(w1, basket(1000)));
    EXPECT_EQ(most.body["spent"], 300);
    EXPECT_EQ(most.body["online"], false);
    EXPECT_EQ(most.body["at_risk"], 0);
    EXPECT_EQ(funds(pocket), (Funds{Amount{700}, Amount{0}}));
}

TEST_F(Purchases, AskTheCentreForWhatIsMissingWhenTheLinkIsUp) {
    const Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});
    but_hold_only(pocket, Amount{300});
    open_shop();
    link.is_up = true;
    timers->patient = true;
    std::vector<journal::AuthorityLine> asked;
    link.on_growth = [&] {
        const std::int64_t ask = entries();
        const journal::Entry entry = store_->facts().entry(ask).value();
        asked = std::get<journal::AuthorityAsked>(journal::from_detail(entry.kind, entry.detail).value()).lines;
        asio::co_spawn(loop_, grant_later(ask, asked), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    };
    const Got bought = buy(spend(w1, basket(1000), R"(,"spend":{"mode":"full"})"));
    EXPECT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["online"], true);
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].subject, pocket);
    EXPECT_EQ(asked[0].amount, Amount{700});  // what is lacking, no more
}

TEST_F(Purchases, DecideWithWhatIsHeldWhenTheCentreDoesNotAnswerInTime) {
    const Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});
    but_hold_only(pocket, Amount{300});
    open_shop();
    link.is_up = true;
    const Got got = buy(spend(w1, basket(1000), R"(,"spend":{"mode":"full"})"));
    EXPECT_EQ(got.code(), "authority_elsewhere");
    EXPECT_EQ(ask_quote(spend(w1, basket(1000))).body["spendable"], 300);
}

TEST_F(Purchases, AskForNothingThatWouldNotHelp) {
    but_hold_only(business_subject(WalletId{"w1"}, BusinessId{"aroma"}), Amount{300});
    open_shop();
    link.is_up = true;
    const std::int64_t before = entries();
    ask_quote(spend(w1, basket(5000), R"(,"spend":{"mode":"full"})"));  // there is not that much at all
    ask_quote(spend(w1, basket(300)));                                   // enough is here
    ask_quote(spend(R"({"id":"usd"})", basket(1000)));                  // refused whatever is held
    EXPECT_EQ(entries(), before);
}

TEST_F(Purchases, LetExactlyTenOfFiftyParallelSpendsThrough) {
    open_shop();
    const std::string body = spend(w1, basket(100), R"(,"spend":{"mode":"full"})");
    std::vector<Answer> answers;
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(loop_, purchase(*context_, caller, once("p" + std::to_string(i), body),
                                       order_of(body, OrderOf::purchase)),
                       [&](std::exception_ptr e, Answer answer) {
                           EXPECT_FALSE(e);
                           answers.push_back(std::move(answer));
                       });
    }
    until([&] { return answers.size() == 50; });
    int bought = 0, refused = 0;
    for (const Answer& answer : answers) {
        bought += answer.status == 201;
        refused += answer.status == 422 && answer.code == "not_fully_covered";
    }
    EXPECT_EQ(bought, 10);
    EXPECT_EQ(refused, 40);
    EXPECT_EQ(funds(business_subject(WalletId{"w1"}, BusinessId{"aroma"})), Funds{});
}

}  // namespace
}  // namespace obol::agent::testing
