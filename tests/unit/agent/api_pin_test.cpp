// PINs: counted before they are compared, three lock, a wrong one tells nothing.

#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Pins : public Counter {
protected:
    Pins() { stock(); }

    Heard check(const std::string& pin, const std::string& code = pin_code) {
        const std::string with = pin.empty() ? "" : R"(,"pin":")" + pin + "\"";
        return post("/v1/passes/check", R"({"code":")" + code + "\"" + with + "}");
    }
    Heard redeem_with(const std::string& pin, const std::string& key = "*") {
        return post("/v1/passes/redeem", R"({"code":")" + std::string(pin_code) + R"(","pin":")" + pin +
                                             R"(","wallet":{"id":"w1"}})", key);
    }
    int kinds(std::string_view kind) {
        int count = 0;
        for (std::int64_t seq = 1; seq <= entries(); ++seq) count += store_->facts().entry(seq)->kind == kind;
        return count;
    }
};

TEST_F(Pins, ARightOneShowsWhatThePassIs) {
    const Heard got = check("1234");
    EXPECT_EQ(got.status, 200);
    EXPECT_TRUE(got.json["redeemable"]) << got.body;
    EXPECT_EQ(got.json["pass"]["value"]["amount"], 4000);
    EXPECT_EQ(got.json["pass"]["pool"]["name"], "Spend anywhere within a year");
    EXPECT_EQ(got.json["pass"]["state"], "active");
}

TEST_F(Pins, AMissingOrWrongOneShowsTypePinAndDisplayAlone) {
    for (const std::string pin : {"", "9999"}) {
        const Heard got = check(pin);
        EXPECT_EQ(got.status, 200);
        EXPECT_FALSE(got.json["redeemable"]);
        EXPECT_EQ(got.json["pass"].size(), 3u) << got.body;
        EXPECT_EQ(got.json["pass"]["pin"], "required");
        EXPECT_EQ(got.json["reasons"][0]["code"], pin.empty() ? "pin_required" : "pin_incorrect");
        EXPECT_EQ(got.body.find("4000"), std::string::npos);
        EXPECT_EQ(got.body.find("p-pin"), std::string::npos);
    }
}

TEST_F(Pins, TwoWrongThenARightOneSetsTheCountToZero) {
    EXPECT_EQ(redeem_with("0001").json["reasons"][0]["attempts_left"], 2);
    EXPECT_EQ(redeem_with("0002").json["reasons"][0]["attempts_left"], 1);
    EXPECT_TRUE(check("1234").json["redeemable"]);
    EXPECT_EQ(check("0003").json["reasons"][0]["attempts_left"], 2);
    EXPECT_EQ(kinds("pin_locked"), 0);
}

TEST_F(Pins, EachWrongOneIsToldToTheCentreAndARightOneAfterItToo) {
    redeem_with("0001");
    redeem_with("0002");
    EXPECT_EQ(kinds("pin_tried"), 2);
    check("1234");
    EXPECT_EQ(kinds("pin_tried"), 3);
    check("1234");
    EXPECT_EQ(kinds("pin_tried"), 3);  // nothing to take back
}

TEST_F(Pins, ThoseMadeAtTheCentreCountHereToo) {
    std::optional<wire::Fact> known;
    for (const wire::Fact& fact : told()) {
        if (fact.id == "p-pin") known = fact;
    }
    ASSERT_TRUE(known);
    known->body["wrong_pins"] = 2;
    tell(*known);
    EXPECT_EQ(redeem_with("0001").status, 423);
    EXPECT_EQ(redeem_with("1234").status, 423);
    EXPECT_EQ(kinds("pin_locked"), 1);
}

TEST_F(Pins, TheThirdWrongOneLocksAndIsJournaled) {
    redeem_with("0001");
    redeem_with("0002");
    const Heard third = redeem_with("0003");
    EXPECT_EQ(third.status, 423);
    EXPECT_EQ(third.code(), "pass_locked");
    EXPECT_EQ(kinds("pin_locked"), 1);

    EXPECT_EQ(redeem_with("1234").status, 423);  // the right one is too late
    EXPECT_EQ(check("1234").json["pass"]["pin"], "locked");
    EXPECT_EQ(kinds("pin_locked"), 1);
    EXPECT_EQ(funds("pass:p-pin").held, Amount{4000});
}

TEST_F(Pins, AManagerUnlocksAndSaysWhy) {
    for (const char* pin : {"0001", "0002", "0003"}) check(pin);
    const Heard got = post("/v1/passes/unlock", R"({"code":"PINS2X4567ABC","reason":"customer at the counter"})", "*", "manager");
    EXPECT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(kinds("pin_unlocked"), 1);
    EXPECT_TRUE(check("1234").json["redeemable"]);
}

