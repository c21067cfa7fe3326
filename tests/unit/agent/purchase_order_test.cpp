#include <gtest/gtest.h>

#include "agent/app/purchase_order.hpp"

namespace obol::agent {
namespace {

wire::Json json(const std::string& text) { return std::get<wire::Json>(wire::parse_json(text)); }

std::vector<std::string> pointers(const std::string& body, OrderOf what = OrderOf::purchase) {
    wire::JsonFaults faults;
    read_purchase_order(json(body), what, faults);
    std::vector<std::string> out;
    for (const wire::JsonFault& fault : faults) out.push_back(fault.pointer);
    return out;
}

std::string order(const std::string& lines, const std::string& more = "") {
    return R"({"wallet":{"id":"w1"},"basket":{"currency":"EUR","lines":)" + lines + "}" + more + "}";
}
const std::string one_line = R"([{"id":"1","sku":"C1","quantity":"1","amount":100}])";

using Pointers = std::vector<std::string>;

TEST(PurchaseOrder, ReadsAllThatApiNames) {
    wire::JsonFaults faults;
    const PurchaseOrder got = read_purchase_order(
        json(R"({"wallet":{"phone":"+35799000001"},"passes":[{"code":"A","pin":"1234"}],
                 "basket":{"currency":"EUR","ticket":"T1-000123","lines":[
                   {"id":"1","sku":"85123A","quantity":"0.335","amount":-1530,"name":"n","brand":"b","family":"f","type":"t"}]},
                 "spend":{"mode":"amount","amount":5,"pockets":["personal","commerce"]},
                 "promotion_codes":["X"],"expect":{"spent":5},"confirm_duplicate":true})"),
        OrderOf::purchase, faults);
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(got.wallet.value, "+35799000001");
    EXPECT_EQ(got.passes.at(0).code, "A");
    EXPECT_EQ(got.basket.ticket, "T1-000123");
    EXPECT_EQ(got.basket.lines.at(0),
              (Line{LineId{"1"}, "85123A", "0.335", Amount{-1530}, "n", "b", "f", "t"}));
    EXPECT_EQ(got.spend, (SpendRequest{SpendMode::amount, Amount{5}, {Pocket::personal, Pocket::commerce}}));
    EXPECT_EQ(got.expected, Amount{5});
    EXPECT_TRUE(got.confirm_duplicate);
}

TEST(PurchaseOrder, DefaultsToWhatTheWalletCanPay) {
    wire::JsonFaults faults;
    const PurchaseOrder got = read_purchase_order(json(order(one_line)), OrderOf::quote, faults);
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(got.spend, SpendRequest{});
    EXPECT_FALSE(got.expected.has_value());
}

TEST(PurchaseOrder, KeepsWhatAPurchaseAloneMaySayOutOfAQuote) {
    EXPECT_EQ(pointers(order(one_line, R"(,"expect":{"spent":1})"), OrderOf::quote), Pointers{"/expect"});
    EXPECT_EQ(pointers(order(one_line, R"(,"confirm_duplicate":true)"), OrderOf::quote), Pointers{"/confirm_duplicate"});
}

TEST(PurchaseOrder, NamesEachFaultByItsPointer) {
    EXPECT_EQ(pointers("{}"), (Pointers{"/wallet", "/basket"}));
    EXPECT_EQ(pointers(order(R"([{"id":"1","quantity":"1","amount":1}])")), Pointers{"/basket/lines/0/sku"});
    EXPECT_EQ(pointers(order(R"([{"id":"1","sku":"a","quantity":"1"}])")), Pointers{"/basket/lines/0/amount"});
    EXPECT_EQ(pointers(order(R"([{"id":"a b","sku":"a","quantity":"1","amount":1}])")), Pointers{"/basket/lines/0/id"});
    EXPECT_EQ(pointers(order(R"([{"id":"1","sku":"a","quantity":"1","amount":1,"colour":"red"}])")),
              Pointers{"/basket/lines/0/colour"});
    EXPECT_EQ(pointers(order(R"([{"id":"1","sku":"a","quantity":"1","amount":1},
                                 {"id":"1","sku":"a","quantity":"1","amount":1}])")),
              Pointers{"/basket/lines/1/id"});
    EXPECT_EQ(pointers(order("[]")), Pointers{"/basket/lines"});
    EXPECT_EQ(pointers(R"({"wallet":{"id":"w"},"basket":{"currency":"DRA","lines":)" + one_line + "}}"),
              Pointers{"/basket/currency"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"mode":"some"})")), Pointers{"/spend/mode"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"mode":"amount"})")), Pointers{"/spend/amount"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"mode":"amount","amount":0})")), Pointers{"/spend/amount"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"mode":"max","amount":5})")), Pointers{"/spend/amount"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"pockets":["business","business"]})")),
              Pointers{"/spend/pockets/1"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"pockets":["purse"]})")), Pointers{"/spend/pockets/0"});
    EXPECT_EQ(pointers(order(one_line, R"(,"spend":{"pockets":[]})")), Pointers{"/spend/pockets"});
    EXPECT_EQ(pointers(order(one_line, R"(,"promotion_codes":[1])")), Pointers{"/promotion_codes/0"});
    EXPECT_EQ(pointers(order(one_line, R"(,"expect":{"spent":-1})")), Pointers{"/expect/spent"});
}

TEST(PurchaseOrder, TakesQuantitiesAsPeopleWriteThemAndNothingElse) {
    const auto good = [](const std::string& quantity) {
        return pointers(order(R"([{"id":"1","sku":"a","quantity":")" + quantity + R"(","amount":1}])")).empty();
    };
    for (const char* text : {"6", "0", "0.335", "-1", "12.5", "999999999.999999"}) EXPECT_TRUE(good(text)) << text;
    for (const char* text : {"", "1.", ".5", "01", "1e3", "+1", "1,5", " 1", "--1", "1.1234567", "1234567890", "NaN"}) {
        EXPECT_FALSE(good(text)) << text;
    }
    EXPECT_FALSE(pointers(order(R"([{"id":"1","sku":"a","quantity":6,"amount":1}])")).empty());
}

TEST(PurchaseOrder, TakesAThousandLinesAndNoMore) {
    const auto lines = [](int count) {
        std::string out = "[";
        for (int i = 0; i < count; ++i) {
            out += (i ? "," : "") + std::string(R"({"id":"l)") + std::to_string(i) +
                   R"(","sku":"a","quantity":"1","amount":1})";
        }
        return out + "]";
    };
    EXPECT_TRUE(pointers(order(lines(1000))).empty());
    EXPECT_FALSE(pointers(order(lines(1001))).empty());
}

TEST(PurchaseOrder, RefusesABasketWhoseTotalIsNoAmount) {
    const std::string huge = R"([{"id":"1","sku":"a","quantity":"1","amount":9007199254740991},
                                 {"id":"2","sku":"a","quantity":"1","amount":1}])";
    EXPECT_EQ(pointers(order(huge)), Pointers{"/basket/lines"});
}

}  // namespace
}  // namespace obol::agent
