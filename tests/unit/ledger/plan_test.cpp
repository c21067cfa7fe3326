// Plans: draft, activation, freezing, copies, room for codes, custom fields, the print shop's export.

#include <set>

#include "tests/unit/ledger/admin_fixture.hpp"

namespace obol::ledger {
namespace {

class Plans : public Admin {
protected:
    static json printed(const std::string& id, int count, bool sold = true) {
        json plan = cafe()["plans"][0];
        plan["id"] = id;
        plan["count"] = count;
        plan["sold"] = sold;
        plan["pin"] = false;
        plan["code"] = {{"alphabet", "alphanumeric"}, {"prefix", ""}, {"suffix", ""}, {"length", 13}};
        return plan;
    }
    static json electronic(const std::string& id) {
        json plan = printed(id, 0);
        plan["printed"] = false;
        return plan;
    }
    std::string state_of(const std::string& plan) { return get("/plans/" + plan).body["state"]; }
};

TEST_F(Plans, ANewOneIsADraftAndAnImportedOneIsActive) {
    const Got got = post("/plans", printed("batch", 3));
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.body["state"], "draft");
    EXPECT_EQ(got.body["passes"], 0);
    EXPECT_EQ(got.body["count"], 3);
    EXPECT_EQ(got.body["entropy_bits"], 64.4);
    EXPECT_TRUE(got.body["usable_offline"]);
    EXPECT_EQ(state_of("gift25"), "active");
    EXPECT_EQ(get("/plans/gift25").body["passes"], 2);
    EXPECT_EQ(get("/plans/number").body["offline"], nullptr);
    EXPECT_FALSE(get("/plans/number").body["usable_offline"]);
    EXPECT_EQ(get("/plans/nobody").code(), "plan_unknown");
}

TEST_F(Plans, APrintedOneMakesAllItsPassesAsDraftsWhenItIsActivated) {
    post("/plans", printed("batch", 3));
    EXPECT_EQ(post("/plans/batch/passes", {{"count", 1}}).code(), "plan_draft");
    EXPECT_EQ(post("/plans/batch/activate", {{"venue", "moon"}}).body["errors"][0]["pointer"], "/venue");
    const Got got = post("/plans/batch/activate", {{"venue", "nic"}}, Role::finance, "go");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.body["remaining"], 0);
    EXPECT_EQ(got.body["plan"]["state"], "active");
    EXPECT_EQ(got.body["plan"]["passes"], 3);
    ASSERT_EQ(got.body["items"].size(), 3U);
    for (const auto& item : got.body["items"]) {
        EXPECT_EQ(item.size(), 2U) << "an id and a state, no code: " << item;
        const Got pass = get("/passes/" + item["id"].get<std::string>());
        EXPECT_EQ(pass.body["state"], "draft");
        EXPECT_EQ(pass.body["venue"], "nic");
        EXPECT_EQ(pass.body["centre"], 1);
    }
    EXPECT_EQ(post("/plans/batch/activate", {{"venue", "nic"}}, Role::finance, "go").body, got.body);
    EXPECT_EQ(post("/plans/batch/activate", json::object()).code(), "plan_already_active");
    EXPECT_EQ(post("/plans/batch/passes", {{"count", 1}}).code(), "plan_complete");
    EXPECT_EQ(post("/plans/nobody/activate", json::object()).code(), "plan_unknown");
    EXPECT_EQ(post("/plans/batch/activate", json::object(), Role::support).status, 403);
}

TEST_F(Plans, PassesGivenAwayAreActiveAtOnceWithTheirMoney) {
    post("/plans", printed("free", 2, false));
    const Got got = post("/plans/free/activate", json::object());
    ASSERT_EQ(got.status, 201) << got.body;
    for (const auto& item : got.body["items"]) {
        EXPECT_EQ(item["state"], "active");
        EXPECT_EQ(books.balance("pass:" + item["id"].get<std::string>()).minor, 2500);
    }
}

TEST_F(Plans, AnElectronicOneIsActivatedAndIssuesOnRequest) {
    post("/plans", electronic("e25"));
    const Got got = post("/plans/e25/activate", json::object());
    EXPECT_EQ(got.body["items"], json::array());
    EXPECT_EQ(state_of("e25"), "active");
    post("/plans", electronic("e26"));
    EXPECT_EQ(post("/plans/e26/passes", {{"count", 1}}).status, 201);
    EXPECT_EQ(state_of("e26"), "active") << "its first pass ends the draft";
}

