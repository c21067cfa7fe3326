#include "tests/unit/ledger/admin_fixture.hpp"

#include <set>

namespace obol::ledger {
namespace {

TEST_F(Admin, RefusesPagesOfOtherOriginsBeforeAnythingElse) {
    const auto from = [this](std::vector<std::pair<std::string, std::string>> more) {
        auto made = request("GET", "/devices");
        made.headers.emplace_back("host", "127.0.0.1:8490");
        for (auto& header : more) made.headers.push_back(std::move(header));
        return send(made);
    };
    EXPECT_EQ(from({{"origin", "https://shop.example"}}).code(), "origin_refused");
    EXPECT_EQ(from({{"origin", "null"}}).status, 403);
    EXPECT_EQ(from({{"sec-fetch-site", "cross-site"}}).code(), "origin_refused");
    EXPECT_EQ(from({{"origin", "https://127.0.0.1:8490"}, {"sec-fetch-site", "same-origin"}}).status, 200);
    EXPECT_EQ(from({}).status, 200);
}

TEST_F(Admin, RefusesInTheOrderOfTheContract) {
    EXPECT_EQ(get("/nothing").status, 404);
    EXPECT_EQ(get("/wallets/a%20b").code(), "not_found") << "not the form of an id";
    const Got wrong_method = send(request("DELETE", "/devices"));
    EXPECT_EQ(wrong_method.code(), "method_not_allowed");
    EXPECT_EQ(wrong_method.header("Allow"), "GET");

    auto made = request("GET", "/devices");
    made.headers[0].second = "Bearer " + std::string(52, 'a');
    EXPECT_EQ(send(made).code(), "unauthenticated");
    made.headers.clear();
    EXPECT_EQ(send(made).status, 401);
    EXPECT_EQ(send(made).header("WWW-Authenticate"), "Bearer");

    made = request("GET", "/devices");
    made.headers.emplace_back("accept", "text/csv");
    EXPECT_EQ(send(made).code(), "not_acceptable");

    made = request("POST", "/venues/nic/enrolment-tokens", "{}");
    EXPECT_EQ(send(made).code(), "idempotency_key_missing");
    made.headers.emplace_back("idempotency-key", "with space");
    EXPECT_EQ(send(made).code(), "idempotency_key_missing");
    made.headers[1].second = "text/plain";
    EXPECT_EQ(send(made).code(), "unsupported_media_type");
    made = request("POST", "/venues/nic/enrolment-tokens", "{");
    EXPECT_EQ(send(made).code(), "malformed_request");
    EXPECT_EQ(count("SELECT count(*) FROM enrolment_token"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM answer"), 0);
}

TEST_F(Admin, EveryRoleReadsAndEachActsInItsOwnField) {
    const json patchable{{"state", "blocked"}};
    const std::string pass = "/passes/" + pass_of("ABCDEFGHJKMNP").text;
    for (const Role role : {Role::admin, Role::finance, Role::support, Role::readonly}) {
        EXPECT_EQ(get("/exposure", role).status, 200);
    }
    EXPECT_EQ(post("/venues/nic/enrolment-tokens", json::object(), Role::finance).code(), "forbidden");
    EXPECT_EQ(post("/plans/any/passes", {{"count", 1}, {"value", 500}}, Role::support).code(), "forbidden");
    EXPECT_EQ(post("/contacts", {{"name", "N"}}, Role::finance).code(), "forbidden");
    EXPECT_EQ(patch(pass, patchable, Role::readonly).code(), "forbidden");
    EXPECT_EQ(patch(pass, patchable, Role::support).status, 200);
    EXPECT_EQ(patch(pass, {{"state", "active"}}, Role::support).status, 200);
    EXPECT_EQ(patch(pass, {{"state", "cancelled"}}, Role::support).code(), "forbidden");
    EXPECT_EQ(patch(pass, {{"state", "cancelled"}}, Role::finance).status, 200);
}

TEST_F(Admin, TheSameKeyGivesTheFirstAnswerAgain) {
    const json order{{"amount", 500}, {"business", "aroma"}};
    const Got first = post("/wallets/w1/top-ups", order, Role::admin, "top");
    ASSERT_EQ(first.status, 201) << first.body;
    auto same = request("POST", "/wallets/w1/top-ups", R"( {"business": "aroma", "amount": 500} )");
    same.headers.emplace_back("idempotency-key", "top");
    const Got again = send(same);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.reply.body, first.reply.body);
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(books.balance("business:w1:aroma").minor, 1700);

    const Got other = post("/wallets/w1/top-ups", {{"amount", 501}, {"business", "aroma"}}, Role::admin, "top");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.code(), "idempotency_key_reused");
    EXPECT_EQ(post("/wallets/w1/top-ups", order, Role::finance, "top").status, 201) << "another user's key";
    EXPECT_EQ(books.balance("business:w1:aroma").minor, 2200);
}

TEST_F(Admin, AKeyBelongsToTheUserNotToTheToken) {
    const json order{{"amount", 500}, {"business", "aroma"}};
    post("/wallets/w1/top-ups", order, Role::admin, "top");
    tokens[Role::admin] = token(Role::admin);
    EXPECT_EQ(post("/wallets/w1/top-ups", order, Role::admin, "top").header("Idempotency-Replayed"), "true");
}

TEST_F(Admin, ARefusalOfARuleIsKeptAndAMalformedRequestIsNot) {
    EXPECT_EQ(post("/wallets/w9/top-ups", {{"amount", 1}, {"business", "aroma"}}, Role::admin, "a").code(), "wallet_unknown");
    EXPECT_EQ(post("/wallets/w9/top-ups", {{"amount", 1}, {"business", "aroma"}}, Role::admin, "a").header("Idempotency-Replayed"), "true");
    EXPECT_EQ(post("/wallets/w1/top-ups", {{"amount", 0}, {"business", "aroma"}}, Role::admin, "b").status, 400);
    EXPECT_EQ(post("/wallets/w1/top-ups", {{"amount", 1}, {"business", "aroma"}}, Role::admin, "b").status, 201);
}

TEST_F(Admin, IssuedPassesHaveUniqueCodesShownOnce) {
    const Got got = post("/plans/any/passes", {{"count", 40}, {"value", 700}, {"venue", "nic"}}, Role::finance, "issue");
    ASSERT_EQ(got.status, 201) << got.body;
    std::set<std::string> codes;
    for (const auto& item : got.body["items"]) {
        codes.insert(item["code"].get<std::string>());
        EXPECT_FALSE(item.contains("pin"));
    }
    EXPECT_EQ(codes.size(), 40U);
    const std::string id = got.body["items"][0]["id"];
    EXPECT_EQ(pass_of(*codes.begin()).text.size(), id.size());
    EXPECT_EQ(books.balance("pass:" + id).minor, 700);
    EXPECT_EQ(books.subject("pass:" + id)->home, VenueId{"nic"});

    const Got again = post("/plans/any/passes", {{"count", 40}, {"value", 700}, {"venue", "nic"}}, Role::finance, "issue");
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(again.body["items"][0]["id"], id);
    EXPECT_EQ(again.body["items"][0]["code"], nullptr);
    EXPECT_EQ(count("SELECT count(*) FROM answer WHERE body LIKE '%" + *codes.begin() + "%'"), 0);
}

TEST_F(Admin, APrintedPlanIssuesDraftsWithAPin) {
    const Got got = post("/plans/gift25/passes", {{"count", 1}});
    ASSERT_EQ(got.status, 201) << got.body;
    const auto item = got.body["items"][0];
    EXPECT_EQ(item["pin"].get<std::string>().size(), 4U);
    const Got shown = get("/passes/" + item["id"].get<std::string>());
    EXPECT_EQ(shown.body["state"], "draft");
    EXPECT_EQ(shown.body["centre"], 1);
    EXPECT_EQ(shown.body["pin"], "required");
    const auto secrets = secrets_by_digest(books, keys, digest_of_code(item["code"].get<std::string>()));
    ASSERT_TRUE(secrets);
    EXPECT_TRUE(crypto::check_pin(secrets->pin_verifier, item["pin"].get<std::string>(), item["code"].get<std::string>()));
}

TEST_F(Admin, IssueIsRefusedByItsPlan) {
    EXPECT_EQ(post("/plans/none/passes", {{"count", 1}}).code(), "plan_unknown");
    EXPECT_EQ(post("/plans/any/passes", {{"count", 1}}).code(), "below_minimum");
    EXPECT_EQ(post("/plans/any/passes", {{"count", 1}, {"value", 5001}}).code(), "above_maximum");
    const Got none = post("/plans/any/passes", {{"count", 0}, {"value", 500}, {"venue", "moon"}});
    EXPECT_EQ(none.body["errors"][0]["pointer"], "/count");
    EXPECT_EQ(post("/plans/any/passes", {{"count", 1}, {"value", 500}, {"venue", "moon"}}).body["errors"][0]["pointer"], "/venue");
    EXPECT_EQ(count("SELECT count(*) FROM pass_secret"), 3);
}

TEST_F(Admin, APassIsBlockedUnblockedAndCancelled) {
    const PassId id = pass_of("ABCDEFGHJKMNP");
    const std::string at = "/passes/" + id.text;
    EXPECT_EQ(patch(at, {{"state", "active"}}).status, 200) << "as it is";
    EXPECT_EQ(patch(at, {{"state", "blocked"}}).body["state"], "blocked");
    EXPECT_EQ(patch(at, {{"state", "cancelled"}}).code(), "pass_blocked");
    EXPECT_EQ(patch(at, {{"state", "active"}}).body["state"], "active");
    EXPECT_EQ(patch(at, {{"state", "cancelled"}}).body["state"], "cancelled");
    EXPECT_EQ(books.balance(pass_subject(id)).minor, 0);
    EXPECT_EQ(patch(at, {{"state", "active"}}).code(), "pass_cancelled");
    EXPECT_EQ(patch("/passes/none", {{"state", "active"}}).code(), "pass_unknown");
    EXPECT_EQ(patch(at, {{"state", "redeemed"}}).body["errors"][0]["pointer"], "/state");
}

TEST_F(Admin, MoneyThatAVenueHoldsIsNotTakenFromTheCentre) {
    const PassId id = pass_of("ABCDEFGHJKMNP");
    db->run("INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, head_hash, enrolled_at) "
            "VALUES ('h1', 'nic', 'aroma', 'NIC1', x'00', '', x'00', x'00', 0)");
    db->run("INSERT INTO held (h, subject, minor) VALUES ('h1', ?, 2500)", pass_subject(id));
    db->run("UPDATE subject SET centre = 0 WHERE subject = ?", pass_subject(id));
    const Got refused = patch("/passes/" + id.text, {{"state", "cancelled"}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.code(), "authority_elsewhere");
    const Got shown = get("/passes/" + id.text);
    EXPECT_EQ(shown.body["state"], "active");
    EXPECT_EQ(shown.body["held"], json::parse(R"([{"venue":"nic","device":"NIC1","amount":2500}])"));
    EXPECT_EQ(get("/exposure").body, json::parse(
        R"({"allowances":[],"exposure":[{"amount":0,"currency":"EUR"}],"held":[{"venue":"nic","amount":2500,"currency":"EUR"}]})"));
}

TEST_F(Admin, AWrittenOffDeviceGivesBackAndCountsAsExposure) {
    const Subject pass = pass_subject(pass_of("ABCDEFGHJKMNP"));
    db->run("INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, head_hash, enrolled_at) "
            "VALUES ('h1', 'nic', 'aroma', 'NIC1', x'00', '', x'00', x'00', 0)");
    db->run("INSERT INTO held (h, subject, minor) VALUES ('h1', ?, 2500)", pass);
    db->run("UPDATE subject SET centre = 0 WHERE subject = ?", pass);
    const Got got = post("/devices/h1/write-off", {{"reason", "stolen"}});
    ASSERT_EQ(got.status, 201) << got.body;
    EXPECT_EQ(got.body["written_off"], json::parse(R"([{"amount":2500,"currency":"EUR"}])"));
    EXPECT_EQ(got.body["device"]["status"], "written_off");
    EXPECT_EQ(books.subject(pass)->centre.minor, 2500);
    EXPECT_EQ(get("/exposure").body["exposure"][0]["amount"], 2500);
    EXPECT_EQ(get("/exceptions?state=open").body["items"][0]["code"], "written_off");
    EXPECT_EQ(post("/devices/h1/write-off", json::object()).code(), "already_written_off");
    // Found again by a thief: the door is shut, and its suspense stays.
    const Got shut = post("/devices/h1/revoke", json::object());
    EXPECT_EQ(shut.body["status"], "written_off") << shut.body;
    EXPECT_EQ(shut.body["revoked"], true);
    EXPECT_EQ(post("/devices/h1/revoke", json::object()).code(), "already_revoked");
    EXPECT_EQ(post("/devices/h2/write-off", json::object()).code(), "device_unknown");
    EXPECT_EQ(get("/reconciliation").body["contradictions"], json::array());
}

TEST_F(Admin, AWriteOffInRecoveryShowsItsCeilingAndIsBorneExplicitly) {
    db->run("INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, head_hash, enrolled_at) "
            "VALUES ('h1', 'nic', 'aroma', 'NIC1', x'00', '', x'00', x'00', 0)");
    db->run("UPDATE meta SET value = 1 WHERE key = 'recovery'");
    db->run("INSERT INTO recovery_holder (h, state, listed) VALUES ('h1', 'awaited', 'active')");
    const Got refused = post("/devices/h1/write-off", json::object());
    EXPECT_EQ(refused.code(), "in_recovery");
    ASSERT_EQ(refused.body["ceiling"].size(), 1U) << refused.body;
    EXPECT_GT(refused.body["ceiling"][0]["amount"], 0);
    EXPECT_EQ(get("/reconciliation").body["awaited"][0]["id"], "h1");
    EXPECT_EQ(post("/devices/h1/write-off", {{"accept_risk", json::array()}}).code(), "in_recovery");
    EXPECT_EQ(post("/devices/h1/write-off", {{"accept_risk", {{{"amount", 1}}}}}).code(), "malformed_request");
    EXPECT_EQ(post("/devices/h1/write-off", {{"accept_risk", refused.body["ceiling"]}}).status, 201);
    EXPECT_EQ(get("/reconciliation").body["recovery"], false);
    EXPECT_EQ(get("/exposure").body["exposure"], refused.body["ceiling"]);
    EXPECT_EQ(post("/devices/h1/revoke", json::object()).body["revoked"], true);
}

TEST_F(Admin, T62_APinIsUnlockedAndSetAnew) {
    const PassId id = pass_of("ABCDEFGHJKMNP");
    db->run("UPDATE pass_secret SET pin_locked = 1, wrong_pins = 3 WHERE pass = ?", id.text);
    EXPECT_EQ(get("/passes/" + id.text).body["pin"], "locked");
    const Got got = patch("/passes/" + id.text, {{"pin_locked", false}, {"pin", "4321"}});
    EXPECT_EQ(got.body["pin"], "required");
    EXPECT_EQ(got.body["wrong_pins"], 0);
    const auto fact = *books.fact("pass", id.text);
    EXPECT_TRUE(crypto::check_pin(*fact.at("pin_verifier").text(), "4321", "ABCDEFGHJKMNP"));
    EXPECT_EQ(patch("/passes/" + id.text, {{"pin", "43"}}).body["errors"][0]["pointer"], "/pin");
}

TEST_F(Admin, AValueChangesWithinThePlanWithItsMoney) {
    const Got made = post("/plans/any/passes", {{"count", 1}, {"value", 700}});
    const std::string id = made.body["items"][0]["id"];
    EXPECT_EQ(patch("/passes/" + id, {{"value", 900}}).body["value"], 900);
    EXPECT_EQ(books.balance("pass:" + id).minor, 900);
    EXPECT_EQ(patch("/passes/" + id, {{"value", 499}}).code(), "below_minimum");
    EXPECT_EQ(books.balance("pass:" + id).minor, 900);
}

TEST_F(Admin, WhatWasPostedIsReadBackInTheSameShape) {
    const json pool = cafe()["pools"][0];
    json listed = get("/pools").body["items"][0];
    EXPECT_EQ(listed["version"], 1);
    listed.erase("version");
    EXPECT_EQ(listed, pool);
    const Got changed = post("/pools", json(pool).patch(json::parse(R"([{"op":"replace","path":"/name","value":"Happier"}])")));
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.body["version"], 2);
    EXPECT_EQ(get("/businesses").body["items"][0]["cutoff"], "04:00");
    EXPECT_EQ(get("/plans").body["items"][0]["value"], json::parse(R"({"min":500,"max":5000})"));
    json plan = cafe()["plans"][0];
    EXPECT_EQ(post("/plans", plan).status, 200);
    plan["name"] = "Another";
    EXPECT_EQ(post("/plans", plan).code(), "plan_frozen");
    plan["id"] = "gift25b";
    EXPECT_EQ(post("/plans", plan).status, 201);
    EXPECT_EQ(post("/venues", {{"id", "x"}, {"business", "none"}, {"name", "X"}, {"zone", "Asia/Nicosia"}}).body["errors"][0]["pointer"], "/business");
}

TEST_F(Admin, ListsGoOnWhereTheLastPageEnded) {
    for (int i = 0; i < 5; ++i) {
        post("/products", {{"business", "aroma"}, {"sku", "P" + std::to_string(i)}, {"name", "Product"}});
    }
    std::vector<std::string> skus;
    std::string after;
    for (int pages = 0; pages < 10; ++pages) {
        const Got got = get("/products?limit=2" + (after.empty() ? "" : "&after=" + after));
        ASSERT_EQ(got.status, 200);
        for (const auto& item : got.body["items"]) skus.push_back(item["sku"]);
        if (got.body["next"].is_null()) break;
        after = got.body["next"];
    }
    EXPECT_EQ(skus, (std::vector<std::string>{"C1", "P0", "P1", "P2", "P3", "P4"}));
    for (const char* bad : {"0", "501", "x", "1.5", ""}) {
        EXPECT_EQ(get(std::string("/products?limit=") + bad).code(), "malformed_request") << bad;
    }
}

TEST_F(Admin, AWalletShowsValueCentreAndHolders) {
    const Got got = get("/wallets/w1");
    EXPECT_EQ(got.body["pockets"], json::parse(R"({"personal":300,"business":1200,"commerce":5000})"));
    EXPECT_EQ(got.body["lots"][0]["pool"], json::parse(R"({"id":"happy","name":"Happy hour"})"));
    EXPECT_EQ(got.body["lots"][0]["centre"], 5000);
    EXPECT_EQ(got.body["lots"][0]["valid_until"], "2026-12-31T22:00:00Z");
    EXPECT_EQ(got.body["business"][0]["held"], json::array());
    EXPECT_EQ(get("/wallets/w1/breakdown").body["businesses"][0]["pools"][0]["amount"], 5000);
    EXPECT_EQ(get("/wallets/none").code(), "wallet_unknown");
}

TEST_F(Admin, ATopUpUnderAPoolMakesALotAtHome) {
    const Got got = post("/wallets/w1/top-ups", {{"amount", 800}, {"business", "aroma"}, {"pool", "happy"}, {"reference", "INV-7"}});
    ASSERT_EQ(got.status, 201) << got.body;
    const std::string lot = got.body["credited"]["lot"];
    EXPECT_EQ(got.body["credited"]["pocket"], "commerce");
    EXPECT_EQ(got.body["wallet"]["pockets"]["commerce"], 5800);
    EXPECT_EQ(books.subject("lot:" + lot)->home, VenueId{"nic"});
    EXPECT_EQ(post("/wallets/w1/top-ups", {{"amount", 1}, {"business", "none"}}).body["errors"][0]["pointer"], "/business");
    EXPECT_EQ(post("/wallets/w1/top-ups", {{"amount", 1}, {"business", "aroma"}, {"pool", "none"}}).body["errors"][0]["pointer"], "/pool");
    const Got last = get("/journal?limit=500");
    EXPECT_EQ(last.body["items"].back()["note"], "INV-7");
    EXPECT_EQ(last.body["items"].back()["source"], "admin:admin");
}

TEST_F(Admin, ALimitIsSetChangedAndLifted) {
    const json shape{{"id", "tops"}, {"business", "aroma"}, {"kind", "top_up"}, {"period", "week"}, {"most_count", 2}};
    const Got made = post("/limits", shape);
    EXPECT_EQ(made.status, 201) << made.reply.body;
    EXPECT_EQ(made.body["version"], 1);
    EXPECT_EQ(made.body["currency"], "EUR");
    EXPECT_EQ(made.body["wallet"], nullptr);
    EXPECT_EQ(made.body["most_amount"], nullptr);
    EXPECT_EQ(post("/limits", shape).status, 200);
    EXPECT_EQ(post("/limits", shape).body["version"], 1);
    json changed = shape;
    changed["most_count"] = nullptr;
    EXPECT_EQ(post("/limits", changed).body["version"], 2);
    EXPECT_EQ(get("/limits?business=aroma").body["items"].size(), 2U);
    EXPECT_EQ(get("/wallets/w1/limits").body["items"].size(), 1U) << "lifted";
    for (const json& bad : {json{{"business", "nobody"}}, json{{"wallet", "nobody"}}, json{{"period", "year"}},
                            json{{"least_amount", 5}}, json{{"most_count", -1}}, json{{"wallet", "w1"}},
                            json{{"period", "transaction"}}}) {
        json body = shape;
        body.update(bad);
        EXPECT_EQ(post("/limits", body).code(), "malformed_request") << bad;
    }
    EXPECT_EQ(post("/limits", shape, Role::finance).status, 403);
}

TEST_F(Admin, ALimitOfOneWalletReplacesTheOneBefore) {
    json shape{{"business", "aroma"}, {"kind", "debit"}, {"period", "day"}, {"most_amount", 1000}};
    const Got made = post("/wallets/w1/limits", shape, Role::finance);
    EXPECT_EQ(made.status, 201) << made.reply.body;
    EXPECT_EQ(made.body["id"], "w1-aroma-debit-day");
    EXPECT_EQ(made.body["wallet"], "w1");
    shape["most_amount"] = 2000;
    EXPECT_EQ(post("/wallets/w1/limits", shape).body["version"], 2);
    const Got all = get("/wallets/w1/limits");
    ASSERT_EQ(all.body["items"].size(), 2U);
    EXPECT_EQ(all.body["items"][1]["used"], (json{{"count", 0}, {"amount", 0}, {"resets_at", "2026-11-22T02:00:00Z"}}));
    EXPECT_EQ(post("/wallets/nobody/limits", shape).code(), "wallet_unknown");
    EXPECT_EQ(get("/wallets/nobody/limits").code(), "wallet_unknown");
    EXPECT_EQ(post("/wallets/w1/limits", shape, Role::support).status, 403);
}

TEST_F(Admin, ATopUpAtTheCentreKeepsTheLimits) {
    post("/wallets/w1/limits", {{"business", "aroma"}, {"kind", "top_up"}, {"period", "day"}, {"most_amount", 700}});
    post("/wallets/w1/limits", {{"business", "aroma"}, {"kind", "top_up"}, {"period", "transaction"}, {"least_amount", 100}});
    const auto top_up = [this](std::int64_t amount) {
        return post("/wallets/w1/top-ups", {{"amount", amount}, {"business", "aroma"}});
    };
    EXPECT_EQ(top_up(99).code(), "below_minimum");
    EXPECT_EQ(top_up(400).status, 201);
    const auto transfers = count("SELECT count(*) FROM transfer");
    const Got refused = top_up(301);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.code(), "limit_reached");
    EXPECT_EQ(refused.body["reasons"][0]["limit"], "top_up per day");
    EXPECT_EQ(refused.body["reasons"][0]["available"], 300);
    EXPECT_EQ(refused.body["reasons"][0]["resets_at"], "2026-11-22T02:00:00Z");
    EXPECT_EQ(refused.body["customer_text"], "This amount is not possible.");
    EXPECT_EQ(count("SELECT count(*) FROM transfer"), transfers);
    EXPECT_EQ(top_up(300).status, 201);
    clock.at = *parse_rfc3339("2026-11-22T02:00:00Z");
    EXPECT_EQ(top_up(700).status, 201);
    EXPECT_EQ(get("/wallets/w1/limits").body["items"][1]["used"]["amount"], 700);
}

TEST_F(Admin, AStatementOpensWithWhatWasBefore) {
    clock.at += Millis{3 * 86'400'000};
    post("/wallets/w1/top-ups", {{"amount", 800}, {"business", "aroma"}});
    const Got all = get("/wallets/w1/statement");
    EXPECT_EQ(all.body["opening"], 0);
    EXPECT_EQ(all.body["closing"], 7300);
    EXPECT_EQ(all.body["items"].size(), 4U);
    const Got late = get("/wallets/w1/statement?from=2026-11-24");
    EXPECT_EQ(late.body["opening"], 6500);
    EXPECT_EQ(late.body["from"], "2026-11-23T22:00:00Z") << "midnight in Nicosia";
    EXPECT_EQ(late.body["items"].size(), 1U);
    EXPECT_EQ(get("/wallets/w1/statement?to=2026-11-21T18:00:00Z").body["items"].size(), 0U) << "`to` is outside";
    EXPECT_EQ(get("/wallets/w1/statement?from=yesterday").code(), "malformed_request");
}

TEST_F(Admin, ContactsAndWalletsComeFromTheOfficeToo) {
    const Got person = post("/contacts", {{"name", "Nikos Pavlou"}, {"phone", "+35799000009"}}, Role::support);
    ASSERT_EQ(person.status, 201) << person.body;
    const std::string id = person.body["id"];
    const Got made = post("/wallets", {{"contact", id}, {"currency", "EUR"}, {"home", "lim"}}, Role::finance);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.body["holder"], "N. P.");
    EXPECT_EQ(get("/contacts").body["items"].size(), 2U);
    EXPECT_EQ(post("/contacts", {{"name", "Other"}, {"phone", "+35799000009"}}).body["errors"][0]["pointer"], "/phone");
}

