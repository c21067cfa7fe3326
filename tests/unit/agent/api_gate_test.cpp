// What every request goes through before a handler sees it.

#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Gate : public Counter {
protected:
    Gate() { stock(); }

    Ask redeem() {
        Ask ask;
        ask.path = "/v1/passes/redeem";
        ask.body = R"({"code":"GIFT2X4567ABC","wallet":{"id":"w1"}})";
        return ask;
    }
};

struct Bad {
    const char* why;
    const char* path;
    std::string body;
    const char* pointer;
};

TEST_F(Gate, RefusesEachMalformedBodyWithAPointerAndWritesNothing) {
    std::string deep = R"({"code":"A","wallet":)";
    for (int i = 0; i < 20; ++i) deep += R"({"id":)";
    deep += "1";
    for (int i = 0; i < 20; ++i) deep += "}";
    deep += "}";
    const std::vector<Bad> table{
        {"not JSON", "/v1/passes/redeem", "{", ""},
        {"empty", "/v1/passes/redeem", "", ""},
        {"not an object", "/v1/passes/redeem", "[]", ""},
        {"text after it", "/v1/passes/redeem", R"({"code":"A","wallet":{"id":"w1"}} x)", ""},
        {"unknown member", "/v1/passes/redeem", R"({"code":"A","wallet":{"id":"w1"},"at":"now"})", "/at"},
        {"duplicate key", "/v1/passes/redeem", R"({"code":"A","code":"B","wallet":{"id":"w1"}})", "/code"},
        {"missing member", "/v1/passes/redeem", R"({"wallet":{"id":"w1"}})", "/code"},
        {"wrong type", "/v1/passes/redeem", R"({"code":7,"wallet":{"id":"w1"}})", "/code"},
        {"two ways to name a wallet", "/v1/passes/redeem", R"({"code":"A","wallet":{"id":"w1","card":"7"}})", "/wallet"},
        {"no way to name a wallet", "/v1/passes/redeem", R"({"code":"A","wallet":{}})", "/wallet"},
        {"new: false", "/v1/passes/redeem", R"({"code":"A","wallet":{"new":false}})", "/wallet/new"},
        {"PIN that is none", "/v1/passes/redeem", R"({"code":"A","pin":"12x4","wallet":{"id":"w1"}})", "/pin"},
        {"too deep", "/v1/passes/redeem", deep, nullptr},
        {"money with a fraction", "/v1/wallets/w1/top-ups", R"({"amount":12.5,"tender":"cash"})", "/amount"},
        {"money with an exponent", "/v1/wallets/w1/top-ups", R"({"amount":1e2,"tender":"cash"})", "/amount"},
        {"money as text", "/v1/wallets/w1/top-ups", R"({"amount":"100","tender":"cash"})", "/amount"},
        {"no money", "/v1/wallets/w1/top-ups", R"({"amount":0,"tender":"cash"})", "/amount"},
        {"negative money", "/v1/wallets/w1/top-ups", R"({"amount":-5,"tender":"cash"})", "/amount"},
        {"beyond what JavaScript reads", "/v1/wallets/w1/top-ups", R"({"amount":9007199254740993,"tender":"cash"})", "/amount"},
        {"retired currency", "/v1/wallets/w1/top-ups", R"({"amount":{"amount":5,"currency":"HRK"},"tender":"cash"})",
         "/amount/currency"},
        {"more than a credit may be", "/v1/wallets/w1/top-ups", R"({"amount":1000000000001,"tender":"cash"})", "/amount"},
        {"unknown tender", "/v1/wallets/w1/top-ups", R"({"amount":5,"tender":"gold"})", "/tender"},
        {"unknown pool", "/v1/wallets/w1/top-ups", R"({"amount":5,"tender":"cash","pool":"none"})", "/pool"},
        {"phone not E.164", "/v1/wallets/lookup", R"({"phone":"99000001"})", "/phone"},
        {"new where none can be made", "/v1/wallets/lookup", R"({"new":true})", "/new"},
        {"members where there are none", "/v1/activations/x/void", R"({"reason":"x"})", "/reason"},
    };
    const std::int64_t before = entries();
    for (const Bad& bad : table) {
        SCOPED_TRACE(bad.why);
        const Heard got = post(bad.path, bad.body);
        EXPECT_EQ(got.status, 400) << got.body;
        EXPECT_EQ(got.code(), "malformed_request");
        EXPECT_EQ(got.content_type, "application/problem+json");
        ASSERT_FALSE(got.json["errors"].empty()) << got.body;
        if (bad.pointer == nullptr) continue;
        EXPECT_EQ(got.json["errors"][0]["pointer"], bad.pointer) << got.body;
    }
    EXPECT_EQ(entries(), before);
}

