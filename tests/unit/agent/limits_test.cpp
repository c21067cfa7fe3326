#include "agent/app/top_up.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})";
const std::string w2 = R"({"id":"w2"})";

class Limits : public Till {
protected:
    Limits() {
        business();
        plan("gift20", PassType::gift, Amount{2000}, false);
        pass("p1", "gift20", "GIFTAAAABBBB1", Amount{2000});
        pass("p2", "gift20", "GIFTAAAABBBB2", Amount{2000});
        wallet("w1", Amount{10'000});
        wallet("w2", Amount{10'000});
    }
    // `bounds`: as {"most_count": 2}.
    void limit(const std::string& id, const std::string& kind, const std::string& period, Map bounds,
               const std::string& of_wallet = "") {
        Map body{{"id", id}, {"version", 1}, {"business", "aroma"}, {"kind", kind}, {"period", period},
                 {"currency", "EUR"}};
        if (!of_wallet.empty()) body["wallet"] = of_wallet;
        for (auto& [name, value] : bounds) body[name] = value;
        know("limit", id, body);
    }
    void hear_of(std::vector<journal::Tally> tallies) {
        const journal::Tallies all{WalletId{"w1"}, BusinessId{"aroma"}, std::move(tallies)};
        wire::Page page;
        page.generation = 1;
        page.from = cursor_;
        page.to = ++cursor_;
        page.as_of = entries();
        page.facts = {{"activity", "w1:aroma", false, journal::to_map(all)}};
        ASSERT_TRUE(run(uplink_->apply(page)));
    }
    Got top_up_of(std::int64_t amount) {
        TopUpInput input;
        input.wallet = WalletId{"w1"};
        input.amount = {Amount{amount}, Currency::none()};
        input.tender = "cash";
        return got(run(top_up(*context_, caller, once(fresh_key(), std::to_string(amount)), std::move(input))));
    }
    template <class Record>
    Record last_record() {
        const journal::Entry entry = store_->facts().entry(entries()).value();
        return std::get<Record>(journal::from_detail(entry.kind, entry.detail).value());
    }

private:
    std::int64_t cursor_ = 1;
};

TEST_F(Limits, RefuseWhatIsTooOftenUntilTheBusinessDayEnds) {
    limit("two", "debit", "day", {{"most_count", 2}});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
    const std::int64_t before = entries();
    const Got refused = buy(spend(w1, basket(100)));
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.code(), "limit_reached");
    EXPECT_EQ(refused.body["reasons"][0]["limit"], "debit per day");
    EXPECT_EQ(refused.body["reasons"][0]["resets_at"], "2026-11-21T04:00:00+02:00");
    EXPECT_EQ(refused.body["customer_text"], "This amount is not possible.");
    EXPECT_EQ(entries(), before);
    const Got quoted = ask_quote(spend(w1, basket(100)));
    EXPECT_EQ(quoted.body["accepted"], false);
    EXPECT_EQ(quoted.body["reasons"], refused.body["reasons"]);
    EXPECT_EQ(quoted.body["spendable"], 0);

    EXPECT_EQ(buy(spend(w2, basket(100))).status, 201);  // each wallet by itself
    EXPECT_EQ(buy(spend(w1, basket(100), R"(,"spend":{"mode":"none"})")).status, 201);
    clock.moment = at("2026-11-21T03:59:59+02:00");
    EXPECT_EQ(buy(spend(w1, basket(100))).code(), "limit_reached");
    clock.moment = at("2026-11-21T04:00:00+02:00");
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
}

TEST_F(Limits, LetMaxTakeWhatIsLeftAndSayWhy) {
    limit("money", "debit", "day", {{"most_amount", 900}});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(200))).body["spent"], 200);
    const std::string body = spend(w1, basket(1000));
    const Got quoted = ask_quote(body);
    EXPECT_EQ(quoted.body["accepted"], true);
    EXPECT_EQ(quoted.body["spendable"], 700);
    EXPECT_EQ(quoted.body["reasons"][0]["code"], "limit_reached");
    EXPECT_EQ(quoted.body["reasons"][0]["available"], 700);
    const Got bought = buy(spend(w1, basket(1000), R"(,"expect":{"spent":700})"));
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["due"], 300);
    EXPECT_EQ(bought.body["reasons"], quoted.body["reasons"]);
    EXPECT_EQ(show(bought.body["id"]).body["reasons"], quoted.body["reasons"]);
    EXPECT_EQ(buy(spend(w1, basket(1))).code(), "limit_reached");
    EXPECT_EQ(buy(spend(w1, basket(1), R"(,"spend":{"mode":"full"})")).code(), "limit_reached");
}

TEST_F(Limits, BoundOnePurchase) {
    limit("once", "debit", "transaction", {{"least_amount", 100}, {"most_amount", 500}});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(99))).code(), "below_minimum");
    EXPECT_EQ(buy(spend(w1, basket(600))).body["spent"], 500);
    const Got above = buy(spend(w1, basket(600), R"(,"spend":{"mode":"full"})"));
    EXPECT_EQ(above.code(), "above_maximum");
    EXPECT_EQ(above.body["reasons"][0]["available"], 500);
    EXPECT_EQ(above.body["reasons"][0]["limit"], "debit per transaction");
}

