// What waits on the disk is answered in time, and goes on.

#include <future>

#include "agent/app/suspend.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

class Patience : public Counter {
protected:
    Patience() { stock(); }
    ~Patience() override { go_on(); }

    // The writer stands still, as on a disk that hangs, until go_on().
    void hang() {
        std::promise<void> entered;
        std::future<void> in = entered.get_future();
        std::function<Result<int>(WriteTxn&)> job = [&entered, gate = gate_.get_future().share()](WriteTxn&) -> Result<int> {
            entered.set_value();
            gate.wait();
            return 1;
        };
        asio::co_spawn(loop_, store_->write<int>(std::move(job)), [](std::exception_ptr, Result<int>) {});
        loop_.restart();
        loop_.poll();
        in.wait();
    }
    void go_on() {
        if (!std::exchange(open_, true)) gate_.set_value();
        until([this] { return !router_->busy(); });
    }

    // Under way; `heard_` has its answer once there is one.
    void begin(const Ask& ask) {
        heard_.reset();
        asio::co_spawn(loop_, router_->handle(request_of(ask)), [this](std::exception_ptr error, net::Reply reply) {
            EXPECT_FALSE(error);
            heard_ = heard(reply);
        });
        loop_.restart();
        loop_.poll();
    }
    Heard after(Millis time) {
        router_timers.pass(time);
        until([this] { return heard_.has_value(); });
        return *heard_;
    }
    static Ask top_up(const std::string& key) {
        Ask ask;
        ask.path = "/v1/wallets/w1/top-ups";
        ask.body = R"({"amount":100,"tender":"cash"})";
        ask.key = key;
        return ask;
    }

    // A handler that sleeps until it is woken.
    struct Sleepers {
        std::vector<std::function<void()>> wake;
        int left = 0;
        bool fail = false, sleep = true;
    };
    static awaitable<net::Reply> slow(Sleepers& sleepers) {
        auto sleep = [&sleepers](std::function<void()> wake) { sleepers.wake.push_back(std::move(wake)); };
        if (sleepers.sleep) co_await until_called(std::move(sleep));
        ++sleepers.left;
        if (sleepers.fail) throw std::runtime_error("a bug");
        co_return net::Reply{};
    }
    void route_to(Sleepers& sleepers, Body body) {
        const RouteHandler handler = [&sleepers](Call) { return slow(sleepers); };
        router_ = std::make_unique<Router>(*store_, store_->clock(), router_timers, Bytes(32, 9), "en",
                                           Routes{{"GET", "/v1/slow", Access::everyone, Body::none, handler},
                                                  {"POST", "/v1/slow", Access::everyone, body, handler}});
    }
    static Ask slow_ask(const std::string& method) {
        Ask ask;
        ask.method = method;
        ask.path = "/v1/slow";
        return ask;
    }

    std::optional<Heard> heard_;

private:
    std::promise<void> gate_;
    bool open_ = false;
};

TEST_F(Patience, F18_AnUnknownOutcomeIsToldInTimeAndTheKeyTellsTheRest) {
    const std::int64_t before = entries();
    hang();
    begin(top_up("k1"));
    router_timers.pass(Deadline::patience - Millis{1});
    loop_.restart();
    loop_.poll();
    EXPECT_FALSE(heard_);
    const Heard late = after(Millis{1});
    EXPECT_EQ(late.status, 503);
    EXPECT_EQ(late.code(), "outcome_unknown");
    EXPECT_EQ(late.header("retry-after"), "1");
    EXPECT_EQ(late.header("x-content-type-options"), "nosniff");
    EXPECT_TRUE(router_->busy());  // it goes on

    const Heard meanwhile = send(top_up("k1"));
    EXPECT_EQ(meanwhile.status, 409);
    EXPECT_EQ(meanwhile.code(), "request_in_progress");
    EXPECT_TRUE(router_->busy());
    EXPECT_EQ(entries(), before);

    go_on();
    EXPECT_EQ(entries(), before + 1);
    const Heard truth = send(top_up("k1"));
    EXPECT_EQ(truth.status, 201) << truth.body;
    EXPECT_EQ(truth.header("idempotency-replayed"), "true");
    EXPECT_EQ(entries(), before + 1);
}