TEST_F(Plans, OneMayChangeUntilItHasAPass) {
    post("/plans", printed("batch", 2));
    const Got got = patch("/plans/batch", {{"name", "Autumn"}, {"value", {{"min", 500}, {"max", 900}}}, {"pool", nullptr}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body["name"], "Autumn");
    EXPECT_EQ(got.body["value"], json::parse(R"({"min":500,"max":900})"));
    EXPECT_EQ(got.body["pool"], nullptr);
    EXPECT_EQ(got.body["state"], "draft");
    EXPECT_EQ(got.body["count"], 2);
    EXPECT_EQ(patch("/plans/batch", {{"id", "other"}}).body["errors"][0]["pointer"], "/id");
    EXPECT_EQ(patch("/plans/batch", {{"state", "active"}}).body["errors"][0]["pointer"], "/state");
    EXPECT_EQ(patch("/plans/batch", {{"pool", "none"}}).body["errors"][0]["pointer"], "/pool");
    EXPECT_EQ(patch("/plans/batch", {{"type", "promotion"}}).body["errors"][0]["pointer"], "/value");
    EXPECT_EQ(patch("/plans/batch", json::array()).status, 400);
    EXPECT_EQ(patch("/plans/nobody", {{"name", "x"}}).code(), "plan_unknown");

    ASSERT_EQ(post("/plans/batch/activate", json::object()).status, 201);
    EXPECT_EQ(patch("/plans/batch", {{"name", "Winter"}}).code(), "plan_frozen");
    EXPECT_EQ(patch("/plans/batch", {{"name", "Autumn"}}).status, 200) << "as it is";
    EXPECT_EQ(get("/plans/batch").body["name"], "Autumn");
}

TEST_F(Plans, TheSameContentMayBePostedAndImportedAgainAndOtherContentNot) {
    json plan = cafe()["plans"][0];
    EXPECT_EQ(post("/plans", plan).status, 200);
    plan["fields"] = {{"colour", "red"}};
    EXPECT_EQ(post("/plans", plan).code(), "plan_frozen");
    json document = cafe();
    document["plans"][0]["count"] = 9;
    EXPECT_EQ(faults_of(document), std::vector<std::string>{"/plans/0"});
    EXPECT_EQ(faults_of(cafe()), std::vector<std::string>{});
}

TEST_F(Plans, ACopyIsADraftWithoutPasses) {
    const Got got = post("/plans/gift25/copy", {{"id", "gift25b"}, {"name", "Again"}});
    ASSERT_EQ(got.status, 201) << got.body;
    json expected = get("/plans/gift25").body;
    expected.update(json{{"id", "gift25b"}, {"name", "Again"}, {"state", "draft"}, {"passes", 0}});
    EXPECT_EQ(got.body, expected);
    EXPECT_EQ(patch("/plans/gift25b", {{"pin", false}}).status, 200);
    const Got named = post("/plans/gift25/copy", json::object());
    EXPECT_EQ(named.body["name"], "Gift 25");
    EXPECT_EQ(named.body["id"].get<std::string>().size(), 36U);
    EXPECT_EQ(post("/plans/gift25/copy", {{"id", "number"}}).body["errors"][0]["pointer"], "/id");
    EXPECT_EQ(post("/plans/nobody/copy", json::object()).code(), "plan_unknown");
}

TEST_F(Plans, OneWhoseCodesCannotBeUniqueIsNotActivated) {
    json plan = printed("few", 10'000, false);
    plan["code"] = {{"alphabet", "numeric"}, {"length", 7}};
    plan["count"] = 10'001;
    post("/plans", plan);
    EXPECT_EQ(post("/plans/few/activate", json::object()).code(), "codes_exhausted");
    EXPECT_EQ(state_of("few"), "draft");
    EXPECT_EQ(count("SELECT count(*) FROM pass_secret WHERE plan = 'few'"), 0);
}

TEST_F(Plans, PlansWhoseFormsMeetShareOneStockOfCodes) {
    json big = printed("big", 6'000);
    big["code"] = {{"alphabet", "numeric"}, {"prefix", "AB"}, {"length", 7}};
    post("/plans", big);
    const Got first = post("/plans/big/activate", json::object());
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.body["items"].size(), 5'000U);
    EXPECT_EQ(first.body["remaining"], 1'000);
    const Got rest = post("/plans/big/activate", json::object());
    EXPECT_EQ(rest.body["items"].size(), 1'000U);
    EXPECT_EQ(rest.body["remaining"], 0);

    big["id"] = "other";
    post("/plans", big);
    EXPECT_EQ(post("/plans/other/activate", json::object()).code(), "codes_exhausted") << "6,000 and 6,000";
    big["id"] = "apart";
    big["code"]["prefix"] = "AC";
    post("/plans", big);
    EXPECT_EQ(post("/plans/apart/activate", json::object()).status, 201);
    EXPECT_EQ(count("SELECT count(DISTINCT code_hmac) FROM pass_secret"), 3 + 6'000 + 5'000);
}

TEST_F(Plans, CustomFieldsAreInheritedAndEditablePerPass) {
    json plan = electronic("e25");
    plan["fields"] = {{"colour", "red"}, {"shelf", "A4"}};
    ASSERT_EQ(post("/plans", plan).body["fields"], plan["fields"]);
    const std::string id = post("/plans/e25/passes", {{"count", 1}, {"contact", "maria"}}).body["items"][0]["id"];
    const std::string at = "/passes/" + id;
    EXPECT_EQ(get(at).body["fields"], plan["fields"]);
    EXPECT_EQ(get(at).body["contact"], "maria");
    EXPECT_EQ(patch(at, {{"fields", {{"colour", "blue"}, {"owner", "Μαρία"}}}}).body["fields"],
              json::parse(R"({"colour":"blue","owner":"Μαρία","shelf":"A4"})"));
    EXPECT_EQ(patch(at, {{"fields", {{"colour", nullptr}}}}).body["fields"],
              json::parse(R"({"colour":"red","owner":"Μαρία","shelf":"A4"})"));
    EXPECT_EQ(patch(at, {{"fields", {{"colour", 7}}}}).body["errors"][0]["pointer"], "/fields/colour");
    EXPECT_EQ(patch(at, {{"fields", {{"", "x"}}}}).body["errors"][0]["pointer"], "/fields/");
    EXPECT_EQ(patch(at, {{"fields", "red"}}).body["errors"][0]["pointer"], "/fields");
    EXPECT_EQ(get("/plans/e25").body["fields"], plan["fields"]);
    // No venue needs to know.
    EXPECT_FALSE(books.fact("pass", id)->contains("fields"));
    EXPECT_EQ(post("/plans/e25/passes", {{"count", 1}, {"contact", "nobody"}}).body["errors"][0]["pointer"], "/contact");
}

TEST_F(Plans, TheExportShowsCodesAndPinsOnceAndNoPinAgain) {
    json plan = printed("batch", 3);
    plan["pin"] = true;
    post("/plans", plan);
    post("/plans/batch/activate", json::object());
    const Got first = post("/plans/batch/export", {{"limit", 2}}, Role::finance, "shop");
    ASSERT_EQ(first.status, 201) << first.body;
    ASSERT_EQ(first.body["items"].size(), 2U);
    for (const auto& item : first.body["items"]) {
        const std::string code = item["code"], pin = item["pin"];
        const auto secrets = secrets_by_digest(books, keys, digest_of_code(code));
        ASSERT_TRUE(secrets);
        EXPECT_EQ(secrets->pass.text, item["id"]);
        EXPECT_TRUE(crypto::check_pin(secrets->pin_verifier, pin, code));
    }
    const Got replayed = post("/plans/batch/export", {{"limit", 2}}, Role::finance, "shop");
    EXPECT_EQ(replayed.body["items"][0]["code"], nullptr);
    const Got rest = post("/plans/batch/export", {{"after", first.body["next"]}});
    EXPECT_EQ(rest.body["items"].size(), 1U);
    EXPECT_EQ(rest.body["next"], nullptr);
    const Got again = post("/plans/batch/export", json::object());
    ASSERT_EQ(again.body["items"].size(), 3U);
    EXPECT_EQ(again.body["items"][0]["code"], first.body["items"][0]["code"]);
    for (const auto& item : again.body["items"]) EXPECT_EQ(item["pin"], nullptr);
    EXPECT_EQ(count("SELECT count(*) FROM pass_secret WHERE plan = 'batch' AND pin_sealed IS NOT NULL"), 0);
    EXPECT_EQ(post("/plans/nobody/export", json::object()).code(), "plan_unknown");
    EXPECT_EQ(post("/plans/batch/export", json::object(), Role::support).status, 403);
}

TEST_F(Plans, ACodeIsSentAgainWhileItIsGoodForSomething) {
    const json made = post("/plans/any/passes", {{"count", 1}, {"value", 700}, {"contact", "maria"}}).body["items"][0];
    const std::string at = "/passes/" + made["id"].get<std::string>();
    const Got got = post(at + "/resend", json::object(), Role::support, "again");
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.body["code"], made["code"]);
    EXPECT_EQ(got.body["contact"]["phone"], "+35799000001");
    EXPECT_EQ(post(at + "/resend", json::object(), Role::support, "again").body["code"], nullptr);
    patch(at, {{"state", "cancelled"}});
    EXPECT_EQ(post(at + "/resend", json::object()).code(), "pass_cancelled");
    EXPECT_EQ(post("/passes/none/resend", json::object()).code(), "pass_unknown");
}

TEST_F(Plans, APassPastItsRedeemByShowsAsExpired) {
    const std::string at = "/passes/" + pass_of("ABCDEFGHJKMNP").text;
    EXPECT_EQ(get(at).body["state"], "active");
    clock.at += std::chrono::days{400};
    EXPECT_EQ(get(at).body["state"], "expired");
    EXPECT_EQ(post(at + "/resend", json::object()).code(), "pass_expired");
    EXPECT_EQ(patch(at, {{"redeem_by", "2030-01-01T00:00:00+02:00"}}).body["state"], "active");
}

TEST_F(Plans, Trap56TwoCodesOfOneImportThatReadTheSameAreRefused) {
    json document = cafe();
    document["passes"].push_back({{"plan", "gift25"}, {"code", "abcd efgh jkmnp"}, {"pin", "1111"}});
    EXPECT_EQ(faults_of(document), std::vector<std::string>{"/passes/3/code"});
    // And one that another plan's pass has already, in whatever dress.
    document = cafe();
    document["passes"] = json::array({{{"plan", "any"}, {"code", "]C1abcd-efgh-jkmnp"}, {"value", 500}}});
    EXPECT_EQ(faults_of(document), std::vector<std::string>{"/passes/0/code"});
}

}  // namespace
}  // namespace obol::ledger