TEST_F(Gate, TellsAllFaultsOfABodyAtOnce) {
    const Heard got = post("/v1/wallets/w1/top-ups", R"({"amount":-1,"tender":"gold","x":1})");
    EXPECT_EQ(got.json["errors"].size(), 3u) << got.body;
}

TEST_F(Gate, AsksForATokenAndForTheRole) {
    EXPECT_EQ(get("/v1/status", "").code(), "unauthenticated");
    EXPECT_EQ(get("/v1/status", "obol_not_one_of_ours").status, 401);
    EXPECT_EQ(get("/v1/status", "pos").status, 200);
    for (const char* path : {"/v1/journal", "/v1/exceptions", "/v1/terminals", "/v1/tokens"}) {
        EXPECT_EQ(get(path, "cashier").code(), "forbidden") << path;
        EXPECT_EQ(get(path, "manager").status, 200) << path;
    }
    EXPECT_EQ(post("/v1/passes/unlock", R"({"code":"A","reason":"r"})", "*", "pos").code(), "forbidden");
    EXPECT_EQ(post("/v1/link", R"({"mode":"down"})", "", "cashier").code(), "forbidden");
    EXPECT_TRUE(centre.up());
    EXPECT_EQ(get("/v1/status", "").header("www-authenticate"), "Bearer");
}

TEST_F(Gate, TakesNoTokenFromTheQuery) {
    EXPECT_EQ(get("/v1/status?token=" + tokens_["manager"], "").status, 401);
}

TEST_F(Gate, RefusesOtherPagesAndServesProgramsAndItsOwnPages) {
    struct Case {
        net::Headers headers;
        int status;
    };
    const std::vector<Case> table{
        {{}, 201},
        {{{"origin", "http://127.0.0.1:8480"}, {"sec-fetch-site", "same-origin"}}, 201},
        {{{"origin", "http://127.0.0.1:8480"}}, 201},
        {{{"sec-fetch-site", "same-origin"}}, 201},
        {{{"origin", "https://evil.example"}}, 403},
        {{{"origin", "null"}}, 403},
        {{{"origin", "http://localhost:8480"}}, 403},
        {{{"origin", "http://127.0.0.1:8480"}, {"sec-fetch-site", "cross-site"}}, 403},
        {{{"sec-fetch-site", "cross-site"}}, 403},
        {{{"sec-fetch-site", "same-site"}}, 403},
        {{{"sec-fetch-site", "none"}}, 403},
        {{{"sec-fetch-mode", "no-cors"}}, 403},
    };
    for (const Case& each : table) {
        Ask ask;
        ask.path = "/v1/wallets/w1/top-ups";
        ask.body = R"({"amount":100,"tender":"cash"})";
        ask.headers = each.headers;
        const std::int64_t before = entries();
        const Heard got = send(ask);
        EXPECT_EQ(got.status, each.status) << (each.headers.empty() ? "" : each.headers[0].second) << got.body;
        if (each.status == 403) {
            EXPECT_EQ(got.code(), "origin_refused");
            EXPECT_EQ(entries(), before);
        }
    }
}

TEST_F(Gate, AnswersOptionsWithoutAnyPermission) {
    Ask ask = redeem();
    ask.method = "OPTIONS";
    ask.headers = {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}};
    const Heard got = send(ask);
    EXPECT_EQ(got.status, 403);
    for (const auto& [name, value] : got.headers) EXPECT_FALSE(name.starts_with("access-control")) << name;
}

TEST_F(Gate, WantsJsonAndNothingElse) {
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"}) {
        Ask ask = redeem();
        ask.headers = {{"content-type", type}};
        EXPECT_EQ(send(ask).code(), "unsupported_media_type") << type;
    }
    Ask none = redeem();
    none.headers = {{"content-type", ""}};
    EXPECT_EQ(send(none).status, 415);
    Ask charset = redeem();
    charset.headers = {{"content-type", "application/json; charset=utf-8"}};
    EXPECT_EQ(send(charset).status, 201);
}

TEST_F(Gate, AnswersOnlyInWhatIsAccepted) {
    const auto status_for = [this](const char* path, const char* accept) {
        Ask ask;
        ask.method = "GET";
        ask.path = path;
        ask.headers = {{"accept", accept}};
        return send(ask).status;
    };
    for (const char* fine : {"*/*", "application/json", "application/*;q=0.1", "text/html, application/json;q=0.5"}) {
        EXPECT_EQ(status_for("/v1/status", fine), 200) << fine;
    }
    for (const char* not_fine : {"text/html", "image/png", "application/json;q=0", "text/plain"}) {
        EXPECT_EQ(status_for("/v1/status", not_fine), 406) << not_fine;
    }
    EXPECT_EQ(status_for("/metrics", "text/plain"), 200);
}

