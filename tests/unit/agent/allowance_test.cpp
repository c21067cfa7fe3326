// A venue that is cut off spends at its own risk what its business allows, and not a cent more.

#include <map>

#include "agent/app/status.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})";
const std::string w2 = R"({"id":"w2"})";
const std::string full = R"(,"spend":{"mode":"full"})";

class AtRisk : public Till {
protected:
    AtRisk() {
        wallet("w1", Amount{5000});
        wallet("w2", Amount{5000});
        but_hold_only(business_subject(WalletId{"w1"}, BusinessId{"aroma"}), Amount{200});
        but_hold_only(business_subject(WalletId{"w2"}, BusinessId{"aroma"}), Amount{});
        plan("gift", PassType::gift, Amount{900}, false);
        plan("secret", PassType::gift, Amount{900}, true);
        pass("p1", "gift", "GIFTAAAABBBB1", Amount{900});
        pass("p2", "secret", "GIFTAAAABBBB2", Amount{900}, "1234");
        for (const char* id : {"p1", "p2"}) but_hold_only(pass_subject(PassId{id}), Amount{});
    }
    static Map caps(std::int64_t transaction, std::int64_t subject, std::int64_t outage, std::int64_t count) {
        return {{"per_transaction", transaction}, {"per_subject", subject}, {"per_outage", outage}, {"count", count}};
    }
    void open_with(Map any_till, Map with_manager) {
        business({{"allowance", Map{{"any_till", std::move(any_till)}, {"with_manager", std::move(with_manager)}}}});
        open_shop();
    }
    void open_with(Map caps) {
        Map same = caps;
        open_with(std::move(caps), std::move(same));
    }
    void be(Role role) { caller.role = role; }
    void booked() {
        const journal::Head head = store_->facts().head();
        run<void>(uplink_->acknowledge(head));
    }
    std::int64_t held_of(const std::string& wallet_id) {
        return store_->facts()
            .db()
            .value<std::int64_t>("SELECT minor FROM held WHERE subject = ?", "business:" + wallet_id + ":aroma")
            .value_or(0);
    }
    nlohmann::json exposure() { return got(status(*context_)).body["exposure"]; }
    static nlohmann::json euro(std::int64_t amount) {
        return nlohmann::json::array({{{"amount", amount}, {"currency", "EUR"}}});
    }
    static std::vector<std::string> codes(const Got& got) {
        std::vector<std::string> out;
        for (const auto& reason : got.body["reasons"]) out.push_back(reason["code"]);
        return out;
    }
    static constexpr std::int64_t day_ms = 86'400'000;
};
using Codes = std::vector<std::string>;

TEST_F(AtRisk, NothingIsWhereNoAllowanceIsSet) {
    business();
    open_shop();
    EXPECT_EQ(codes(buy(spend(w1, basket(300), full))), Codes{"authority_elsewhere"});
    const Got most = buy(spend(w1, basket(300)));
    EXPECT_EQ(most.body["spent"], 200);
    EXPECT_EQ(most.body["at_risk"], 0);
    EXPECT_FALSE(ask_quote(spend(w1, basket(300))).body.contains("allowance"));
    EXPECT_EQ(exposure(), euro(0));
}

TEST_F(AtRisk, NothingIsWithTheLinkUp) {
    open_with(caps(1000, 1000, 1000, 5));
    link.is_up = true;
    EXPECT_EQ(codes(buy(spend(w1, basket(300), full))), Codes{"authority_elsewhere"});
    EXPECT_EQ(exposure(), euro(1000));  // as much could be lost if it were cut off now
}

TEST_F(AtRisk, WhatIsHeldPaysFirstAndHeldSinksByThatAlone) {
    open_with(caps(1000, 1000, 1000, 5));
    const std::string order = spend(w1, basket(500), full);
    const Got quoted = ask_quote(order);
    EXPECT_EQ(quoted.body["accepted"], true);
    EXPECT_EQ(quoted.body["spendable"], 500);
    EXPECT_EQ(quoted.body["at_risk"], 300);
    EXPECT_EQ(quoted.body["allowance"]["left"], 1000);
    const Got bought = buy(order);
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["at_risk"], 300);
    EXPECT_EQ(bought.body["allocations"][0]["at_risk"], 300);
    EXPECT_EQ(held_of("w1"), 0);
    EXPECT_EQ(funds("business:w1:aroma").shown, Amount{4500});
    EXPECT_EQ(bought.body["wallet"]["available_here"]["business"], 0);  // authority alone
    EXPECT_EQ(bought.body["wallet"]["pockets"]["business"], 4500);
    EXPECT_EQ(show(bought.body["id"]).body["at_risk"], 300);
    EXPECT_EQ(exposure(), euro(1000));
    EXPECT_EQ(got(status(*context_)).body["at_risk"], (nlohmann::json{{"unreported", 300}, {"entries", 1}}));
    EXPECT_EQ(buy(order).body["at_risk"], 500);
    EXPECT_EQ(codes(buy(order)), (Codes{"authority_elsewhere", "allowance_exhausted"}));
}