TEST_F(Admin, AnExceptionIsClosedOnceWithAReason) {
    books.raise("replay_mismatch", "pool", "finance", "", 7, Money{Amount{5}, *Currency::parse("EUR")}, clock.at, random);
    const Got listed = get("/exceptions?state=open");
    ASSERT_EQ(listed.body["items"].size(), 1U);
    EXPECT_EQ(listed.body["items"][0]["amount"], 5);
    const std::string at = "/exceptions/" + listed.body["items"][0]["id"].get<std::string>() + "/close";
    EXPECT_EQ(post(at, json::object()).body["errors"][0]["pointer"], "/reason");
    EXPECT_EQ(post(at, {{"reason", "looked at"}}, Role::support).code(), "forbidden");
    EXPECT_EQ(post(at, {{"reason", "looked at"}}, Role::finance).body["closed_by"], "finance");
    EXPECT_EQ(post(at, {{"reason", "again"}}).code(), "already_closed");
    EXPECT_EQ(get("/exceptions?state=open").body["items"].size(), 0U);
    EXPECT_EQ(get("/exceptions").body["items"].size(), 1U);
    EXPECT_EQ(post("/exceptions/none/close", {{"reason", "x"}}).code(), "exception_unknown");
}

TEST_F(Admin, ReconciliationTellsEveryFigureAndFindsContradictions) {
    const json figures = get("/reconciliation").body;
    EXPECT_EQ(figures["wallets"][0]["pockets"]["business"], 1200);
    EXPECT_EQ(figures["wallets"][0]["lots"][0]["amount"], 5000);
    EXPECT_EQ(figures["contradictions"], json::array());
    EXPECT_EQ(figures["placeable"], 0) << "no venue has a device yet";
    db->run("UPDATE subject SET centre = centre + 1 WHERE subject = 'personal:w1'");
    const json wrong = get("/reconciliation").body["contradictions"];
    ASSERT_EQ(wrong.size(), 1U);
    EXPECT_EQ(wrong[0]["where"], "personal:w1");
    EXPECT_EQ(wrong[0]["by"], 1);
}