TEST_F(Gate, KnowsPathsAndMethods) {
    EXPECT_EQ(get("/v1/nothing").code(), "not_found");
    EXPECT_EQ(get("/v1/wallets/w1/top-ups").code(), "method_not_allowed");
    EXPECT_EQ(get("/v1/wallets/w1/top-ups").header("allow"), "POST");
    EXPECT_EQ(get("/v1/wallets/no%20id").code(), "not_found");
    EXPECT_EQ(get("/v1/status/").code(), "not_found");
    EXPECT_EQ(get("/").code(), "not_found");
}

TEST_F(Gate, WantsAKeyOfVisibleCharactersWhereSomethingMoves) {
    for (const std::string& key : {std::string(), std::string("with space"), std::string(256, 'k'), std::string("t\xc3\xa4")}) {
        EXPECT_EQ(post("/v1/wallets/w1/top-ups", R"({"amount":5,"tender":"cash"})", key).code(), "idempotency_key_missing");
    }
    EXPECT_EQ(post("/v1/wallets/w1/top-ups", R"({"amount":5,"tender":"cash"})", std::string(255, 'k')).status, 201);
    EXPECT_EQ(post("/v1/passes/check", R"({"code":"GIFT2X4567ABC"})", "").status, 200);
}

TEST_F(Gate, HealthNeedsNoTokenAndHoldsNoNames) {
    for (const char* path : {"/healthz", "/readyz", "/metrics", "/openapi.json"}) {
        EXPECT_EQ(get(path, "").status, 200) << path;
    }
    post("/v1/wallets/w1/top-ups", R"({"amount":777,"tender":"cash"})");
    const std::string metrics = get("/metrics", "").body;
    EXPECT_NE(metrics.find("obol_journal_pending"), std::string::npos);
    EXPECT_NE(metrics.find("top-ups"), std::string::npos);
    for (const char* secret : {"w1", "777", "M. G.", "GIFT"}) EXPECT_EQ(metrics.find(secret), std::string::npos) << secret;
}

TEST_F(Gate, TheContractNamesEveryRoute) {
    const Heard contract = get("/openapi.json", "");
    EXPECT_EQ(contract.json["openapi"], "3.1.0");
    for (Routes part : {pass_routes(*counter_), wallet_routes(*counter_), status_routes(*counter_),
                        access_routes(*counter_, pairing_), health_routes(*counter_, metrics_)}) {
        for (const Route& route : part) {
            std::string method = route.method;
            for (char& c : method) c = static_cast<char>(std::tolower(c));
            const auto& paths = contract.json["paths"];
            ASSERT_TRUE(paths.contains(route.pattern)) << route.pattern;
            EXPECT_TRUE(paths[route.pattern].contains(method)) << route.method << " " << route.pattern;
        }
    }
}

// Whether it moved anything only its key can tell; what moves nothing may be asked anew.
TEST_F(Gate, AnExceptionLeavesTheOutcomeOfWhatMovesUnknown) {
    const auto breaks = [](Call) -> awaitable<net::Reply> {
        throw std::runtime_error("a test's");
        co_return net::Reply{};
    };
    Routes routes{{"POST", "/v1/moves", Access::everyone, Body::keyed, breaks},
                  {"POST", "/v1/looks", Access::everyone, Body::json, breaks}};
    Router router(*store_, store_->clock(), router_timers, Bytes(32, 9), "en", std::move(routes));
    Ask ask;
    ask.path = "/v1/moves";
    const Heard moved = heard(run(router.handle(request_of(ask))));
    EXPECT_EQ(moved.status, 503);
    EXPECT_EQ(moved.code(), "outcome_unknown");
    ask.path = "/v1/looks";
    EXPECT_EQ(heard(run(router.handle(request_of(ask)))).code(), "not_ready");
}

TEST(GateBeforeTheFirstSnapshot, ServesStatusAndSaysNotReadyToTheRest) {
    class Bare : public Counter {
    public:
        void TestBody() override {}
        Heard ask(const std::string& path) { return get(path); }
        Result<void> is_ready() { return Fault{"not_ready", "no snapshot"}; }
    };
    Bare bare;
    EXPECT_EQ(bare.ask("/readyz").code(), "not_ready");
    EXPECT_EQ(bare.ask("/healthz").status, 200);
    EXPECT_EQ(bare.ask("/v1/status").status, 200);
}

}  // namespace
}  // namespace obol::agent::testing
