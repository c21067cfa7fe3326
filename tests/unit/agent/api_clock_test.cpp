// What a till is told while the clock is not trusted, and how it comes to be trusted again.

#include "agent/app/ledger_time.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

using namespace std::chrono_literals;

class WrongClock : public Counter {
protected:
    WrongClock() {
        Pool happy;
        happy.id = PoolId{"happy"};
        happy.name = "Happy hour";
        happy.time.resize(1);
        happy.time[0].from_minute = 8 * 60;
        happy.time[0].to_minute = 20 * 60;
        pool(happy);
        Pool coffee;
        coffee.id = PoolId{"coffee"};
        coffee.name = "Coffee";
        coffee.families = {"Coffee"};
        pool(coffee);
        wallet("w2", Amount{500});
        lot("timed", "w2", "happy", Amount{1000});
        lot("ends", "w2", "coffee", Amount{1000}, {std::nullopt, clock.moment + 24h * 30});
        lot("free", "w2", "coffee", Amount{1000});
        Plan dated;
        dated.id = PlanId{"dated"};
        dated.business = BusinessId{"aroma"};
        dated.name = "dated";
        dated.currency = Currency::parse("EUR").value();
        dated.value_min = dated.value_max = Amount{700};
        dated.redeem_by.period = Period{1, 0};
        know_value("plan", "dated", journal::to_value(dated));
        pass("p-dated", "dated", "DATE2X4567ABC", Amount{700});
        pass("d-dated", "dated", "DRFT2X4567ABC", Amount{}, "", "draft");
        take_later({draft_subject(PassId{"d-dated"}), Amount{1}, Currency::none()});
        stock();
    }
    // What the store's thread has to write about the clock is written: it reads the clock meanwhile.
    void settled() {
        store_->clock().now();
        std::function<Result<int>(WriteTxn&)> nothing = [](WriteTxn&) -> Result<int> { return 0; };
        run(store_->write<int>(std::move(nothing))).value();
    }
    void wrong(Millis by = -30 * 24h) {
        settled();
        clock.off = by;
        settled();
    }
    void told() {
        store_->clock().ledger_told(clock.moment, clock.since_boot());
        settled();
    }
    std::string redeem_body(const std::string& code, const std::string& pin = "") {
        return R"({"code":")" + code + "\"" + (pin.empty() ? "" : R"(,"pin":")" + pin + "\"") + R"(,"wallet":{"new":true}})";
    }
    nlohmann::json newest_journal_entry() {
        const nlohmann::json items = get("/v1/journal?limit=500").json["items"];
        return items.back();
    }
};

TEST_F(WrongClock, F23_StatusMetricsAndExceptionsSayIt) {
    EXPECT_EQ(get("/v1/status").json["clock"]["state"], "trusted");
    EXPECT_NE(get("/metrics").body.find("obol_clock_trusted 1"), std::string::npos);
    wrong(-1h);
    clock.moment += 10min;
    const nlohmann::json said = get("/v1/status").json["clock"];
    EXPECT_EQ(said["state"], "untrusted");
    EXPECT_EQ(said["why"], "went_back");
    EXPECT_EQ(said["now"], "2026-11-20T10:10:00Z");
    EXPECT_NE(get("/metrics").body.find("obol_clock_trusted 0"), std::string::npos);
    EXPECT_EQ(get("/readyz").status, 200);
    EXPECT_EQ(post("/v1/wallets/w1/top-ups", R"({"amount":100,"tender":"cash"})").status, 201);
    const nlohmann::json exceptions = get("/v1/exceptions").json["items"];
    ASSERT_EQ(exceptions.size(), 1u);
    EXPECT_EQ(exceptions[0]["code"], "clock_untrusted");
}