TEST_F(Limits, OfOneWalletBindNoOther) {
    limit("mine", "debit", "month", {{"most_count", 0}}, "w1");
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(100))).body["reasons"][0]["resets_at"], "2026-12-01T04:00:00+02:00");
    EXPECT_EQ(buy(spend(w2, basket(100))).status, 201);
}

TEST_F(Limits, AVoidGivesBackWhatARefundDoesNot) {
    limit("one", "debit", "day", {{"most_count", 1}});
    open_shop();
    const std::string id = buy(spend(w1, basket(100))).body["id"];
    EXPECT_EQ(refund_of(id, R"({"amount":100})").status, 201);
    EXPECT_EQ(buy(spend(w1, basket(100))).code(), "limit_reached");
    clock.moment += std::chrono::hours{24};
    const std::string next = buy(spend(w1, basket(100))).body["id"];
    EXPECT_EQ(buy(spend(w1, basket(100))).code(), "limit_reached");
    EXPECT_EQ(void_of(next).status, 201);
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
}

TEST_F(Limits, AClockSetBackResetsNoCounter) {
    limit("one", "debit", "day", {{"most_count", 1}});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
    clock.moment -= std::chrono::hours{72};
    EXPECT_EQ(ask_quote(spend(w1, basket(100))).body["accepted"], false);
    const Got refused = buy(spend(w1, basket(100)));
    EXPECT_EQ(refused.code(), "limit_reached");
    EXPECT_EQ(refused.body["reasons"][0]["resets_at"], "2026-11-21T04:00:00+02:00");
}

TEST_F(Limits, CountWhatOtherVenuesDidOnceTheCentreTellsIt) {
    limit("three", "debit", "day", {{"most_count", 3}, {"most_amount", 5'000}});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
    // The centre has booked ours, and one of another venue.
    hear_of({{"debit", "2026-11-19", 9, Amount{4'000}}, {"debit", "2026-11-20", 2, Amount{3'000}}});
    EXPECT_EQ(ask_quote(spend(w1, basket(5'000))).body["spendable"], 2'000);
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);  // one after what it has booked
    EXPECT_EQ(buy(spend(w1, basket(100))).code(), "limit_reached");
    hear_of({{"debit", "2026-11-20", 2, Amount{3'000}}});  // the other's was voided, ours came
    EXPECT_EQ(buy(spend(w1, basket(100))).status, 201);
}

TEST_F(Limits, BoundPassesThatAreRedeemed) {
    limit("one", "credit", "week", {{"most_count", 1}});
    open_shop();
    const Got both = buy(R"({"wallet":{"id":"w1"},"basket":)" + basket(100) +
                         R"(,"passes":[{"code":"GIFTAAAABBBB1"},{"code":"GIFTAAAABBBB2"}]})");
    EXPECT_EQ(both.code(), "limit_reached");
    EXPECT_EQ(both.body["reasons"][0]["limit"], "credit per week");
    EXPECT_EQ(redeem("GIFTAAAABBBB1", "", w1).status, 201);
    EXPECT_EQ(last_record<journal::PassRedeemed>().limits.limits.size(), 1u);
    const Got second = redeem("GIFTAAAABBBB2", "", w1);
    EXPECT_EQ(second.code(), "limit_reached");
    EXPECT_EQ(second.body["reasons"][0]["resets_at"], "2026-11-23T04:00:00+02:00");
    EXPECT_EQ(redeem("GIFTAAAABBBB2", "", w2).status, 201);
}

TEST_F(Limits, BoundMoneyPaidIn) {
    limit("month", "top_up", "month", {{"most_amount", 5'000}});
    limit("once", "top_up", "transaction", {{"least_amount", 500}});
    open_shop();
    EXPECT_EQ(top_up_of(499).code(), "below_minimum");
    EXPECT_EQ(top_up_of(4'000).status, 201);
    EXPECT_EQ(last_record<journal::TopUp>().limits.activity[0].amount, Amount{});
    EXPECT_EQ(top_up_of(1'001).code(), "limit_reached");
    EXPECT_EQ(top_up_of(1'000).status, 201);
    EXPECT_EQ(last_record<journal::TopUp>().limits.activity[0].amount, Amount{4'000});
}

TEST_F(Limits, StandInTheEntryWithAllThatDecidedIt) {
    limit("two", "debit", "day", {{"most_count", 2}});
    limit("money", "debit", "week", {{"most_amount", 250}});
    limit("lifted", "debit", "month", {});
    open_shop();
    EXPECT_EQ(buy(spend(w1, basket(200))).status, 201);
    EXPECT_EQ(buy(spend(w1, basket(200))).status, 201);
    const auto bought = last_record<journal::Purchase>();
    const LimitFacts& limits = bought.facts.limits;
    EXPECT_EQ(limits.as_of, 1);
    ASSERT_EQ(limits.limits.size(), 2u);
    EXPECT_EQ(limits.limits[0].id, "money");
    ASSERT_EQ(limits.activity.size(), 2u);
    EXPECT_EQ(limits.activity[0].count, 1);
    EXPECT_EQ(limits.activity[1].amount, Amount{200});
    EXPECT_EQ(decide_purchase(bought.facts, bought.request), bought.decision);
    EXPECT_EQ(bought.decision.spent, Amount{50});
}

}  // namespace
}  // namespace obol::agent::testing
