// Redeem, sell, take back, top up, scan: what a till does with passes and wallets.

#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Passes : public Counter {
protected:
    Passes() { stock(); }

    void sell_electronic(PlanState state = PlanState::active) {
        Plan electronic;
        electronic.id = PlanId{"e10"};
        electronic.business = BusinessId{"aroma"};
        electronic.printed = false;
        electronic.currency = Currency::parse("EUR").value();
        electronic.value_min = electronic.value_max = Amount{1000};
        electronic.state = state;
        know_value("plan", "e10", journal::to_value(electronic));
        open_shop();
        centre.answer_issue = [](const wire::IssueAsk&) {
            wire::IssueAnswer answer;
            answer.pass = PassId{"new-pass"};
            answer.code = Secret("EEEE2222FFFF3");
            answer.pin = Secret("4711");
            answer.value = {Amount{1000}, Currency::parse("EUR").value()};
            return answer;
        };
    }
    Heard redeem_into(const std::string& wallet_ref, const std::string& code = gift_code, const std::string& pin = "") {
        const std::string with = pin.empty() ? "" : R"(,"pin":")" + pin + "\"";
        return post("/v1/passes/redeem", R"({"code":")" + code + "\"" + with + R"(,"wallet":)" + wallet_ref + "}");
    }
};

TEST_F(Passes, RedeemIntoAKnownWalletCreditsItAndHoldsTheMoneyHere) {
    const Heard got = redeem_into(R"({"phone":"+357 99 000001"})");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.json["credited"], nlohmann::json::parse(R"({"pocket":"business","amount":2500,"currency":"EUR"})"));
    EXPECT_EQ(got.json["wallet"]["pockets"]["business"], 3700);
    EXPECT_EQ(got.json["wallet"]["available_here"]["business"], 3700);
    EXPECT_EQ(got.json["wallet"]["holder"], "M. G.");
    EXPECT_EQ(got.json["entry"]["seq"], entries());
    EXPECT_EQ(got.json["receipt"]["number"], "NIC1-1");
    EXPECT_EQ(got.json["at_risk"], 0);
    EXPECT_EQ(funds("pass:p-gift").held, Amount{});

    const Heard again = redeem_into(R"({"id":"w1"})");
    EXPECT_EQ(again.code(), "pass_redeemed");
    EXPECT_EQ(again.json["reasons"][0]["venue"], "nic");
    EXPECT_EQ(get("/v1/wallets/w1", "pos").json["pockets"]["business"], 3700);
}

TEST_F(Passes, RedeemIntoANewWalletThatTheCodeOpensFromThenOn) {
    const Heard got = redeem_into(R"({"new":true})");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_TRUE(got.json["wallet"]["holder"].is_null());
    EXPECT_EQ(got.json["wallet"]["home"], "nic");
    const Heard found = post("/v1/wallets/lookup", R"({"pass_code":"gift-2x45 67abc"})");
    EXPECT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.json["id"], got.json["wallet"]["id"]);
    EXPECT_EQ(found.json["pockets"]["business"], 2500);
}

TEST_F(Passes, APassOfAPoolBecomesALotWhoseValidityIsFixedNow) {
    const Heard got = redeem_into(R"({"id":"w1"})", pin_code, "1234");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.json["credited"]["pocket"], "commerce");
    const auto& lot = got.json["wallet"]["lots"][0];
    EXPECT_EQ(lot["id"], got.json["credited"]["lot"]);
    EXPECT_EQ(lot["amount"], 4000);
    EXPECT_EQ(lot["available_here"], 4000);
    EXPECT_EQ(lot["valid_until"], "2027-11-20T22:00:00Z");  // that whole last day in Nicosia
}

