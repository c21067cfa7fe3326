// One effect and one answer per key.

#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class OnceOnly : public Counter {
protected:
    OnceOnly() { stock(); }
    static constexpr const char* path = "/v1/wallets/w1/top-ups";
    static constexpr const char* body = R"({"amount":100,"tender":"cash","ticket":"7"})";
};

TEST_F(OnceOnly, TheSameKeyGivesTheSameBytesAgain) {
    const Heard first = post(path, body, "k1");
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.header("idempotency-replayed"), "");
    const std::int64_t before = entries();

    const Heard again = post(path, "{ \"ticket\": \"7\",\n \"tender\": \"cash\", \"amount\": 100 }", "k1");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(entries(), before);
}

TEST_F(OnceOnly, TheSameKeyWithAnotherBodyOrPathIsRefused) {
    ASSERT_EQ(post(path, body, "k1").status, 201);
    const std::int64_t before = entries();
    for (const Heard& got : {post(path, R"({"amount":101,"tender":"cash","ticket":"7"})", "k1"),
                             post("/v1/wallets/w2/top-ups", body, "k1")}) {
        EXPECT_EQ(got.status, 422);
        EXPECT_EQ(got.code(), "idempotency_key_reused");
    }
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(post(path, body, "k1").header("idempotency-replayed"), "true");  // the first stands
}

TEST_F(OnceOnly, TheKeyBelongsToTheTerminalNotToTheToken) {
    ASSERT_EQ(post(path, body, "k1", "cashier").status, 201);
    EXPECT_EQ(post(path, body, "k1", "pos").header("idempotency-replayed"), "true");
    const std::string other = token_for("T2", Role::pos);
    const Heard got = post(path, body, "k1", other);
    EXPECT_EQ(got.status, 201);
    EXPECT_EQ(got.header("idempotency-replayed"), "");
}

TEST_F(OnceOnly, ASecondRequestWhileTheFirstRunsGets409) {
    Ask ask;
    ask.path = path;
    ask.body = body;
    ask.key = "k1";
    const std::int64_t before = entries();
    const std::vector<Heard> got = send_together({ask, ask, ask});
    EXPECT_EQ(got[0].status, 201) << got[0].body;
    EXPECT_EQ(got[1].code(), "request_in_progress");
    EXPECT_EQ(got[2].status, 409);
    EXPECT_EQ(entries(), before + 1);
    EXPECT_EQ(post(path, body, "k1").body, got[0].body);
}

TEST_F(OnceOnly, RefusalsOfRulesAreStored) {
    const std::string redeem = R"({"code":"TOPU2X4567ABC","wallet":{"new":true}})";
    const Heard first = post("/v1/passes/redeem", redeem, "k1");
    EXPECT_EQ(first.status, 422);
    EXPECT_EQ(first.code(), "wallet_required");
    const Heard again = post("/v1/passes/redeem", redeem, "k1");
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.content_type, "application/problem+json");
    EXPECT_EQ(again.header("idempotency-replayed"), "true");

    const Heard unknown = post("/v1/wallets/nobody/top-ups", body, "k2");
    EXPECT_EQ(unknown.code(), "wallet_unknown");
    EXPECT_EQ(post("/v1/wallets/nobody/top-ups", body, "k2").header("idempotency-replayed"), "true");
}

TEST_F(OnceOnly, WhatIsToBeTriedAgainIsNotStored) {
    centre.is_up = false;
    const std::string redeem = R"({"code":"UNKN2X4567ABC","wallet":{"id":"w1"}})";
    EXPECT_EQ(post("/v1/passes/redeem", redeem, "k1").code(), "link_required");
    EXPECT_EQ(post("/v1/passes/redeem", redeem, "k1").header("idempotency-replayed"), "");
    EXPECT_EQ(post(path, R"({"amount":0,"tender":"cash"})", "k2").status, 400);
    EXPECT_EQ(post(path, body, "k2").status, 201);  // the key is still free
    EXPECT_EQ(post("/v1/activations/none/void", "{}", "k3").code(), "not_found");
    EXPECT_EQ(post("/v1/activations/none/void", "{}", "k3").header("idempotency-replayed"), "");
}

TEST_F(OnceOnly, AKeyOutlivesARestart) {
    const Heard first = post(path, body, "k1");
    ASSERT_EQ(first.status, 201);
    Once another(*store_);  // nothing in memory
    Idempotency same;
    same.key = "k1";
    const std::string text = "POST " + std::string(path) + "\n" + wire::canonical_text(json(body));
    const crypto::Digest print = crypto::hmac_sha256(Bytes(32, 9), as_bytes(text));
    same.fingerprint.assign(print.begin(), print.end());
    auto entered = another.enter(caller, same);
    ASSERT_TRUE(std::holds_alternative<Answer>(entered));
    EXPECT_EQ(std::get<Answer>(entered).body, first.body);
}

TEST_F(OnceOnly, AStoppedDeviceTellsWhatItDidAndDoesNothingMore) {
    const Heard first = post(path, body, "k1");
    run<void>(uplink_->stop_for_good("the ledger knows a longer chain"));
    EXPECT_EQ(post(path, body, "k1").body, first.body);
    const std::int64_t before = entries();
    const Heard got = post(path, body, "k2");
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.code(), "device_quarantined");
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(get("/v1/status").json["stopped"], "the ledger knows a longer chain");
}

TEST_F(OnceOnly, AnAnswerWithASecretIsStoredWithoutIt) {
    const Heard first = post("/v1/terminals/T1/pairing-codes", R"({"role":"pos"})", "k1", "manager");
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.json["pairing_code"].get<std::string>().size(), 8u);
    const Heard again = post("/v1/terminals/T1/pairing-codes", R"({"role":"pos"})", "k1", "manager");
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_TRUE(again.json["pairing_code"].is_null());
    EXPECT_EQ(again.json["expires_at"], first.json["expires_at"]);
}

TEST_F(OnceOnly, AnEndlessTokenIsToldOnceAndKeptByNobody) {
    const Heard first = post("/v1/terminals/T1/tokens", R"({"role":"pos"})", "k1", "manager");
    ASSERT_EQ(first.status, 201) << first.body;
    ASSERT_TRUE(first.json["token"].is_string()) << first.body;
    const Heard again = post("/v1/terminals/T1/tokens", R"({"role":"pos"})", "k1", "manager");
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_TRUE(again.json["token"].is_null()) << again.body;
    EXPECT_EQ(again.json["id"], first.json["id"]);
}

}  // namespace
}  // namespace obol::agent::testing
