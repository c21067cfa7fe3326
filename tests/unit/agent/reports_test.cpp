// A day at a glance, what became of passes, and how often customers were refused.

#include "agent/api/refusal.hpp"
#include "agent/api/report_routes.hpp"
#include "agent/app/day_overview.hpp"
#include "agent/app/passes_report.hpp"
#include "agent/app/refusals.hpp"
#include "tests/unit/agent/api_counter.hpp"

namespace obol::agent::testing {
namespace {

using Json = nlohmann::json;

class Reports : public Counter {
protected:
    Reports() : refusals_(loop_.get_executor(), *counter_) {}

    Json day(std::optional<LocalDate> wanted = {}) {
        return Json::parse(day_overview_in_words(run(day_overview(*counter_, wanted))).dump());
    }
    PassesAsk in_november() {
        PassesAsk ask;
        ask.from = at("2026-11-01T00:00:00Z");
        ask.to = at("2026-12-01T00:00:00Z");
        return ask;
    }
    Json analysis(PassesAsk ask, std::int64_t after = 0, std::size_t limit = 50) {
        return Json::parse(passes_analysis_in_words(run(passes_analysis(*counter_, std::move(ask), after, limit))).dump());
    }
    Json summary() { return Json::parse(passes_summary_in_words(run(passes_summary(*counter_, in_november()))).dump()); }
    // Four events of two plans.
    void trade() {
            const Heard sold = post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC","tender":"cash"})");
        ASSERT_EQ(sold.status, 201) << sold.body;
        ASSERT_EQ(post("/v1/activations/" + sold.json["id"].get<std::string>() + "/void", "{}").status, 201);
        ASSERT_EQ(redeem(gift_code, "", R"({"new":true})").status, 201);
        ASSERT_EQ(redeem(pin_code, "1234", R"({"id":"w1"})").status, 201);
    }
    std::int64_t refused(const std::string& code) {
        for (const auto& [each, count] : refusals_of(store_->facts(), {2026, 11, 20})) {
            if (each == code) return count;
        }
        return 0;
    }

