// Terminals, pairing, sessions, tokens, the link switch, status, journal, exceptions.

#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Office : public Counter {
protected:
    Office() { stock(); }
    std::string pairing_code(const std::string& terminal, const std::string& role) {
        const Heard got = post("/v1/terminals/" + terminal + "/pairing-codes", R"({"role":")" + role + "\"}", "*", "manager");
        EXPECT_EQ(got.status, 201) << got.body;
        return got.json.value("pairing_code", "");
    }
    Heard open(const std::string& code) { return post("/v1/sessions", R"({"pairing_code":")" + code + "\"}", "", ""); }
};

TEST_F(Office, APairingCodeOpensOneSession) {
    ASSERT_EQ(post("/v1/terminals", R"({"id":"TILL2","name":"Second till"})", "*", "manager").status, 201);
    const std::string code = pairing_code("TILL2", "cashier");
    EXPECT_EQ(code.find_first_not_of("0123456789"), std::string::npos);
    const Heard opened = open(code);
    ASSERT_EQ(opened.status, 201) << opened.body;
    EXPECT_EQ(opened.json["terminal"], "TILL2");
    EXPECT_EQ(opened.json["role"], "cashier");
    EXPECT_EQ(opened.json["expires_at"], "2026-11-20T18:00:00Z");
    EXPECT_EQ(open(code).code(), "unauthenticated");  // once

    const std::string token = opened.json["token"];
    EXPECT_EQ(get("/v1/status", token).status, 200);
    EXPECT_EQ(get("/v1/journal", token).status, 403);
    clock.moment += std::chrono::hours(8);
    EXPECT_EQ(get("/v1/status", token).status, 401);
}

TEST_F(Office, ATerminalTakesTheNameItWasLastGiven) {
    EXPECT_EQ(post("/v1/terminals", R"({"id":"TILL2","name":"Bar"})", "*", "manager").json["name"], "Bar");
    EXPECT_EQ(post("/v1/terminals", R"({"id":"TILL2","name":"Terrace"})", "*", "manager").json["name"], "Terrace");
    int found = 0;
    const Heard list = get("/v1/terminals");
    for (const auto& item : list.json["items"]) {
        if (item["id"] != "TILL2") continue;
        ++found;
        EXPECT_EQ(item["name"], "Terrace");
    }
    EXPECT_EQ(found, 1);
}

TEST_F(Office, TerminalsAndTokensComeInPages) {
    for (const char* id : {"A1", "A2", "A3"}) {
        const std::string body = "{\"id\":\"" + std::string(id) + "\"}";
        ASSERT_EQ(post("/v1/terminals", body, "*", "manager").status, 201);
    }
    for (const std::string path : {"/v1/terminals", "/v1/tokens"}) {
        const auto all = get(path).json["items"];
        ASSERT_GE(all.size(), 3u);
        auto walked = nlohmann::json::array();
        std::string next;
        for (std::size_t pages = 0; pages <= all.size(); ++pages) {
            const Heard page = get(path + "?limit=2" + (next.empty() ? "" : "&after=" + next));
            ASSERT_EQ(page.status, 200) << page.body;
            EXPECT_LE(page.json["items"].size(), 2u);
            for (const auto& item : page.json["items"]) walked.push_back(item);
            if (page.json["next"].is_null()) break;
            next = page.json["next"];
        }
        EXPECT_EQ(walked, all);
        EXPECT_EQ(get(path + "?limit=0").status, 400);
    }
}

TEST_F(Office, APairingCodeDiesAfterTenMinutes) {
    const std::string code = pairing_code("T1", "pos");
    clock.moment += std::chrono::minutes(10);
    EXPECT_EQ(open(code).status, 401);
}

TEST_F(Office, WrongPairingCodesAreThrottled) {
    const std::string code = pairing_code("T1", "pos");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(open("not-it").status, 401);
    const Heard got = open(code);
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.json["retry_after"], 60);
    clock.moment += std::chrono::seconds(61);
    EXPECT_EQ(open(code).status, 201);
}

TEST_F(Office, APairingCodeNeedsAKnownTerminalAndRole) {
    EXPECT_EQ(post("/v1/terminals/none/pairing-codes", R"({"role":"pos"})", "*", "manager").code(), "not_found");
    EXPECT_EQ(post("/v1/terminals/T1/pairing-codes", R"({"role":"king"})", "*", "manager").status, 400);
}