TEST_F(Passes, ANamelessWalletOpenedWithAPinKeepsAskingForIt) {
    const Heard got = redeem_into(R"({"new":true})", pin_code, "1234");
    ASSERT_EQ(got.status, 201) << got.body;
    const std::string id = got.json["wallet"]["id"];
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC"})").code(), "pin_required");
    EXPECT_EQ(get("/v1/wallets/" + id).code(), "pin_required");
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"0000"})").code(), "pin_incorrect");
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"1234"})").json["id"], id);
    const Heard scanned = post("/v1/scans", R"({"data":"PINS2X4567ABC"})");
    EXPECT_EQ(scanned.json["kind"], "wallet");
    EXPECT_EQ(scanned.json["wallet"], nlohmann::json::parse(R"({"pin":"required"})"));
}

TEST_F(Passes, ThatAPassOpenedNoWalletIsToldAfterItsPinAlone) {
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC"})").code(), "pin_required");
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"0000"})").code(), "pin_incorrect");
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"1234"})").code(), "wallet_unknown");
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"GIFT2X4567ABC"})").code(), "wallet_unknown");
}

TEST_F(Passes, ThreeWrongPinsLockTheNamelessWalletToo) {
    ASSERT_EQ(redeem_into(R"({"new":true})", pin_code, "1234").status, 201);
    for (const char* pin : {"0001", "0002"}) {
        post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":")" + std::string(pin) + "\"}");
    }
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"0003"})").status, 423);
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"PINS2X4567ABC","pin":"1234"})").status, 423);
}

TEST_F(Passes, ATopUpPassNeedsANamedWallet) {
    EXPECT_EQ(redeem_into(R"({"new":true})", "TOPU2X4567ABC").code(), "wallet_required");
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "TOPU2X4567ABC").status, 201);
}

TEST_F(Passes, WhatIsWrittenAroundACodeDoesNotMatter) {
    for (const char* raw : {"gift2x4567abc", " GIFT-2X45-67ABC\\r\\n", "]Q3GIFT2X4567ABC", "https://g.example/p/GIFT2X4567ABC",
                            "ＧＩＦＴ２Ｘ４５６７ＡＢＣ"}) {
        const Heard got = post("/v1/passes/check", R"({"code":")" + std::string(raw) + "\"}");
        EXPECT_TRUE(got.status == 200 && got.json["redeemable"]) << raw << got.body;
    }
}

TEST_F(Passes, UnknownWalletsAndPassesAreTold) {
    EXPECT_EQ(redeem_into(R"({"id":"nobody"})").code(), "wallet_unknown");
    EXPECT_EQ(redeem_into(R"({"phone":"+35799999999"})").status, 404);
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "NO-SUCH-FORM").code(), "pass_unknown");
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "!!").code(), "code_malformed");
    EXPECT_EQ(funds("pass:p-gift").held, Amount{2500});
}

TEST_F(Passes, ACodeOfAKnownFormIsAskedAtTheCentre) {
    const std::string code = "UNKN2X4567ABC";
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", code).code(), "pass_unknown");
    EXPECT_EQ(centre.passes_asked, 1);
    centre.is_up = false;
    const Heard offline = redeem_into(R"({"id":"w1"})", code);
    EXPECT_EQ(offline.status, 503);
    EXPECT_EQ(offline.code(), "link_required");
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "OF NO FORM").code(), "pass_unknown");  // certain even offline
}

TEST_F(Passes, APassHeldElsewhereIsAcquiredWholeOrRefused) {
    timers->patient = true;
    const std::int64_t before = entries();
    centre.on_growth = [this] {
        centre.on_growth = {};
        const std::int64_t ask = entries();
        std::vector<journal::AuthorityLine> lines{{"pass:p-away", Amount{4000}, Currency::parse("EUR").value()}};
        asio::co_spawn(loop_, grant_later(ask, lines), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
    };
    centre.answer_pass = [](const wire::PassAsk&) {
        wire::PassAnswer answer;
        answer.pass = Map{{"id", "p-away"}, {"plan", "pinned"}, {"state", "active"}, {"value", 4000}, {"display", "x"}};
        answer.pin_state = "right";
        return answer;
    };
    const Heard got = redeem_into(R"({"id":"w1"})", "AWAY2X4567ABC", "1234");
    EXPECT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(entries(), before + 3);  // asked, taken, redeemed
}

TEST_F(Passes, WithTheBudgetOverTheAgentDecidesWithWhatItHolds) {
    centre.answer_pass = [](const wire::PassAsk&) {
        wire::PassAnswer answer;
        answer.pass = Map{{"id", "p-away"}, {"plan", "pinned"}, {"state", "active"}, {"value", 4000}, {"display", "x"}};
        answer.pin_state = "right";
        return answer;
    };
    const std::int64_t before = entries();
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "AWAY2X4567ABC", "1234").code(), "authority_elsewhere");
    EXPECT_EQ(entries(), before + 1);  // the ask stays open
    centre.is_up = false;
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "AWAY2X4567ABC", "1234").code(), "authority_elsewhere");
    EXPECT_EQ(entries(), before + 1);  // offline nobody is asked
}

