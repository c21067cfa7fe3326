// Where a business wants the holder's card, a phone number that others know too spends nothing.

#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

class Proof : public Till {
protected:
    void open(const std::string& proof) {
        business({{"wallet_proof", proof}});
        wallet("w1", Amount{1000});
        Wallet carded;
        carded.id = WalletId{"w2"};
        carded.contact = ContactId{"nikos"};
        carded.holder = "N. P.";
        carded.currency = Currency::parse("EUR").value();
        carded.home = VenueId{"nic"};
        Value body = journal::to_value(carded);
        (*body.map())["card"] = "CARD000123";
        know_value("wallet", "w2", body);
        money(business_subject(carded.id, BusinessId{"aroma"}), Amount{1000});
        plan("gift25", PassType::gift, Amount{2500}, false);
        pass("p1", "gift25", "GIFT2X4567ABC", Amount{2500});
        open_shop();
    }
    static constexpr const char* by_id = R"({"id":"w1"})";
    static constexpr const char* by_phone = R"({"phone":"+35799000001"})";
    static constexpr const char* by_card = R"({"card":"card 000-123"})";
};

TEST_F(Proof, CardRefusesWhoeverIsNamedOtherwise) {
    open("card");
    const std::int64_t before = entries();
    for (const std::string ref : {by_id, by_phone}) {
        const Got got = buy(spend(ref, basket(500)));
        EXPECT_EQ(got.code(), "wallet_required") << ref << got.text;
        EXPECT_EQ(got.status, 422);
        EXPECT_EQ(ask_quote(spend(ref, basket(500))).code(), "wallet_required");
    }
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(funds(business_subject(WalletId{"w1"}, BusinessId{"aroma"})).shown, Amount{1000});
}

TEST_F(Proof, CardLetsTheCardAndThePassThatIsItselfTheMoneySpend) {
    open("card");
    EXPECT_EQ(buy(spend(by_card, basket(500))).body["spent"], 500);
    const Got guest = buy(spend(R"({"new":true})", basket(700), R"(,"passes":[{"code":"GIFT2X4567ABC"}])"));
    ASSERT_EQ(guest.status, 201) << guest.text;
    EXPECT_EQ(guest.body["spent"], 700);
    EXPECT_EQ(buy(spend(R"({"pass_code":"GIFT2X4567ABC"})", basket(300))).body["spent"], 300);
}

TEST_F(Proof, NoneAsksForNothing) {
    open("none");
    EXPECT_EQ(buy(spend(by_id, basket(500))).body["spent"], 500);
    EXPECT_EQ(buy(spend(by_phone, basket(500))).body["spent"], 500);
}

}  // namespace
}  // namespace obol::agent::testing
