#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})";

class Refunds : public Till {
protected:
    Refunds() {
        Pool anywhere;
        anywhere.id = PoolId{"year"};
        anywhere.name = "Spend anywhere within a year";
        pool(anywhere);
        wallet("w1", Amount{1000});
    }
    void open(Map more = {}) {
        business(std::move(more));
        open_shop();
    }
    Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});
};

TEST_F(Refunds, GiveTheRestByAnotherTender) {
    open();
    const std::string id = buy(spend(w1, basket(1500))).body["id"];
    const Got whole = refund_of(id, R"({"amount":1500})");
    EXPECT_EQ(whole.body["refunded"], 1000);
    EXPECT_EQ(whole.body["due_back"], 500);
    EXPECT_EQ(funds(pocket), (Funds{Amount{1000}, Amount{1000}}));  // held here from the first moment
}

TEST_F(Refunds, OfOneKeyHappenOnce) {
    open();
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    const Got first = refund_of(id, R"({"amount":400})", "r");
    const Got again = refund_of(id, R"({"amount":400})", "r");
    EXPECT_EQ(first.text, again.text);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(funds(pocket).shown, Amount{400});
}

TEST_F(Refunds, BringAnExpiredLotBackWithAGracePeriod) {
    lot("soon", "w1", "year", Amount{500}, Span{{}, at("2026-11-21T22:00:00Z")});
    open();
    const std::string id = buy(spend(w1, basket(500))).body["id"];
    clock.moment = at("2026-11-25T10:00:00Z");
    const Got got = refund_of(id, R"({"amount":500})");
    ASSERT_EQ(got.status, 201) << got.text;
    EXPECT_EQ(got.body["allocations"][0]["lot"], "soon");
    ASSERT_EQ(got.body["wallet"]["lots"].size(), 1u);
    // 30 days counted from the refund, the last one whole: until midnight of 26 December in Nicosia.
    EXPECT_EQ(got.body["wallet"]["lots"][0]["valid_until"], "2026-12-25T22:00:00Z");
    EXPECT_EQ(buy(spend(w1, basket(500), R"(,"spend":{"mode":"full","pockets":["commerce"]})")).status, 201);
}

TEST_F(Refunds, GiveALotTheGracePeriodWhereTheClockCannotTellWhetherItHasEnded) {
    lot("soon", "w1", "year", Amount{500}, Span{{}, at("2026-12-01T22:00:00Z")});
    open();
    const std::string id = buy(spend(w1, basket(500))).body["id"];
    clock.off = -std::chrono::hours{24 * 30};
    const Got got = refund_of(id, R"({"amount":500})");
    ASSERT_EQ(got.status, 201) << got.text;
    // 30 days counted from its end, the last one whole.
    EXPECT_EQ(got.body["wallet"]["lots"][0]["valid_until"], "2027-01-01T22:00:00Z");
}

TEST_F(Refunds, AboveTheLimitNeedAManager) {
    open({{"manager_above", 500}});
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    const std::int64_t before = entries();
    EXPECT_EQ(refund_of(id, R"({"amount":501})", "m").status, 403);
    EXPECT_EQ(void_of(id).code(), "forbidden");
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(refund_of(id, R"({"amount":500})").status, 201);
    caller.role = Role::manager;
    EXPECT_EQ(refund_of(id, R"({"amount":500})", "m2").status, 201);
}

TEST_F(Refunds, ASecondVoidIsRefusedAtOnceAndAsksForNothing) {
    open();
    const std::string id = buy(spend(w1, basket(500))).body["id"];
    ASSERT_EQ(void_of(id).status, 201);
    link.is_up = true;
    timers->patient = true;  // an ask would now wait for ever
    const std::int64_t before = entries();
    EXPECT_EQ(void_of(id).code(), "already_voided");
    EXPECT_EQ(refund_of(id, R"({"amount":1})").code(), "already_voided");
    EXPECT_EQ(entries(), before);
}

TEST_F(Refunds, OfAnotherVenueNeedTheLink) {
    open();
    const Got down = refund_of("0190aaaa-0000-7000-8000-000000000000", R"({"amount":1})", "x");
    EXPECT_EQ(down.status, 503);
    EXPECT_EQ(down.code(), "link_required");
    link.is_up = true;
    const Got up = refund_of("0190aaaa-0000-7000-8000-000000000000", R"({"amount":1})", "x");
    EXPECT_EQ(up.status, 404);
    EXPECT_EQ(up.code(), "purchase_unknown");
    EXPECT_EQ(show("nothing").code(), "purchase_unknown");
    EXPECT_EQ(void_of("nothing").code(), "purchase_unknown");
    link.is_up = false;
    EXPECT_EQ(show("nothing").code(), "link_required");
}