TEST_F(Pins, ManyWrongOnesAtOnceAreComparedOnlyAsOftenAsIsLeft) {
    std::vector<Ask> asks;
    for (int i = 0; i < 12; ++i) {
        Ask ask;
        ask.path = "/v1/passes/check";
        ask.body = R"({"code":"PINS2X4567ABC","pin":"0)" + std::to_string(100 + i) + "\"}";
        asks.push_back(ask);
    }
    int incorrect = 0, locked = 0;
    for (const Heard& got : send_together(asks)) {
        const std::string code = got.json["reasons"][0]["code"];
        incorrect += code == "pin_incorrect";
        locked += code == "pass_locked";
    }
    EXPECT_EQ(incorrect, 2);  // the third is answered as the lock
    EXPECT_EQ(locked, 10);
    EXPECT_EQ(kinds("pin_locked"), 1);
    EXPECT_FALSE(check("1234").json["redeemable"]);
}

TEST_F(Pins, ManyRightOnesAtOnceLockNothing) {
    Ask ask;
    ask.path = "/v1/passes/check";
    ask.body = R"({"code":"PINS2X4567ABC","pin":"1234"})";
    for (const Heard& got : send_together(std::vector<Ask>(8, ask))) EXPECT_TRUE(got.json["redeemable"]) << got.body;
    EXPECT_EQ(kinds("pin_locked"), 0);
}

TEST_F(Pins, TheSameWrongPinSaysTheSameOfADraftABlockedAndAnExpiredPass) {
    std::vector<std::string> bodies;
    for (const char* code : {"STAT2X4567ABA", "STAT2X4567ABB", "STAT2X4567ABC", "STAT2X4567ABD"}) {
        nlohmann::json body = check("9999", code).json;
        EXPECT_EQ(body["reasons"][0]["code"], "pin_incorrect") << code;
        body["pass"].erase("display");
        bodies.push_back(body.dump());
    }
    for (const std::string& body : bodies) EXPECT_EQ(body, bodies.front());
}

TEST_F(Pins, CustomerTextIsOneForEveryFaultOfCodeAndPin) {
    const Heard wrong = redeem_with("0001");
    const Heard unknown = post("/v1/passes/redeem", R"({"code":"NONE-AT-ALL-THAT-IS-KNOWN","pin":"1234","wallet":{"id":"w1"}})");
    EXPECT_EQ(unknown.code(), "pass_unknown");
    EXPECT_EQ(wrong.json["customer_text"], unknown.json["customer_text"]);
}

TEST_F(Pins, WithoutAuthorityTheCentreChecksThePin) {
    std::string given;
    centre.answer_pass = [&given](const wire::PassAsk& ask) {
        given = ask.pin ? ask.pin->reveal() : "";
        wire::PassAnswer answer;
        answer.pass = Map{{"id", "p-away"}, {"plan", "pinned"}, {"state", "active"}, {"value", 4000}, {"display", "•••"}};
        answer.pin_state = given == "1234" ? "right" : "incorrect";
        answer.attempts_left = 1;
        return answer;
    };
    const Heard wrong = check("0001", "AWAY2X4567ABC");
    EXPECT_EQ(wrong.json["reasons"][0]["code"], "pin_incorrect");
    EXPECT_EQ(wrong.json["reasons"][0]["attempts_left"], 1);
    EXPECT_EQ(store_->facts().pass(PassId{"p-away"})->wrong_pins, 0);
    EXPECT_TRUE(check("1234", "AWAY2X4567ABC").json["redeemable"]);
    EXPECT_EQ(given, "1234");

    centre.is_up = false;
    const Heard offline = check("1234", "AWAY2X4567ABC");
    EXPECT_EQ(offline.json["reasons"][0]["code"], "authority_elsewhere");
    EXPECT_EQ(offline.json["pass"].size(), 3u);
}

TEST_F(Pins, UnknownCodesAreThrottledPerTerminalBeforeAnyLookUp) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(check("", "NOT-OF-ANY-FORM-" + std::to_string(i)).code(), "pass_unknown");
    }
    const Heard refused = check("", gift_code);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.code(), "too_many_attempts");
    EXPECT_EQ(refused.json["retry_after"], 60);
    EXPECT_EQ(refused.header("retry-after"), "60");
    EXPECT_EQ(post("/v1/scans", R"({"data":"GIFT2X4567ABC"})").status, 429);

    const std::string other = token_for("T2", Role::pos);
    EXPECT_EQ(post("/v1/passes/check", R"({"code":"GIFT2X4567ABC"})", "", other).status, 200);
    clock.moment += std::chrono::seconds(61);
    EXPECT_EQ(check("", gift_code).status, 200);
}

TEST_F(Pins, UnknownCodesAreThrottledForTheVenueToo) {
    int evaluated = 0;
    for (int terminal = 0; terminal < 5; ++terminal) {
        const std::string token = token_for("G" + std::to_string(terminal), Role::pos);
        for (int i = 0; i < 10; ++i) {
            const Heard got = post("/v1/passes/check", R"({"code":"NOT-OF-ANY-FORM-AT-ALL"})", "", token);
            evaluated += got.status == 404;
        }
    }
    EXPECT_EQ(evaluated, 30);
}

TEST_F(Pins, ScansCountOnlyWhatHasTheFormOfACode) {
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(post("/v1/scans", R"({"data":"501234567890"})").json["kind"], "unknown");
    }
    EXPECT_EQ(check("", gift_code).status, 200);
}

}  // namespace
}  // namespace obol::agent::testing