TEST_F(WrongClock, F25_PassesThatTimeBoundsAreRefusedAndTheOthersGoOn) {
    wrong();
    const Heard dated = post("/v1/passes/redeem", redeem_body("DATE2X4567ABC"), "again");
    EXPECT_EQ(dated.status, 503) << dated.body;
    EXPECT_EQ(dated.code(), "clock_untrusted");
    EXPECT_EQ(dated.json["reasons"].size(), 1u);
    // The lot that it becomes would end a year from a day that nobody knows.
    EXPECT_EQ(post("/v1/passes/redeem", redeem_body(pin_code, "1234")).code(), "clock_untrusted");
    EXPECT_EQ(post("/v1/passes/redeem", redeem_body(pin_code, "9999")).code(), "pin_incorrect");
    EXPECT_EQ(post("/v1/passes/redeem", redeem_body(gift_code)).status, 201);

    const std::string sold = R"(","tender":"cash"})";
    EXPECT_EQ(post("/v1/passes/activate", R"({"code":"DRFT2X4567ABC)" + sold).code(), "clock_untrusted");
    EXPECT_EQ(post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC)" + sold).status, 201);

    told();  // nothing was kept under the key
    EXPECT_EQ(post("/v1/passes/redeem", redeem_body("DATE2X4567ABC"), "again").status, 201);
    EXPECT_EQ(post("/v1/passes/activate", R"({"code":"DRFT2X4567ABC)" + sold).status, 201);
}

TEST_F(WrongClock, ACheckSaysThatTheClockStandsAgainstIt) {
    wrong();
    const Heard dated = post("/v1/passes/check", R"({"code":"DATE2X4567ABC"})", "");
    EXPECT_EQ(dated.status, 200);
    EXPECT_EQ(dated.json["redeemable"], false);
    ASSERT_EQ(dated.json["reasons"].size(), 1u);
    EXPECT_EQ(dated.json["reasons"][0]["code"], "clock_untrusted");
    EXPECT_EQ(post("/v1/passes/check", R"({"code":"GIFT2X4567ABC"})", "").json["redeemable"], true);
    // Before the right PIN nothing tells that time bears on it.
    const Heard closed = post("/v1/passes/check", R"({"code":"PINS2X4567ABC"})", "");
    ASSERT_EQ(closed.json["reasons"].size(), 1u);
    EXPECT_EQ(closed.json["reasons"][0]["code"], "pin_required");
}

TEST_F(WrongClock, APurchaseIsPaidByWhatTimeDoesNotBound) {
    wrong();
    const Got bought = buy(spend(R"({"id":"w2"})", basket(4000)));
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["spent"], 1500);  // the free lot and the open balance
    std::map<std::string, std::string> refused;
    for (const auto& each : bought.body["refused"]) refused[each["lot"]] = each["reasons"].back()["code"];
    EXPECT_EQ(refused, (std::map<std::string, std::string>{{"timed", "clock_untrusted"}, {"ends", "clock_untrusted"}}));
    const auto entry = store_->facts().entry(entries()).value();
    const auto record = journal::from_detail(entry.kind, entry.detail).value();
    EXPECT_FALSE(std::get<journal::Purchase>(record).facts.clock_trusted);
    EXPECT_EQ(std::get<journal::Purchase>(record).facts.now, clock.moment);
    told();
    EXPECT_EQ(buy(spend(R"({"id":"w2"})", basket(4000))).body["spent"], 2000);
}

TEST_F(WrongClock, APurchaseWithAPassThatTimeBoundsIsRefusedWhole) {
    wrong();
    const std::string with = R"(,"passes":[{"code":"DATE2X4567ABC"}])";
    const std::int64_t before = entries();
    const Got refused = buy(spend(R"({"new":true})", basket(500), with));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code(), "clock_untrusted");
    EXPECT_EQ(refused.body["reasons"].size(), 1u);
    const Got quoted = ask_quote(spend(R"({"new":true})", basket(500), with));
    EXPECT_EQ(quoted.body["accepted"], false);
    EXPECT_EQ(quoted.body["reasons"][0]["code"], "clock_untrusted");
    EXPECT_LE(entries(), before + 1);  // the clock's own event
    told();
    EXPECT_EQ(buy(spend(R"({"new":true})", basket(500), with)).status, 201);
}

TEST_F(WrongClock, ATopUpUnderAPoolWithAnEndIsRefused) {
    wrong();
    const Heard timed = post("/v1/wallets/w1/top-ups", R"({"amount":100,"tender":"cash","pool":"year"})");
    EXPECT_EQ(timed.code(), "clock_untrusted") << timed.body;
    EXPECT_EQ(post("/v1/wallets/w1/top-ups", R"({"amount":100,"tender":"cash","pool":"coffee"})").status, 201);
}

TEST_F(WrongClock, F24_ALotThatEndsNextMonthDoesNotEndBecauseTheClockJumpedAhead) {
    wrong(365 * 24h);
    const Got bought = ask_quote(spend(R"({"id":"w2"})", basket(4000)));
    EXPECT_EQ(bought.body["spendable"], 1500);
    EXPECT_EQ(bought.body["refused"].size(), 2u);
    for (const auto& each : bought.body["refused"]) {
        for (const auto& reason : each["reasons"]) EXPECT_EQ(reason["code"], "clock_untrusted");
    }
    told();
    EXPECT_EQ(ask_quote(spend(R"({"id":"w2"})", basket(4000))).body["spendable"], 3500);
}