TEST_F(Passes, ADraftIsSoldTakenBackAndSoldAgain) {
    const std::string sell = R"({"code":"DRAF2X4567ABC","tender":"cash"})";
    EXPECT_EQ(redeem_into(R"({"id":"w1"})", "DRAF2X4567ABC").code(), "pass_draft");
    const Heard sold = post("/v1/passes/activate", sell);
    ASSERT_EQ(sold.status, 201) << sold.body;
    EXPECT_EQ(sold.json["pass"]["state"], "active");
    EXPECT_EQ(funds("pass:p-draft").held, Amount{2500});
    EXPECT_EQ(post("/v1/passes/activate", sell).code(), "pass_already_active");

    const std::string first = "/v1/activations/" + sold.json["id"].get<std::string>() + "/void";
    const Heard back = post(first, "{}");
    ASSERT_EQ(back.status, 201) << back.body;
    EXPECT_EQ(back.json["due_back"]["amount"], 2500);
    EXPECT_EQ(funds("pass:p-draft").held, Amount{});
    EXPECT_EQ(funds("draft:p-draft").held, Amount{1});

    ASSERT_EQ(post("/v1/passes/activate", sell).status, 201);
    EXPECT_EQ(post(first, "{}").code(), "already_voided");  // the second sale is another one
    EXPECT_EQ(funds("pass:p-draft").held, Amount{2500});
}

TEST_F(Passes, ASoldPassThatWasRedeemedIsNotTakenBack) {
    const Heard sold = post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC","tender":"card","amount":2500})");
    ASSERT_EQ(sold.status, 201) << sold.body;
    ASSERT_EQ(redeem_into(R"({"id":"w1"})", "DRAF2X4567ABC").status, 201);
    EXPECT_EQ(post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}").code(), "pass_redeemed");
}

TEST_F(Passes, ASaleKeepsToThePlansValue) {
    EXPECT_EQ(post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC","tender":"cash","amount":100})").code(), "below_minimum");
    EXPECT_EQ(post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC","tender":"cash","amount":9900})").code(), "above_maximum");
    EXPECT_EQ(post("/v1/passes/activate",
                   R"({"code":"DRAF2X4567ABC","tender":"cash","amount":{"amount":2500,"currency":"GBP"}})").code(),
              "wrong_currency");
    EXPECT_EQ(funds("draft:p-draft").held, Amount{1});
}

TEST_F(Passes, ATopUpIsHeldHereFromTheFirstMoment) {
    const Heard open = post("/v1/wallets/w1/top-ups", R"({"amount":{"amount":500,"currency":"EUR"},"tender":"cash"})");
    ASSERT_EQ(open.status, 201) << open.body;
    EXPECT_EQ(open.json["wallet"]["available_here"]["business"], 1700);
    const Heard lot = post("/v1/wallets/w1/top-ups", R"({"amount":300,"tender":"card","pool":"year"})");
    ASSERT_EQ(lot.status, 201) << lot.body;
    EXPECT_EQ(lot.json["credited"]["pocket"], "commerce");
    EXPECT_EQ(lot.json["wallet"]["available_here"]["commerce"], 300);
    EXPECT_EQ(post("/v1/wallets/w1/top-ups", R"({"amount":{"amount":5,"currency":"GBP"},"tender":"cash"})").code(),
              "wrong_currency");
}

