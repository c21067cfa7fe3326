#include "agent/api/event_routes.hpp"

#include "agent/api/purchase_routes.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Listening : public Counter {
protected:
    Listening() {
        stock();
        Routes all;
        for (Routes part : {purchase_routes(*counter_, events), event_routes(*counter_, events, baskets), access_routes(*counter_, pairing_)}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        router_ = std::make_unique<Router>(*store_, clock, router_timers, Bytes(32, 9), "en", std::move(all));
        tokens_["other"] = token_for("T2", Role::cashier);
    }
    ~Listening() override { router_.reset(); }

    using Stream = std::shared_ptr<net::ReplyStream>;
    net::Reply ask(const std::string& token, const std::string& last_id = "") {
        Ask get;
        get.method = "GET";
        get.path = "/v1/events";
        get.token = token;
        if (!last_id.empty()) get.headers = {{"last-event-id", last_id}};
        return run(router_->handle(request_of(get)));
    }
    Stream listen(const std::string& token = "cashier", const std::string& last_id = "") {
        const net::Reply reply = ask(token, last_id);
        EXPECT_EQ(reply.content_type, "text/event-stream") << reply.body;
        EXPECT_EQ(run(reply.stream->next()), "retry: 1000\n\n");
        return reply.stream;
    }
    std::string heard_by(const Stream& stream) { return run(stream->next()); }
    void say(const std::string& kind, const std::string& terminal = "", const std::string& data = "{}") {
        events.publish(kind, TerminalId{terminal}, data);
    }
    // Nothing waits for it: a mark that everybody hears comes first.
    bool hears_nothing(const Stream& stream) {
        say("link", "", R"({"mark":1})");
        return heard_by(stream).find("event: link\ndata: {\"mark\":1}") < 20;
    }
    EventHub events{router_timers, random_};
    Baskets baskets;
};

TEST_F(Listening, ARevokedTokenHearsNoMore) {
    const Stream till = listen("other");
    std::string id;
    for (const auto& token : store_->facts().tokens()) {
        if (token.terminal == "T2") id = token.id;
    }
    ASSERT_EQ(post("/v1/tokens/" + id + "/revoke", "{}", "*", "manager").status, 200);
    say("link");
    EXPECT_NE(heard_by(till), "") << "what was told before";
    bool done = false;
    std::string text = "-";
    asio::co_spawn(loop_, till->next(), [&](std::exception_ptr, std::string got) {
        text = std::move(got);
        done = true;
    });
    loop_.restart();
    loop_.poll();
    say("link");
    until([&] { return done; });
    EXPECT_EQ(text, "");
}

TEST_F(Listening, PurchasesAreToldOnceTheyAreDurable) {
    const Stream till = listen();
    const Heard bought = post("/v1/purchases", spend(R"({"id":"w1"})", basket(700, "T-1")), "k");
    ASSERT_EQ(bought.status, 201) << bought.body;
    const std::string text = heard_by(till);
    const std::size_t at = text.find("event: purchase\ndata: ");
    ASSERT_NE(at, std::string::npos) << text;
    const auto data = nlohmann::json::parse(text.substr(at + 22));
    EXPECT_EQ(data["id"], bought.json["id"]);
    EXPECT_EQ(data["change"], "sold");
    EXPECT_EQ(data["spent"], 700);
    EXPECT_EQ(data["receipt"]["number"], "NIC1-1");

    post("/v1/purchases", spend(R"({"id":"w1"})", basket(700, "T-1")), "k");
    EXPECT_TRUE(hears_nothing(till)) << "a replay is no news";
    post("/v1/purchases/" + bought.json["id"].get<std::string>() + "/refunds", R"({"amount":200})");
    EXPECT_NE(heard_by(till).find(R"("change":"refunded")"), std::string::npos);
}

TEST_F(Listening, ABasketIsShownOnThePageOfItsTillAndOfNoOther) {
    const Stream till = listen();
    const std::string body = R"({"basket":)" + basket(700, "T-1") + "}";
    const Heard shown = post("/v1/terminals/T1/basket", body, "");
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.json["basket"]["ticket"], "T-1");
    EXPECT_NE(heard_by(till).find(R"("total":700)"), std::string::npos);
    EXPECT_EQ(get("/v1/terminals/T1/basket", "cashier").json, shown.json);
    EXPECT_EQ(get("/v1/terminals/T1/basket", "other").code(), "forbidden");
    EXPECT_EQ(post("/v1/terminals/T1/basket", body, "", "other").code(), "forbidden");
    EXPECT_EQ(post("/v1/terminals/T7/basket", body, "", "manager").code(), "not_found");
    EXPECT_EQ(post("/v1/terminals/T1/basket", R"({"basket":{"currency":"EUR","lines":[]}})", "").status, 400);
    EXPECT_EQ(post("/v1/terminals/T1/basket", "{}", "").json["basket"], nullptr);
    EXPECT_EQ(get("/v1/terminals/T1/basket", "cashier").json["basket"], nullptr);
}

TEST_F(Listening, SoManyListenAndNoMore) {
    std::vector<Stream> all;
    for (std::size_t i = 0; i < EventHub::most_listeners; ++i) all.push_back(listen());
    EXPECT_EQ(ask("cashier").status, 503);
    EXPECT_EQ(ask("").status, 401);
}

}  // namespace
}  // namespace obol::agent::testing