TEST_F(WrongClock, AManagerConfirmsTheSystemClock) {
    wrong();
    const std::string body = R"({"reason":"checked against the radio"})";
    EXPECT_EQ(post("/v1/clock/confirm", body, "*", "cashier").status, 403);
    EXPECT_EQ(post("/v1/clock/confirm", "{}", "*", "manager").status, 400);
    EXPECT_EQ(post("/v1/clock/confirm", body, "", "manager").code(), "idempotency_key_missing");
    EXPECT_EQ(get("/v1/status").json["clock"]["state"], "untrusted");

    const Heard done = post("/v1/clock/confirm", body, "c1", "manager");
    ASSERT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(done.json["clock"], nlohmann::json::parse(R"({"state":"trusted","now":"2026-10-21T10:00:00Z"})"));
    EXPECT_EQ(get("/v1/status").json["clock"]["now"], "2026-10-21T10:00:00Z");
    EXPECT_EQ(get("/v1/status").json["clock"]["state"], "trusted");
    const nlohmann::json entry = newest_journal_entry();
    EXPECT_EQ(entry["seq"], done.json["entry"]["seq"]);
    EXPECT_EQ(entry["kind"], "clock_event");

    wrong(-60 * 24h);
    EXPECT_EQ(get("/v1/status").json["clock"]["state"], "untrusted");
    const Heard again = post("/v1/clock/confirm", body, "c1", "manager");  // a replay confirms nothing
    EXPECT_EQ(again.body, done.body);
    EXPECT_EQ(get("/v1/status").json["clock"]["state"], "untrusted");
}

// --- the ledger's time ----------------------------------------------------------------------------

struct SaysTheTime final : uplink::Ledger {
    explicit SaysTheTime(SetClock& of) : clock(of) {}
    awaitable<Result<wire::Welcome>> hello(wire::Hello) override {
        if (refuses) co_return Fault{"refused", "no"};
        wire::Welcome out;
        out.now = clock.moment;
        clock.moment += on_the_way;
        co_return out;
    }
    awaitable<Result<wire::Page>> feed(wire::FeedAsk) override {
        wire::Page out;
        out.now = clock.moment;
        clock.moment += on_the_way;
        co_return out;
    }
    awaitable<Result<wire::Receipt>> push(wire::Push) override { co_return wire::Receipt{}; }
    awaitable<Result<wire::Snapshot>> snapshot() override { co_return wire::Snapshot{}; }
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk) override { co_return wire::PassAnswer{}; }
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk) override { co_return wire::PurchaseAnswer{}; }
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk) override { co_return wire::IssueAnswer{}; }
    awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk) override { co_return wire::CompareAnswer{}; }
    void cut() override { ++cuts; }
    SetClock& clock;
    Millis on_the_way{};
    bool refuses = false;
    int cuts = 0;
};

TEST_F(WrongClock, WelcomeAndPageSetTheClockRightAndNothingElseDoes) {
    SaysTheTime centre_clock{clock};
    LedgerTime ledger{centre_clock, store_->clock()};
    const auto state = [this] { return get("/v1/status").json["clock"]["state"]; };
    wrong();
    EXPECT_EQ(state(), "untrusted");
    run(ledger.push({}));
    run(ledger.snapshot());
    centre_clock.refuses = true;
    EXPECT_FALSE(run(ledger.hello({})));
    EXPECT_EQ(state(), "untrusted");
    centre_clock.refuses = false;
    EXPECT_TRUE(run(ledger.hello({})));
    EXPECT_EQ(state(), "trusted");
    EXPECT_EQ(store_->clock().now(), clock.moment);

    wrong(40 * 24h);
    EXPECT_EQ(state(), "untrusted");
    centre_clock.on_the_way = 20s;
    EXPECT_TRUE(run(ledger.feed({})));
    EXPECT_EQ(state(), "trusted");
    EXPECT_LE(store_->clock().now(), clock.moment);
    EXPECT_GE(store_->clock().now(), clock.moment - 20s);
    ledger.cut();
    EXPECT_EQ(centre_clock.cuts, 1);
}

}  // namespace
}  // namespace obol::agent::testing