TEST_F(Passes, TheSaleOfAnElectronicPassIsTakenBackAndThePassCancelled) {
    sell_electronic();
    const Heard sold = post("/v1/passes/issue", R"({"plan":"e10","tender":"cash"})");
    ASSERT_EQ(sold.status, 201) << sold.body;
    take_authority({{"pass:new-pass", Amount{1000}, Currency::parse("EUR").value()}});
    const std::string at = "/v1/activations/" + sold.json["id"].get<std::string>() + "/void";
    const Heard back = post(at, "{}");
    ASSERT_EQ(back.status, 201) << back.body;
    EXPECT_EQ(back.json["pass"]["state"], "cancelled");
    EXPECT_EQ(back.json["due_back"]["amount"], 1000);
    EXPECT_EQ(back.json["receipt"]["number"], "NIC1-2");
    EXPECT_EQ(funds("pass:new-pass").held, Amount{});
    EXPECT_EQ(post(at, "{}").code(), "already_voided");
}

// Whoever holds it keeps it: for what will be refused nothing is asked.
TEST_F(Passes, ASaleOfWhichTheCentreChangedTheValueIsNotTakenBack) {
    sell_electronic();
    const Heard sold = post("/v1/passes/issue", R"({"plan":"e10","tender":"cash"})");
    ASSERT_EQ(sold.status, 201) << sold.body;
    const auto refused = [&](std::int64_t worth) {
        const std::int64_t before = entries();
        const Heard no = post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}");
        ASSERT_EQ(no.code(), "void_too_late") << no.body;
        EXPECT_EQ(no.json["reasons"][0]["available"], worth);
        EXPECT_EQ(entries(), before);
    };
    std::int64_t held = 0;
    for (const std::int64_t value : {400, 1600}) {
        const Map body{{"id", "new-pass"}, {"plan", "e10"}, {"state", "active"}, {"value", value},
                       {"venue", "nic"}, {"display", "....FFF3"}, {"pin_locked", false}};
        tell({"pass", "new-pass", false, body});
        refused(value);
        take_authority({{"pass:new-pass", Amount{value - held}, Currency::parse("EUR").value()}});
        held = value;
        refused(value);
        EXPECT_EQ(funds("pass:new-pass").held, Amount{value});
    }
}

TEST_F(Passes, AGrantOfMoreThanTheSaleTellsOfTheNewValueBeforeTheFeedDoes) {
    sell_electronic();
    const Heard sold = post("/v1/passes/issue", R"({"plan":"e10","tender":"cash"})");
    ASSERT_EQ(sold.status, 201) << sold.body;
    take_authority({{"pass:new-pass", Amount{1600}, Currency::parse("EUR").value()}});
    const Heard no = post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}");
    ASSERT_EQ(no.code(), "void_too_late") << no.body;
    EXPECT_EQ(no.json["reasons"][0]["available"], 1600);
    EXPECT_EQ(funds("pass:new-pass").held, Amount{1600});
}

TEST_F(Passes, ThePromotionThatWasIssuedHereIsTakenBackWithItsRightHere) {
    Plan promotion;
    promotion.id = PlanId{"p3"};
    promotion.business = BusinessId{"aroma"};
    promotion.type = PassType::promotion;
    promotion.printed = false;
    promotion.currency = Currency::parse("EUR").value();
    know_value("plan", "p3", journal::to_value(promotion));
    sell_electronic();
    centre.answer_issue = [](const wire::IssueAsk&) {
        wire::IssueAnswer answer;
        answer.pass = PassId{"new-promotion"};
        answer.code = Secret("EEEE2222FFFF3");
        answer.value = {Amount{}, Currency::parse("EUR").value()};
        return answer;
    };
    const Heard sold = post("/v1/passes/issue", R"({"plan":"p3","tender":"other"})");
    ASSERT_EQ(sold.status, 201) << sold.body;
    take_authority({{"pass:new-promotion", Amount{1}, Currency::none()}});
    const Heard back = post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}");
    ASSERT_EQ(back.status, 201) << back.body;
    EXPECT_EQ(back.json["pass"]["state"], "cancelled");
}

