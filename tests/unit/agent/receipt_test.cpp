#include <fstream>
#include <sstream>

#include "agent/app/receipt.hpp"
#include "drivers/ticket/text.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

std::string golden(const std::string& name) {
    std::ifstream in("tests/golden/receipts/" + name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// Compares with the file; with OBOL_GOLDEN_OUT set, writes what came out there, for a person to look at.
void expect_golden(const std::string& name, const std::string& got) {
    if (const char* out = std::getenv("OBOL_GOLDEN_OUT")) std::ofstream(std::string(out) + "/" + name) << got;
    EXPECT_EQ(got, golden(name)) << name;
}

std::string printed(const Receipt& receipt, std::string_view language) {
    return drivers::render_text(receipt_document(receipt, language), drivers::usual_paper);
}

Receipt a_purchase() {
    Receipt receipt;
    receipt.kind = ReceiptKind::purchase;
    receipt.number = "NIC1-1042";
    receipt.business = "Aroma";
    receipt.venue = "Nicosia, Ledra Street";
    receipt.terminal = "T1";
    receipt.ticket = "T1-000123";
    receipt.zone = "Asia/Nicosia";
    receipt.at = at("2026-11-20T16:05:00Z");
    receipt.currency = Currency::parse("EUR").value();
    receipt.items = {{LineId{"1"}, "Freddo espresso", "2", Amount{640}},
                     {LineId{"2"}, "Ελαιόλαδο Ανώγυρας έξτρα παρθένο 750 ml", "1", Amount{1290}},
                     {LineId{"3"}, "Halloumi, per kg", "0.335", Amount{600}},
                     {LineId{"4"}, "Discount", "1", Amount{-100}}};
    receipt.total = Amount{2430};
    receipt.wallet_part = Amount{2000};
    receipt.other_part = Amount{430};
    receipt.parts = {{Pocket::commerce, PoolId{"happy"}, "Happy hour", Amount{1500}, {}},
                     {Pocket::business, {}, {}, Amount{500}, {}}};
    receipt.balances = {{Pocket::commerce, PoolId{"happy"}, "Happy hour", Amount{700}, at("2027-11-21T22:00:00Z")},
                        {Pocket::commerce, PoolId{"any"}, "No restriction", Amount{5000}, {}},
                        {Pocket::business, {}, {}, Amount{700}, {}}};
    receipt.wallet = WalletId{"w1"};
    receipt.holder = "M. G.";
    return receipt;
}

TEST(ReceiptText, OfAPurchaseInEnglishIsAsTheGoldenFile) {
    expect_golden("purchase_en.txt", printed(a_purchase(), "en"));
}

TEST(ReceiptText, OfAPurchaseInGreekSaysThatItIsNotConfirmed) {
    Receipt receipt = a_purchase();
    receipt.offline = true;
    expect_golden("purchase_el_offline.txt", printed(receipt, "el"));
}

TEST(ReceiptText, OfARefundNamesTheFirstReceipt) {
    Receipt receipt = a_purchase();
    receipt.kind = ReceiptKind::refund;
    receipt.number = "NIC1-1043";
    receipt.first_receipt = "NIC1-1042";
    receipt.items = {{LineId{"2"}, "Olive oil", "", Amount{1290}}};
    receipt.total = Amount{1290};
    receipt.wallet_part = Amount{1000};
    receipt.other_part = Amount{290};
    receipt.parts = {{Pocket::business, {}, {}, Amount{500}, {}},
                     {Pocket::commerce, PoolId{"happy"}, "Happy hour", Amount{500}, {}}};
    expect_golden("refund_en.txt", printed(receipt, "en"));
}

TEST(ReceiptText, OfAPassNamesItsLastFourAndWhereTheMoneyWent) {
    Receipt receipt = a_purchase();
    receipt.kind = ReceiptKind::pass_redeemed;
    receipt.number = "NIC1-7";
    receipt.ticket.clear();
    receipt.items.clear();
    receipt.pass_display = "••••7K2Q";
    receipt.total = receipt.wallet_part = Amount{2500};
    receipt.parts = {{Pocket::commerce, PoolId{"happy"}, "Happy hour", Amount{2500}, at("2027-11-21T22:00:00Z")}};
    expect_golden("redeem_el.txt", printed(receipt, "el"));
}

TEST(ReceiptText, FitsEveryPaper) {
    for (const int columns : {drivers::narrow_paper, drivers::usual_paper, drivers::wide_paper}) {
        for (const char* language : {"en", "el", "de"}) {
            std::istringstream in(drivers::render_text(receipt_document(a_purchase(), language), columns));
            for (std::string line; std::getline(in, line);) EXPECT_LE(drivers::width_of(line), columns) << line;
        }
    }
}

class Receipts : public Till {
protected:
    Receipts() {
        business();
        Pool coffee;
        coffee.id = PoolId{"coffee"};
        coffee.name = "Coffee only";
        coffee.families = {"Coffee"};
        pool(coffee);
        plan("gift20", PassType::gift, Amount{2000}, false, PoolId{"coffee"});
        pass("p1", "gift20", "GIFTAAAABBBB1", Amount{2000});
        wallet("w1", Amount{1000});
        open_shop();
    }
    std::optional<Receipt> find(const std::string& number) {
        return find_receipt(store_->facts(), context_->here, number, link.is_up);
    }
    const std::string w1 = R"({"id":"w1"})";
};

TEST_F(Receipts, AreMadeFromTheJournalAndStayAsTheyWere) {
    const Got redeemed = redeem("GIFTAAAABBBB1", "", w1);
    ASSERT_EQ(redeemed.status, 201) << redeemed.text;
    const Got bought = buy(spend(w1, basket(2500, "T1-9")));
    const std::string number = bought.body["receipt"]["number"];
    const Receipt first = find(number).value();
    EXPECT_EQ(first.kind, ReceiptKind::purchase);
    EXPECT_EQ(first.venue, "Nicosia");
    EXPECT_EQ(first.ticket, "T1-9");
    EXPECT_EQ(first.items.at(0).name, "Φρέντο εσπρέσο");
    EXPECT_EQ(first.wallet_part, Amount{2500});
    ASSERT_EQ(first.parts.size(), 2u);
    EXPECT_EQ(first.parts[0].pool_name, "Coffee only");
    EXPECT_EQ(first.parts[0].amount, Amount{2000});
    ASSERT_EQ(first.balances.size(), 1u);
    EXPECT_EQ(first.balances[0].amount, Amount{500});

    const std::string redeem_number = redeemed.body["receipt"]["number"];
    const Receipt of_pass = find(redeem_number).value();
    EXPECT_EQ(of_pass.kind, ReceiptKind::pass_redeemed);
    ASSERT_EQ(of_pass.balances.size(), 2u);  // as they were then: the lot is empty by now
    EXPECT_EQ(of_pass.balances[0].amount, Amount{2000});
    EXPECT_EQ(of_pass.balances[1].amount, Amount{1000});

    const Got back = refund_of(bought.body["id"], R"({"amount":700})");
    const Receipt of_refund = find(back.body["receipt"]["number"]).value();
    EXPECT_EQ(of_refund.kind, ReceiptKind::refund);
    EXPECT_EQ(of_refund.first_receipt, number);
    EXPECT_EQ(of_refund.wallet_part, Amount{700});
    EXPECT_EQ(of_refund.total, Amount{700});
    EXPECT_EQ(receipt_in_full(*find(number)).dump(), receipt_in_full(first).dump());
}

TEST_F(Receipts, SayOfflineOnlyWhileTheyAreNotConfirmedAndTheLinkIsDown) {
    const std::string number = buy(spend(w1, basket(100))).body["receipt"]["number"];
    EXPECT_TRUE(find(number)->offline);
    EXPECT_FALSE(find(number)->confirmed);
    link.is_up = true;
    EXPECT_FALSE(find(number)->offline);
    link.is_up = false;
    run<void>(uplink_->acknowledge(store_->facts().head()));
    EXPECT_FALSE(find(number)->offline);
    EXPECT_TRUE(find(number)->confirmed);
}

TEST_F(Receipts, AreNumberedWithoutGapsAndUnknownOnesAreNotThere) {
    const std::string one = buy(spend(w1, basket(100))).body["receipt"]["number"];
    EXPECT_EQ(buy(spend(w1, basket(9000), R"(,"spend":{"mode":"full"})")).status, 422);
    const std::string two = buy(spend(w1, basket(100))).body["receipt"]["number"];
    EXPECT_EQ(one, "NIC1-1");
    EXPECT_EQ(two, "NIC1-2");
    EXPECT_FALSE(find("NIC1-3").has_value());
    EXPECT_FALSE(find("OTHER-1").has_value());
}

TEST_F(Receipts, TellTheSameAsJson) {
    const Got bought = buy(spend(w1, basket(1500, "T1-9")));
    const auto words = nlohmann::json::parse(receipt_in_full(find("NIC1-1").value()).dump());
    EXPECT_EQ(words["number"], "NIC1-1");
    EXPECT_EQ(words["kind"], "purchase");
    EXPECT_EQ(words["id"], bought.body["id"]);
    EXPECT_EQ(words["at"], "2026-11-20T12:00:00+02:00");
    EXPECT_EQ(words["spent"], 1000);
    EXPECT_EQ(words["due"], 500);
    EXPECT_EQ(words["entry"], bought.body["entry"]);
    EXPECT_EQ(words["offline"], true);
}

}  // namespace
}  // namespace obol::agent::testing
