#include <algorithm>
#include <fstream>

#include "agent/api/purchase_routes.hpp"
#include "agent/api/quote_routes.hpp"
#include "agent/api/receipt_routes.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Checkout : public Counter {
protected:
    Checkout() {
        wallet("w2", Amount{300});
        lot("first", "w2", "year", Amount{400});
        lot("second", "w2", "year", Amount{100});
        stock();
        Routes all;
        for (Routes part : {quote_routes(*counter_), purchase_routes(*counter_, events_), receipt_routes(*counter_)}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        routes_ = all;
        router_ = std::make_unique<Router>(*store_, clock, router_timers, Bytes(32, 9), "el", std::move(all));
    }
    Heard receipt(const std::string& number, const std::string& accept) {
        Ask ask;
        ask.method = "GET";
        ask.path = "/v1/receipts/" + number;
        ask.headers = {{"accept", accept}};
        return send(ask);
    }
    EventHub events_{router_timers, random_};
    const std::string order = spend(R"({"id":"w1"})", basket(700, "T-1"));
    Routes routes_;
};

TEST_F(Checkout, SellsShowsRefundsAndPrints) {
    const Heard quoted = post("/v1/quotes", order, "");
    EXPECT_EQ(quoted.status, 200) << quoted.body;
    EXPECT_EQ(quoted.json["spendable"], 700);
    const Heard bought = post("/v1/purchases", order, "k");
    ASSERT_EQ(bought.status, 201) << bought.body;
    const Heard again = post("/v1/purchases", order, "k");
    EXPECT_EQ(again.body, bought.body);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    const std::string id = bought.json["id"];
    EXPECT_EQ(get("/v1/purchases/" + id, "pos").json["spent"], 700);
    EXPECT_EQ(post("/v1/purchases/" + id + "/refunds", R"({"amount":200})").status, 201);
    EXPECT_EQ(post("/v1/purchases/" + id + "/void", "{}").code(), "already_refunded");
    EXPECT_EQ(get("/v1/purchases/" + id, "pos").json["refundable"][0]["amount"], 500);

    const std::string number = bought.json["receipt"]["number"];
    EXPECT_EQ(receipt(number, "*/*").json["number"], number);
    const Heard text = receipt(number, "text/plain");
    EXPECT_EQ(text.content_type, "text/plain; charset=utf-8");
    EXPECT_NE(text.body.find("Φρέντο εσπρέσο"), std::string::npos);
    EXPECT_NE(text.body.find("ΑΠΟΔΕΙΞΗ"), std::string::npos);  // the agent's language
    EXPECT_EQ(receipt(number, "application/pdf").status, 406);
    EXPECT_EQ(receipt("NIC1-99", "*/*").code(), "receipt_unknown");
}

TEST_F(Checkout, PointsAtEachFaultOfABodyAndWritesNothing) {
    const std::int64_t before = entries();
    for (const char* path : {"/v1/quotes", "/v1/purchases"}) {
        const Heard bad = post(path, R"({"wallet":{"id":"w1","card":"1"},"basket":{"currency":"EUR","lines":[{}]}})");
        EXPECT_EQ(bad.status, 400);
        EXPECT_EQ(bad.code(), "malformed_request");
        EXPECT_GE(bad.json["errors"].size(), 5u);  // two names of one wallet, four members of the line
    }
    EXPECT_EQ(post("/v1/purchases/x/refunds", "{}").status, 400);
    EXPECT_EQ(post("/v1/purchases/x/void", R"({"why":"x"})").json["errors"][0]["pointer"], "/why");
    EXPECT_EQ(post("/v1/purchases", order, "").code(), "idempotency_key_missing");
    EXPECT_EQ(entries(), before);
}

TEST_F(Checkout, LeavesOutTheLotsThatTheTillLeavesOutAndTakesTheOthers) {
    const auto with = [&](const std::string& spending) {
        return spend(R"({"id":"w2"})", basket(700, "T-9"), R"(,"spend":)" + spending);
    };
    EXPECT_EQ(post("/v1/quotes", with(R"({"mode":"max"})"), "").json["spendable"], 700);
    const std::string less = R"({"mode":"max","without":["first"]})";
    const Heard quoted = post("/v1/quotes", with(less), "");
    EXPECT_EQ(quoted.json["spendable"], 400) << quoted.body;
    EXPECT_EQ(quoted.body.find("\"first\""), std::string::npos) << quoted.body;
    const Heard bought = post("/v1/purchases", with(less), "k");
    ASSERT_EQ(bought.status, 201) << bought.body;
    EXPECT_EQ(bought.json["spent"], 400);
    EXPECT_EQ(bought.json["wallet"]["pockets"]["commerce"], 400) << bought.body;
    const Heard bad = post("/v1/quotes", with(R"({"without":["no id"]})"), "");
    EXPECT_EQ(bad.json["errors"][0]["pointer"], "/spend/without/0");
}

TEST_F(Checkout, StoresNoCodeAndNoPin) {
    const std::string body = spend(R"({"new":true})", basket(100),
                                   R"(,"passes":[{"code":"PINS2X4567ABC","pin":"1234"}])");
    ASSERT_EQ(post("/v1/purchases", body, "with-pin").status, 201);
    const std::string stored = store_->facts().answer("T1", "with-pin")->body;
    EXPECT_EQ(stored.find("PINS2X4567ABC"), std::string::npos);
    EXPECT_EQ(stored.find("\"pin\""), std::string::npos);
}

TEST_F(Checkout, IsInTheContractWithEachOfItsRoutes) {
    std::ifstream in("agent/api/openapi.json");
    const nlohmann::json contract = nlohmann::json::parse(in);
    for (const Route& route : routes_) {
        std::string method = route.method;
        std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c | 0x20); });
        EXPECT_TRUE(contract["paths"][route.pattern].contains(method)) << route.method << " " << route.pattern;
    }
}

}  // namespace
}  // namespace obol::agent::testing