TEST_F(Office, ARevokedTokenIsNoneAndListsHoldNoSecret) {
    const Heard before = get("/v1/tokens");
    ASSERT_EQ(before.json["items"].size(), 3u) << before.body;
    for (const auto& [name, token] : tokens_) EXPECT_EQ(before.body.find(token), std::string::npos);
    std::string cashier;
    for (const auto& row : before.json["items"]) {
        if (row["role"] == "cashier") cashier = row["id"];
    }
    const Heard revoked = post("/v1/tokens/" + cashier + "/revoke", "{}", "*", "manager");
    EXPECT_EQ(revoked.status, 200) << revoked.body;
    EXPECT_TRUE(revoked.json["revoked"]);
    EXPECT_EQ(get("/v1/status", "cashier").status, 401);
    EXPECT_EQ(post("/v1/tokens/none/revoke", "{}", "*", "manager").code(), "not_found");
}

TEST_F(Office, TheDatabaseKeepsOnlyDigestsOfTokensAndCodes) {
    const std::string code = pairing_code("T1", "pos");
    const std::string token = tokens_["manager"];
    EXPECT_EQ(store_->facts().token_by_hash(as_bytes(token)), std::nullopt);
    EXPECT_TRUE(store_->facts().token_by_hash(token_hash(token)).has_value());
    const auto stored = store_->facts().db().value<Bytes>("SELECT hash FROM pairing");
    EXPECT_EQ(stored, token_hash(code));
    EXPECT_GE(token.size(), 43u);  // 256 bits
}

TEST_F(Office, TheLinkIsSwitchedAndStatusSaysSo) {
    EXPECT_EQ(post("/v1/link", R"({"mode":"down"})", "", "manager").json["mode"], "down");
    EXPECT_FALSE(centre.up());
    const Heard status = get("/v1/status");
    EXPECT_EQ(status.json["link"]["mode"], "down");
    EXPECT_EQ(status.json["link"]["state"], "down");
    EXPECT_EQ(post("/v1/link", R"({"mode":"sideways"})", "", "manager").status, 400);
    for (const char* mode : {"slow", "flapping", "up"}) {
        EXPECT_EQ(post("/v1/link", R"({"mode":")" + std::string(mode) + "\"}", "", "manager").json["mode"], mode);
    }
}

TEST_F(Office, StatusTellsJournalAuthorityAndExposure) {
    const Heard got = get("/v1/status");
    EXPECT_EQ(got.json["venue"], "nic");
    EXPECT_EQ(got.json["device"], store_->device().text);
    EXPECT_EQ(got.json["journal"]["seq"], entries());
    EXPECT_EQ(got.json["journal"]["pending"], entries());
    EXPECT_EQ(got.json["exposure"], nlohmann::json::parse(R"([{"amount":0,"currency":"EUR"}])"));
    EXPECT_EQ(got.json["authority"][0]["currency"], "EUR");
    EXPECT_EQ(got.json["clock"]["now"], "2026-11-20T10:00:00Z");
}

TEST_F(Office, TheJournalIsPagedAndEachBodyHashesToItsHash) {
    std::string after;
    std::int64_t seen = 0;
    do {
        const Heard page = get("/v1/journal?limit=2" + (after.empty() ? "" : "&after=" + after));
        ASSERT_EQ(page.status, 200) << page.body;
        for (const auto& entry : page.json["items"]) {
            EXPECT_EQ(entry["seq"], ++seen);
            const Bytes body = from_base64(entry["body"].get<std::string>()).value();
            EXPECT_EQ(entry["hash"], to_hex(journal::hash_of(body)));
        }
        after = page.json["next"].is_null() ? "" : page.json["next"].get<std::string>();
    } while (!after.empty());
    EXPECT_EQ(seen, entries());
    for (const char* bad : {"?limit=0", "?limit=501", "?limit=x", "?after=x", "?after=%20"}) {
        EXPECT_EQ(get("/v1/journal" + std::string(bad)).status, 400) << bad;
    }
}

TEST_F(Office, AnExceptionIsClosedOnceWithAReason) {
    std::function<Result<bool>(WriteTxn&)> job = [](WriteTxn& txn) -> Result<bool> {
        txn.db().run("INSERT INTO exception (id, at, code, detail) VALUES ('e1', 0, 'c', 'd')");
        return true;
    };
    run(store_->write<bool>(std::move(job)));
    EXPECT_EQ(get("/v1/exceptions").json["items"][0]["id"], "e1");
    EXPECT_EQ(post("/v1/exceptions/e1/close", R"({"reason":"looked into"})", "*", "manager").json["closed_reason"], "looked into");
    EXPECT_EQ(post("/v1/exceptions/e1/close", R"({"reason":"other"})", "*", "manager").json["closed_reason"], "looked into");
    EXPECT_EQ(post("/v1/exceptions/e2/close", R"({"reason":"x"})", "*", "manager").code(), "not_found");
}

}  // namespace
}  // namespace obol::agent::testing