TEST_F(AtRisk, AManagerMayDoMoreAndNobodyMoreThanThat) {
    open_with(caps(500, 1000, 1000, 9), caps(800, 1000, 1500, 9));
    EXPECT_EQ(buy(spend(w2, basket(500), full)).status, 201);
    const Got more = buy(spend(w2, basket(100), full));
    EXPECT_EQ(codes(more), (Codes{"authority_elsewhere", "allowance_exhausted"}));
    EXPECT_EQ(more.body["reasons"][1]["wanted"], nlohmann::json::array({"manager"}));
    be(Role::manager);
    EXPECT_EQ(buy(spend(w2, basket(300), full)).body["at_risk"], 300);
    const Got most = buy(spend(w2, basket(1), full));
    EXPECT_EQ(codes(most), (Codes{"authority_elsewhere", "allowance_exhausted"}));
    EXPECT_FALSE(most.body["reasons"][1].contains("wanted"));
}

TEST_F(AtRisk, AnotherSaleToTheSameCustomerIsAnotherTransactionAfterAWhile) {
    open_with(caps(500, 2000, 2000, 9));
    EXPECT_EQ(buy(spend(w2, basket(500), full)).status, 201);
    EXPECT_EQ(buy(spend(w2, basket(1), full)).status, 422);
    EXPECT_EQ(buy(spend(w1, basket(400), full)).body["at_risk"], 200);  // somebody else
    clock.moment += split_sale_window - Millis{1};
    EXPECT_EQ(buy(spend(w2, basket(1), full)).status, 422);
    clock.moment += Millis{1};
    EXPECT_EQ(buy(spend(w2, basket(500), full)).status, 201);
}

TEST_F(AtRisk, WhatTheCentreHasBookedIsUsedNoMore) {
    open_with(caps(500, 500, 500, 1));
    EXPECT_EQ(buy(spend(w2, basket(500), full)).status, 201);
    clock.moment += split_sale_window;
    EXPECT_EQ(buy(spend(w2, basket(1), full)).status, 422);
    booked();
    EXPECT_EQ(exposure(), euro(500));
    EXPECT_EQ(got(status(*context_)).body["at_risk"]["unreported"], 0);
    EXPECT_EQ(buy(spend(w2, basket(500), full)).status, 201);
}

TEST_F(AtRisk, ARefundComesBackAsMoneyThatIsHeldAndGivesNoAllowanceBack) {
    open_with(caps(500, 500, 500, 9));
    const Got bought = buy(spend(w2, basket(500), full));
    EXPECT_EQ(refund_of(bought.body["id"], R"({"amount":200})").status, 201);
    EXPECT_EQ(held_of("w2"), 200);
    EXPECT_EQ(buy(spend(w2, basket(200), full)).body["at_risk"], 0);
    EXPECT_EQ(codes(buy(spend(w2, basket(1), full))), (Codes{"authority_elsewhere", "allowance_exhausted"}));
}

TEST_F(AtRisk, APassIsRedeemedWholeAndItsMoneyIsHeldHere) {
    open_with(caps(900, 900, 900, 9));
    const Got redeemed = redeem("GIFTAAAABBBB1", "", w2);
    ASSERT_EQ(redeemed.status, 201) << redeemed.text;
    EXPECT_EQ(redeemed.body["at_risk"], 900);
    EXPECT_EQ(held_of("w2"), 900);
    EXPECT_EQ(buy(spend(w2, basket(900), full)).body["at_risk"], 0);
    EXPECT_EQ(redeem("GIFTAAAABBBB1", "", w2).code(), "pass_redeemed");
}

