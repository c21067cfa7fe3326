// X and Z: what a business day came to.

#include "agent/app/day_report.hpp"

#include "agent/app/receipt.hpp"
#include "drivers/ticket/text.hpp"
#include "tests/unit/agent/printing.hpp"

namespace obol::agent::testing {
namespace {

class Days : public Printing {
protected:
    Got close(const std::string& key = "") {
        const std::string with = key.empty() ? fresh_key() : key;
        return got(run(close_day(*context_, caller, once(with, "{}"))));
    }
    nlohmann::json x() { return nlohmann::json::parse(day_report_in_words(run(x_report(*context_))).dump()); }
    nlohmann::json line(const nlohmann::json& report, const std::string& what) {
        for (const auto& each : report["lines"]) {
            if (each["what"] == what) return each;
        }
        return {};
    }
};

TEST_F(Days, AnXTellsWhatTheDayCameToSoFarAndClosesNothing) {
    const Got bought = buy(spend(R"({"id":"w1"})", basket(2500)));
    buy(spend(R"({"id":"w1"})", basket(10000)));
    refund_of(bought.body["id"], R"({"amount":700})");
    const std::int64_t before = entries();
    const nlohmann::json report = x();
    EXPECT_EQ(report["report"], "x");
    EXPECT_FALSE(report.contains("number"));
    EXPECT_EQ(report["day"], "2026-11-20");
    EXPECT_EQ(report["since"], nullptr);
    EXPECT_EQ(line(report, "purchase")["count"], 2);
    EXPECT_EQ(line(report, "purchase")["total"], 12500);
    EXPECT_EQ(line(report, "purchase")["business"], 9000);
    EXPECT_EQ(line(report, "purchase")["other"], 3500);
    EXPECT_EQ(line(report, "refund")["total"], 700);
    EXPECT_EQ(line(report, "refund")["business"], 700);
    EXPECT_EQ(report["receipts"]["first"], "NIC1-1");
    EXPECT_EQ(report["receipts"]["last"], "NIC1-3");
    EXPECT_EQ(entries(), before);
}

TEST_F(Days, ZReportsAreNumberedWithoutGapsAndCountEachEntryOnce) {
    sell(100);
    sell(200);
    const Got first = close();
    ASSERT_EQ(first.status, 201) << first.text;
    EXPECT_EQ(first.body["number"], 1);
    EXPECT_EQ(first.body["receipt"]["number"], "NIC1-3");
    EXPECT_EQ(line(first.body, "purchase")["total"], 300);
    EXPECT_EQ(x()["lines"].size(), 0u);
    sell(50);
    const Got second = close();
    EXPECT_EQ(second.body["number"], 2);
    EXPECT_EQ(second.body["since"], first.body["at"]);
    EXPECT_EQ(second.body["entries"]["after"], first.body["entry"]["seq"]);
    EXPECT_EQ(line(second.body, "purchase")["total"], 50);
    EXPECT_EQ(close().body["lines"].size(), 0u);  // a day without receipts is closed as well
}

TEST_F(Days, AZIsWhatItWasForEver) {
    sell(100);
    const Got closed = close("z");
    const std::string first = day_report_in_words(z_report(store_->facts(), context_->here, 1).value()).dump();
    sell(900);
    close();
    EXPECT_EQ(day_report_in_words(z_report(store_->facts(), context_->here, 1).value()).dump(), first);
    EXPECT_FALSE(z_report(store_->facts(), context_->here, 3));
    EXPECT_TRUE(close("z").replayed);
    EXPECT_EQ(close("z").body["number"], 1);
}

TEST_F(Days, AZIsAReceiptThatIsPrintedAndReprintedAsACopy) {
    const std::string number = close().body["receipt"]["number"];
    const Receipt receipt = find_receipt(store_->facts(), context_->here, number, true).value();
    EXPECT_EQ(receipt.kind, ReceiptKind::day_closed);
    ASSERT_TRUE(receipt.day);
    EXPECT_EQ(receipt.day->number, 1);
    queue->look();
    until_printed(1);
    EXPECT_NE(counter().paper(0).find("Z REPORT 1"), std::string::npos);
    counter().finish();
    until_state(0, "printed");
    reprint(number);
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
}

TEST_F(Days, AnXOnPaperSaysThatItIsNotFinal) {
    PrintInput input;
    input.what = "x";
    EXPECT_EQ(ask(input).status, 202);
    until_printed(1);
    EXPECT_NE(counter().paper(0).find("Not final"), std::string::npos);
}

TEST_F(Days, MayBeLongerThanOneTurnOfTheLoopAndStillWhole) {
    for (int i = 0; i < 150; ++i) buy(spend(R"({"id":"w1"})", basket(10)));
    EXPECT_EQ(line(x(), "purchase")["count"], 150);
    EXPECT_EQ(line(close().body, "purchase")["count"], 150);
}

TEST_F(Days, AreTablesAsWell) {
    sell(100);
    const std::string csv = day_report_as_csv(run(x_report(*context_)));
    EXPECT_EQ(csv, "report,number,day,what,tender,currency,count,total,commerce,business,personal,other,awarded\r\n"
                   "x,,2026-11-20,purchase,,EUR,1,100,0,100,0,0,0\r\n");
}

}  // namespace
}  // namespace obol::agent::testing