TEST_F(Refunds, RefuseALineThatIsNotThere) {
    open();
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    EXPECT_EQ(refund_of(id, R"({"lines":[{"line":"9","amount":1}]})").code(), "refund_exceeds_purchase");
    EXPECT_EQ(refund_of(id, R"({"lines":[{"line":"1","amount":1001}]})").code(), "refund_exceeds_purchase");
}

TEST_F(Refunds, AreDecodedStrictly) {
    const auto faults_of = [](const std::string& text) {
        wire::JsonFaults faults;
        read_refund_order(json(text), faults);
        return faults;
    };
    EXPECT_TRUE(faults_of(R"({"amount":1})").empty());
    EXPECT_FALSE(faults_of("{}").empty());
    EXPECT_FALSE(faults_of(R"({"amount":1,"lines":[{"line":"1","amount":1}]})").empty());
    EXPECT_FALSE(faults_of(R"({"amount":0})").empty());
    EXPECT_FALSE(faults_of(R"({"lines":[]})").empty());
    EXPECT_EQ(faults_of(R"({"lines":[{"line":"1","amount":1},{"line":"1","amount":1}]})").at(0).pointer, "/lines/1/line");
    EXPECT_EQ(faults_of(R"({"amount":1,"why":"x"})").at(0).pointer, "/why");
}

TEST_F(Refunds, VoidGivesBackWholeAndExactOnce) {
    open();
    const std::string id = buy(spend(w1, basket(1500))).body["id"];
    const Got voided = void_of(id);
    ASSERT_EQ(voided.status, 201) << voided.text;
    EXPECT_EQ(voided.body["void"], true);
    EXPECT_EQ(voided.body["refunded"], 1000);
    EXPECT_EQ(voided.body["due_back"], 500);
    EXPECT_EQ(void_of(id).code(), "already_voided");
    EXPECT_EQ(refund_of(id, R"({"amount":1})").code(), "already_voided");
    EXPECT_EQ(show(id).body["voided"], true);
    EXPECT_EQ(funds(pocket), (Funds{Amount{1000}, Amount{1000}}));
}

TEST_F(Refunds, F15_AreGivenOnAFullDiskThatSellsNothing) {
    open();
    const std::string first = buy(spend(w1, basket(400))).body["id"];
    const std::string second = buy(spend(w1, basket(300))).body["id"];
    free_bytes = 1 << 20;
    const Got full = buy(spend(w1, basket(200)), "k");
    EXPECT_EQ(full.status, 507);
    EXPECT_EQ(full.code(), "storage_full");
    EXPECT_EQ(void_of(first).status, 201);
    EXPECT_EQ(refund_of(second, R"({"amount":300})").status, 201);
    EXPECT_EQ(funds(pocket), (Funds{Amount{1000}, Amount{1000}}));
    free_bytes = 0;
    EXPECT_EQ(refund_of(second, R"({"amount":1})").status, 507);
    free_bytes = 1u << 30;
    const Got sold = buy(spend(w1, basket(200)), "k");  // the refusal wrote nothing, so the key is free
    EXPECT_EQ(sold.status, 201) << sold.text;
}

TEST_F(Refunds, VoidOfAPurchaseThatSpentNothingEndsItsRight) {
    open();
    const std::string id = buy(spend(w1, basket(100), R"(,"spend":{"mode":"none"})")).body["id"];
    EXPECT_EQ(funds(right_subject(PurchaseId{id})).held, Amount{1});
    EXPECT_EQ(void_of(id).status, 201);
    EXPECT_EQ(funds(right_subject(PurchaseId{id})).held, Amount{0});
}

TEST_F(Refunds, VoidNothingThatWasRefundedInPart) {
    open();
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    ASSERT_EQ(refund_of(id, R"({"amount":1})").status, 201);
    const Got got = void_of(id);
    EXPECT_EQ(got.code(), "already_refunded");
    EXPECT_EQ(got.body["reasons"].size(), 1u);
}

TEST_F(Refunds, VoidUntilTheBusinessDayEndsAtItsCutOff) {
    open();
    clock.moment = at("2026-11-20T20:00:00Z");  // 22:00 in Nicosia
    const std::string early = buy(spend(w1, basket(100))).body["id"];
    const std::string late = buy(spend(w1, basket(100))).body["id"];
    clock.moment = at("2026-11-21T01:59:59Z");  // 03:59:59, before the cut-off at 04:00
    EXPECT_EQ(void_of(early).status, 201);
    clock.moment = at("2026-11-21T02:00:00Z");
    EXPECT_EQ(void_of(late).code(), "void_too_late");
    EXPECT_EQ(refund_of(late, R"({"amount":100})").status, 201);
}

}  // namespace
}  // namespace obol::agent::testing