TEST_F(AtRisk, APassThatPaysCountsWithThePurchase) {
    open_with(caps(1000, 1000, 1000, 9));
    const std::string order = spend(w2, basket(1000), full + R"(,"passes":[{"code":"GIFTAAAABBBB1"}])");
    EXPECT_EQ(ask_quote(order).body["at_risk"], 1000);
    const Got bought = buy(order);
    ASSERT_EQ(bought.status, 201) << bought.text;
    EXPECT_EQ(bought.body["at_risk"], 1000);  // 900 of the pass, 100 of the pocket
    EXPECT_EQ(show(bought.body["id"]).body["at_risk"], 1000);
    EXPECT_EQ(got(status(*context_)).body["at_risk"]["entries"], 2);
}

TEST_F(AtRisk, APassWithAPinIsNotRedeemedWithoutAuthority) {
    open_with(caps(900, 900, 900, 9));
    EXPECT_EQ(redeem("GIFTAAAABBBB2", "1234", w2).code(), "authority_elsewhere");
    EXPECT_EQ(redeem("GIFTAAAABBBB2", "9999", w2).code(), "authority_elsewhere");  // and tells nothing of the PIN
}

TEST_F(AtRisk, AVenuesOwnAllowanceIsInsteadOfItsBusinesss) {
    const Map none = caps(0, 0, 0, 0);
    open_with(caps(900, 900, 900, 9));
    wire::Fact venue{"venue", "nic", false, {{"id", "nic"}, {"business", "aroma"}, {"name", "Nicosia"}, {"zone", "Asia/Nicosia"},
                                             {"allowance", Map{{"any_till", none}, {"with_manager", none}}}}};
    tell(std::move(venue));
    EXPECT_EQ(codes(buy(spend(w2, basket(1), full))), Codes{"authority_elsewhere"});
    EXPECT_EQ(exposure(), euro(0));
}

// THREATS.md F39: the ledger is away for a week, and the caps end spending one after the other.
TEST_F(AtRisk, F39_InAWeekWithoutTheLedgerTheCapsEndSpendingInOrder) {
    open_with(caps(300, 700, 1500, 8), caps(300, 700, 2000, 12));
    std::map<int, std::string> ends;
    std::int64_t spent = 0;
    for (int day = 1; day <= 7; ++day) {
        for (const std::string& wallet_ref : {w1, w2}) {
            clock.moment += Millis{day_ms / 2};
            const Got bought = buy(spend(wallet_ref, basket(wallet_ref == w1 && day == 1 ? 500 : 300), full));
            if (bought.status == 201) {
                spent += bought.body["at_risk"].get<std::int64_t>();
            } else {
                EXPECT_EQ(codes(bought).back(), "allowance_exhausted");
                ends[day] += wallet_ref == w1 ? "1" : "2";
            }
            EXPECT_LE(spent, 1500);
            EXPECT_EQ(exposure(), euro(2000));  // what a manager may still do is part of it all the time
        }
    }
    EXPECT_EQ(spent, 1200);  // two sales to each, then each wallet's pocket is at its cap
    EXPECT_EQ(ends, (std::map<int, std::string>{{3, "12"}, {4, "12"}, {5, "12"}, {6, "12"}, {7, "12"}}));
    EXPECT_EQ(buy(spend(w1, basket(101), full)).status, 422);
    EXPECT_EQ(buy(spend(w1, basket(100), full)).status, 201);
    EXPECT_EQ(buy(spend(w2, basket(100), full)).status, 201);
    booked();
    EXPECT_EQ(buy(spend(w2, basket(200), full)).status, 201);
}

TEST_F(AtRisk, TheJournalAloneSaysWhatIsUsed) {
    open_with(caps(500, 500, 1000, 9));
    EXPECT_EQ(buy(spend(w2, basket(400), full)).status, 201);
    const journal::Entry entry = store_->facts().entry(entries()).value();
    const auto purchase = std::get<journal::Purchase>(journal::from_detail(entry.kind, entry.detail).value());
    EXPECT_EQ(purchase.decision.at_risk(), Amount{400});
    EXPECT_EQ(purchase.facts.allowance.spent, Amount{});
    EXPECT_EQ(purchase.facts.allowance.acked, store_->facts().acked_seq());
    EXPECT_EQ(store_->facts().at_risk_in(entries(), entries()), Amount{400});
    EXPECT_EQ(store_->facts().unreported_risk().count, 1);
}

}  // namespace
}  // namespace obol::agent::testing