TEST_F(Passes, AnIssueWithoutItsAuthorityHereIsNotTakenBack) {
    sell_electronic();
    const Heard sold = post("/v1/passes/issue", R"({"plan":"e10","tender":"cash"})");
    centre.is_up = false;
    EXPECT_EQ(post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}").code(),
              "authority_elsewhere");
}

TEST_F(Passes, APlanInDraftIsNotSold) {
    sell_electronic(PlanState::draft);
    EXPECT_EQ(post("/v1/passes/issue", R"({"plan":"e10","tender":"cash"})").status, 400);
    EXPECT_TRUE(centre.issued_ids.empty());
}

TEST_F(Passes, LookAlikesInACodeOfDigitsAreReadAsTheDigits) {
    Plan digits;
    digits.id = PlanId{"digits"};
    digits.business = BusinessId{"aroma"};
    digits.currency = Currency::parse("EUR").value();
    digits.value_min = digits.value_max = Amount{500};
    digits.code = {.alphabet = Alphabet::numeric, .length = 8};
    digits.offline = true;
    know_value("plan", "digits", journal::to_value(digits));
    pass("p-digits", "digits", "01580012", Amount{500});
    open_shop();
    EXPECT_EQ(post("/v1/passes/check", R"({"code":"OI5B-OO1Z"})").json["pass"]["id"], "p-digits");
    EXPECT_EQ(post("/v1/scans", R"({"data":"oisb0012"})").json["pass"]["id"], "p-digits");
    EXPECT_EQ(redeem_into(R"({"new":true})", "o158oo12").status, 201);
    EXPECT_EQ(post("/v1/wallets/lookup", R"({"pass_code":"OI58OOI2"})").status, 200);
    // Among letters and digits nothing is exchanged.
    EXPECT_EQ(post("/v1/passes/check", R"({"code":"G1FT2X4567ABC"})").code(), "pass_unknown");
}

TEST_F(Passes, AnElectronicPassIsIssuedAtTheCentreAndShownOnce) {
    EXPECT_EQ(post("/v1/passes/issue", R"({"plan":"gift25","tender":"cash","print":false})").status, 400);  // printed
    sell_electronic();
    const std::string order = R"({"plan":"e10","tender":"cash","print":true})";
    const Heard got = post("/v1/passes/issue", order, "k1");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.json["code"], "EEEE2222FFFF3");
    EXPECT_EQ(got.json["receipt"]["number"], "NIC1-1");
    EXPECT_EQ(got.json["print_job"]["state"], "failed");  // no printer here, and that is said
    EXPECT_EQ(got.json["print_job"]["why"], "device_unknown");
    EXPECT_EQ(got.json["entry"]["seq"], entries());
    EXPECT_EQ(store_->facts().entry(entries())->kind, "pass_issued");
    const Heard again = post("/v1/passes/issue", order, "k1");
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_TRUE(again.json["code"].is_null());
    EXPECT_TRUE(again.json["pin"].is_null());
    EXPECT_EQ(centre.issued_ids.size(), 1u);
    centre.is_up = false;
    EXPECT_EQ(post("/v1/passes/issue", order, "k2").code(), "link_required");
}

TEST_F(Passes, AScanTellsWhatItIs) {
    const auto kind = [this](const std::string& data) {
        return post("/v1/scans", R"({"data":")" + data + "\"}").json["kind"].get<std::string>();
    };
    EXPECT_EQ(kind("C1"), "product");
    EXPECT_EQ(kind("]E0C1"), "product");
    EXPECT_EQ(kind(gift_code), "pass");
    EXPECT_EQ(kind("hello"), "unknown");
    ASSERT_EQ(redeem_into(R"({"new":true})").status, 201);
    EXPECT_EQ(kind(gift_code), "wallet");
    EXPECT_EQ(kind("NIC1-1"), "receipt");
    const Heard pinned = post("/v1/scans", R"({"data":"PINS2X4567ABC"})");
    EXPECT_EQ(pinned.json["pass"].size(), 3u) << pinned.body;
}

}  // namespace
}  // namespace obol::agent::testing