TEST_F(Patience, F18_EachThatHangsIsAnsweredAndEachIsDoneOnce) {
    const std::int64_t before = entries();
    hang();
    std::vector<std::optional<Heard>> all(20);
    for (std::size_t i = 0; i < all.size(); ++i) {
        asio::co_spawn(loop_, router_->handle(request_of(top_up("k" + std::to_string(i)))),
                       [&all, i](std::exception_ptr, net::Reply reply) { all[i] = heard(reply); });
    }
    loop_.restart();
    loop_.poll();
    router_timers.pass(Deadline::patience);
    until([&] { return std::all_of(all.begin(), all.end(), [](const auto& each) { return each.has_value(); }); });
    for (const auto& each : all) EXPECT_EQ(each->code(), "outcome_unknown");
    go_on();
    EXPECT_EQ(entries(), before + 20);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(send(top_up("k" + std::to_string(i))).header("idempotency-replayed"), "true");
    }
    EXPECT_EQ(entries(), before + 20);
}

TEST_F(Patience, WhatIsAnsweredInTimeLeavesNoTimer) {
    EXPECT_EQ(send(top_up("k1")).status, 201);
    EXPECT_EQ(router_timers.waiting(), 0u);
    EXPECT_FALSE(router_->busy());
}

// Long polls have patience of their own; a call that moves nothing may be asked again without a key.
TEST_F(Patience, GetsAreWaitedForAndOtherCallsThatMoveNothingAreBusy) {
    Sleepers sleepers;
    route_to(sleepers, Body::json);
    begin(slow_ask("GET"));
    EXPECT_EQ(router_timers.waiting(), 0u);
    EXPECT_TRUE(router_->busy());
    sleepers.wake.at(0)();
    EXPECT_EQ(after(Millis{}).status, 200);

    begin(slow_ask("POST"));
    const Heard late = after(Deadline::patience);
    EXPECT_EQ(late.status, 503);
    EXPECT_EQ(late.code(), "busy");
    EXPECT_EQ(sleepers.left, 1);
    sleepers.wake.at(1)();
    until([this] { return !router_->busy(); });
    EXPECT_EQ(sleepers.left, 2);
}

TEST_F(Patience, WhatThrowsInTimeIsAnsweredAndWhatThrowsLaterIsLogged) {
    Sleepers sleepers;
    sleepers.fail = true;
    sleepers.sleep = false;
    route_to(sleepers, Body::keyed);
    EXPECT_EQ(send(slow_ask("POST")).code(), "outcome_unknown");
    EXPECT_FALSE(router_->busy());
    sleepers.sleep = true;
    begin(slow_ask("POST"));
    EXPECT_EQ(after(Deadline::patience).code(), "outcome_unknown");
    EXPECT_TRUE(router_->busy());
    ::testing::internal::CaptureStderr();
    sleepers.wake.at(0)();
    until([this] { return !router_->busy(); });
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("a bug"), std::string::npos);
}

TEST_F(Patience, F17_OnAReadOnlyDiskReadsGoOnAndReadinessSaysWhy) {
    EXPECT_EQ(get("/readyz", "").status, 200);
    read_only = true;
    EXPECT_EQ(get("/readyz", "").code(), "storage_read_only");
    EXPECT_EQ(get("/healthz", "").status, 200);
    EXPECT_EQ(get("/v1/wallets/w1", "cashier").status, 200);
    const Heard refused = send(top_up("k1"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code(), "storage_read_only");
    EXPECT_EQ(refused.header("retry-after"), "1");
    read_only = false;
    EXPECT_EQ(get("/readyz", "").status, 200);
    EXPECT_EQ(send(top_up("k1")).status, 201);  // the key is still free
}

TEST(WithoutStore, F17_OnlyHealthIsFine) {
    const Fault why{"storage_read_only", "/var/lib/obol-agent: Read-only file system"};
    net::Request request;
    request.method = "GET";
    request.path = "/healthz";
    EXPECT_EQ(without_store(request, why).status, 200);
    for (const char* path : {"/readyz", "/metrics", "/v1/status", "/none"}) {
        request.path = path;
        const net::Reply reply = without_store(request, why);
        EXPECT_EQ(reply.status, 503) << path;
        EXPECT_EQ(reply.content_type, "application/problem+json");
        const auto words = nlohmann::json::parse(reply.body);
        EXPECT_EQ(words["code"], "storage_read_only");
        EXPECT_EQ(words["detail"], why.detail);
        EXPECT_EQ(words["retry_after"], 1);
    }
    request.method = "POST";
    request.path = "/healthz";
    EXPECT_EQ(without_store(request, why).status, 503);
}

}  // namespace
}  // namespace obol::agent::testing