TEST_F(Admin, TokensAreMadeShownOnceAndRevoked) {
    EXPECT_EQ(post("/tokens", {{"role", "support"}, {"user", "eleni"}}, Role::finance).code(), "forbidden");
    EXPECT_EQ(post("/tokens", {{"role", "boss"}, {"user", "eleni"}}).body["errors"][0]["pointer"], "/role");
    clock.at += Millis{1};  // ids, and so lists, are in the order of the clock
    const Got made = post("/tokens", {{"role", "support"}, {"user", "eleni"}}, Role::admin, "make");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(post("/tokens", {{"role", "support"}, {"user", "eleni"}}, Role::admin, "make").body["token"], nullptr);
    tokens[Role::support] = made.body["token"];
    EXPECT_EQ(get("/devices", Role::support).status, 200);

    const json listed = get("/tokens").body["items"];
    ASSERT_EQ(listed.back()["user"], "eleni");
    EXPECT_EQ(post("/tokens/" + listed.back()["id"].get<std::string>() + "/revoke", json::object()).status, 201);
    EXPECT_EQ(get("/devices", Role::support).code(), "unauthenticated");
    EXPECT_EQ(post("/tokens/none/revoke", json::object()).code(), "token_unknown");
}

TEST_F(Admin, ChangesWakeTheVenuesAndRefusalsDoNot) {
    post("/wallets/w1/top-ups", {{"amount", 1}, {"business", "aroma"}});
    EXPECT_EQ(changes, 1);
    post("/wallets/none/top-ups", {{"amount", 1}, {"business", "aroma"}});
    get("/wallets/w1");
    EXPECT_EQ(changes, 1);
}

TEST_F(Admin, OpenPathsNeedNoTokenAndTellNoAmountsOrNames) {
    for (const char* path : {"/healthz", "/readyz", "/metrics", "/openapi.json"}) {
        const Got got = send(request_of("GET", path));
        EXPECT_EQ(got.status, 200) << path;
        EXPECT_EQ(got.reply.body.find("aroma"), std::string::npos) << path;
        EXPECT_EQ(send(request_of("POST", path)).status, 405) << path;
    }
    const json contract = send(request_of("GET", "/openapi.json")).body;
    EXPECT_EQ(contract["openapi"], "3.1.0");
    for (Routes (*routes)() : {fact_routes, pass_routes, contact_routes, wallet_routes, device_routes, token_routes, book_routes}) {
        for (const Route& route : routes()) {
            std::string method(route.method);
            for (char& c : method) c = static_cast<char>(std::tolower(c));
            EXPECT_TRUE(contract["paths"]["/admin/v1" + std::string(route.pattern)].contains(method))
                << route.method << " " << route.pattern;
        }
    }
}

}  // namespace
}  // namespace obol::ledger