    Refusals refusals_;
};

TEST_F(Reports, ADayTellsWhatWasSpentByPoolAndByHourAndWhatCameBack) {
    stock();
    ASSERT_EQ(redeem(pin_code, "1234", R"({"id":"w1"})").status, 201);
    const Got bought = buy(spend(R"({"id":"w1"})", basket(4500)));
    ASSERT_EQ(bought.status, 201) << bought.text;
    clock.moment += std::chrono::hours{1};
    ASSERT_EQ(buy(spend(R"({"id":"w1"})", basket(200))).status, 201);
    ASSERT_EQ(refund_of(bought.body["id"], R"({"amount":300})").status, 201);

    const Json met = day();
    EXPECT_EQ(met["day"], "2026-11-20");
    EXPECT_EQ(met["from"], "2026-11-20T04:00:00+02:00");  // from cut-off to cut-off
    EXPECT_EQ(met["to"], "2026-11-21T04:00:00+02:00");
    ASSERT_EQ(met["sources"].size(), 2u) << met.dump();
    EXPECT_EQ(met["sources"][0]["pool"]["name"], "Spend anywhere within a year");
    EXPECT_EQ(met["sources"][0]["spent"], 4000);
    EXPECT_EQ(met["sources"][0]["count"], 1);
    EXPECT_EQ(met["sources"][1]["pocket"], "business");
    EXPECT_EQ(met["sources"][1]["spent"], 700);
    EXPECT_EQ(met["sources"][1]["count"], 2);
    EXPECT_EQ(met["sources"][0]["given_back"].get<int>() + met["sources"][1]["given_back"].get<int>(), 300);
    ASSERT_EQ(met["hours"].size(), 2u);
    EXPECT_EQ(met["hours"][0]["from"], "2026-11-20T12:00:00+02:00");
    EXPECT_EQ(met["hours"][0]["spent"], 4500);
    EXPECT_EQ(met["hours"][0]["redeemed"], 4000);
    EXPECT_EQ(met["hours"][1]["purchases"], 1);
}

TEST_F(Reports, AnotherDayIsToldByItsOwnEntriesAlone) {
    stock();
    buy(spend(R"({"id":"w1"})", basket(100)));
    clock.moment += std::chrono::hours{24};
    buy(spend(R"({"id":"w1"})", basket(250)));
    EXPECT_EQ(day()["sources"][0]["spent"], 250);
    EXPECT_EQ(day(LocalDate{2026, 11, 20})["sources"][0]["spent"], 100);
    EXPECT_EQ(day(LocalDate{2026, 11, 19})["lines"].size(), 0u);
    EXPECT_EQ(day(LocalDate{2026, 11, 22})["lines"].size(), 0u);
    const Json first = day(LocalDate{2026, 11, 20}), second = day();
    EXPECT_EQ(first["entries"]["upto"], second["entries"]["after"]);  // no entry is left out or counted twice
}

TEST_F(Reports, WhatBecameOfPassesIsToldOneByOneAndByPlan) {
    stock();
    trade();
    const Json met = analysis(in_november());
    ASSERT_EQ(met["items"].size(), 4u) << met.dump();
    EXPECT_EQ(met["items"][0]["what"], "sold");
    EXPECT_EQ(met["items"][0]["tender"], "cash");
    EXPECT_EQ(met["items"][1]["what"], "voided");
    EXPECT_EQ(met["items"][1]["plan"]["id"], "gift25");  // which its entry does not say
    EXPECT_EQ(met["items"][2]["what"], "redeemed");
    EXPECT_EQ(met["items"][3]["plan"]["id"], "pinned");
    EXPECT_EQ(met["items"][3]["value"]["amount"], 4000);
    EXPECT_EQ(met["next"], nullptr);
    EXPECT_EQ(met.dump().find(gift_code), std::string::npos);

    const Json sums = summary()["items"];
    ASSERT_EQ(sums.size(), 2u);
    EXPECT_EQ(sums[0]["sold"]["value"], 2500);
    EXPECT_EQ(sums[0]["voided"]["count"], 1);
    EXPECT_EQ(sums[0]["redeemed"]["count"], 1);
    EXPECT_EQ(sums[1]["redeemed"]["value"], 4000);
}

// What a Z of a date counts, reports of that date count: a day ends when the business cuts it, not at midnight.
TEST_F(Reports, ASaleAfterMidnightBelongsToTheDayThatIsNotYetClosed) {
    stock();
    clock.moment += at("2026-11-21T01:30:00+02:00") - clock.now();
    trade();
    EXPECT_EQ(get("/v1/status").json["business_day"], "2026-11-20");
    EXPECT_EQ(day()["day"], "2026-11-20");
    router_ = std::make_unique<Router>(*store_, store_->clock(), router_timers, Bytes(32, 9), "en", report_routes(*counter_),
                                       [](const std::string&, int) {});
    const std::string path = "/v1/reports/passes-summary?from=";
    const Heard night = get(path + "2026-11-20&to=2026-11-21");
    ASSERT_EQ(night.status, 200) << night.body;
    EXPECT_EQ(night.json["items"].size(), 2u) << night.body;
    EXPECT_EQ(get(path + "2026-11-21&to=2026-11-22").json["items"].size(), 0u);
    clock.moment += at("2026-11-21T04:00:00+02:00") - clock.now();
    EXPECT_EQ(day()["day"], "2026-11-21");
}

TEST_F(Reports, PassesAreFilteredByTimePlanWhatAndTerminalAndComeInPages) {
    stock();
    trade();
    PassesAsk ask = in_november();
    ask.what = "redeemed";
    EXPECT_EQ(analysis(ask)["items"].size(), 2u);
    ask.plan = "pinned";
    EXPECT_EQ(analysis(ask)["items"].size(), 1u);
    ask.terminal = "T9";
    EXPECT_EQ(analysis(ask)["items"].size(), 0u);
    ask = in_november();
    ask.to = at("2026-11-20T00:00:00Z");
    EXPECT_EQ(analysis(ask)["items"].size(), 0u);

    const Json first = analysis(in_november(), 0, 3);
    ASSERT_EQ(first["items"].size(), 3u);
    const Json rest = analysis(in_november(), std::stoll(first["next"].get<std::string>()), 3);
    ASSERT_EQ(rest["items"].size(), 1u);
    EXPECT_EQ(rest["items"][0]["plan"]["id"], "pinned");
    EXPECT_EQ(analysis(in_november(), 0, 4)["next"], nullptr);  // four of four
}

TEST_F(Reports, MayBeLongerThanOneTurnOfTheLoop) {
    stock();
    ASSERT_EQ(post("/v1/passes/activate", R"({"code":"DRAF2X4567ABC","tender":"cash"})").status, 201);
    for (int i = 0; i < 130; ++i) buy(spend(R"({"id":"w1"})", basket(1)));
    EXPECT_EQ(day()["lines"][0]["count"], 130);
    EXPECT_EQ(analysis(in_november())["items"].size(), 1u);
}

TEST_F(Reports, ATableHoldsNoFormulaAndReadsWellInBothKindsOfNumbers) {
    PassesReport report;
    report.zone = "Asia/Nicosia";
    const Currency euro = Currency::parse("EUR").value();
    PlanSums& sums = report.plans[{PlanId{"p"}, euro}];
    sums.name = "=HYPERLINK(\"http://x\";\"y\")";
    sums.type = "gift";
    sums.sold = {3, Amount{1250}};
    const std::string point = passes_summary_as_csv(report, DecimalMark::point);
    EXPECT_TRUE(point.starts_with("\xEF\xBB\xBFplan,plan_name,"));
    EXPECT_NE(point.find(R"csv(p,"'=HYPERLINK(""http://x"";""y"")",gift,EUR,3,12.50,0,0.00,0,0.00)csv" "\r\n"), std::string::npos) << point;
    const std::string comma = passes_summary_as_csv(report, DecimalMark::comma);
    EXPECT_NE(comma.find(";gift;EUR;3;12,50;0;0,00"), std::string::npos) << comma;
}

TEST(Table, KeepsEachTextThatBeginsLikeAFormulaText) {
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"}) {
        Table table(DecimalMark::point);
        const std::string line = table.text(text).end_line().take();
        EXPECT_TRUE(line.substr(3).starts_with("\"'")) << text;
    }
    Table table(DecimalMark::point);
    EXPECT_EQ(table.text("a\"b").text("x,y").text("plain").number(-5).end_line().take().substr(3), "\"a\"\"b\",\"x,y\",plain,-5\r\n");
}

TEST_F(Reports, ARefusalIsCountedOnceAMinuteForATerminalAndReason) {
    stock();
    const TerminalId here{"T1"}, there{"T2"};
    refusals_.count(here, "pass_expired");
    refusals_.count(here, "pass_expired");
    refusals_.count(there, "pass_expired");
    refusals_.count(here, "pass_locked");
    until([this] { return refused("pass_expired") == 2 && refused("pass_locked") == 1; });
    clock.moment += Refusals::one_refusal;
    refusals_.count(here, "pass_expired");
    until([this] { return refused("pass_expired") == 3; });
    EXPECT_EQ(day()["refusals"][0]["code"], "pass_expired");  // the most frequent first
    EXPECT_EQ(day()["refusals"][0]["count"], 3);
    EXPECT_EQ(day(LocalDate{2026, 11, 19})["refusals"].size(), 0u);
}

TEST(Refusal, IsWhatARuleSaysToACustomerAndNothingElse) {
    const auto of = [](const std::string& pattern, int status, const std::string& body) {
        net::Reply reply;
        reply.status = status;
        reply.body = body;
        return refusal_in(pattern, reply);
    };
    EXPECT_EQ(of("/v1/passes/redeem", 422, R"({"code":"pass_expired"})"), "pass_expired");
    EXPECT_EQ(of("/v1/passes/check", 404, R"({"code":"pass_unknown"})"), "pass_unknown");
    EXPECT_EQ(of("/v1/purchases", 423, R"({"code":"pass_locked"})"), "pass_locked");
    EXPECT_EQ(of("/v1/purchases", 503, R"({"code":"link_required"})"), "link_required");
    EXPECT_EQ(of("/v1/quotes", 200, R"({"accepted":false,"reasons":[{"code":"insufficient_funds"},{"code":"x"}]})"), "insufficient_funds");
    EXPECT_EQ(of("/v1/quotes", 200, R"({"accepted":true,"reasons":[]})"), "");
    EXPECT_EQ(of("/v1/quotes", 200, R"({"accepted":true,"name":"\"accepted\":false"})"), "");
    EXPECT_EQ(of("/v1/purchases", 422, R"({"code":"idempotency_key_reused"})"), "");
    EXPECT_EQ(of("/v1/purchases", 400, R"({"code":"malformed_request"})"), "");
    EXPECT_EQ(of("/v1/purchases", 503, R"({"code":"busy"})"), "");
    EXPECT_EQ(of("/v1/terminals", 404, R"({"code":"pass_unknown"})"), "");
    net::Reply again;
    again.status = 422;
    again.body = R"({"code":"pass_expired"})";
    again.headers.emplace_back("idempotency-replayed", "true");
    EXPECT_EQ(refusal_in("/v1/purchases", again), "");
}

}  // namespace
}  // namespace obol::agent::testing
