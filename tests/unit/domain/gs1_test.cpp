#include "sync/domain/gs1.hpp"

#include <gtest/gtest.h>

namespace obol {
namespace {

std::string told(const Result<Gs1Elements>& elements) {
    if (!elements) return elements.error().code;
    std::string out;
    for (const Gs1Element& each : *elements) out += "(" + each.ai + ")" + each.value;
    return out;
}

struct Case {
    std::string text, elements;
};

TEST(Gs1, ValuesEndWhereTheirIdentifierSays) {
    for (const Case& each : std::vector<Case>{
             {"0109506000134352", "(01)09506000134352"},
             {"010950600013435210ABC123", "(01)09506000134352(10)ABC123"},
             {"010950600013435217271231" "10AB/1-2", "(01)09506000134352(17)271231(10)AB/1-2"},
             {"10AB12\x1d" "0109506000134352", "(10)AB12(01)09506000134352"},
             {"\x1d" "0109506000134352", "(01)09506000134352"},
             {"0109506000134352\x1d" "21XYZ", "(01)09506000134352(21)XYZ"},  // a separator that need not be
             {"3103001250", "(3103)001250"},
             {"392212345\x1d" "21A", "(3922)12345(21)A"},
             {"00106141412345678908", "(00)106141412345678908"},
             {"4109506000134352", "(410)9506000134352"},
             {"8005000125", "(8005)000125"},
             {"99OBOL\x1d" "2001", "(99)OBOL(20)01"},
         }) {
        EXPECT_EQ(told(parse_gs1(each.text)), each.elements) << each.text;
    }
}

TEST(Gs1, WhatIsNotElementsFromBeginningToEndIsRefused) {
    for (const std::string& text : std::vector<std::string>{
             "", "\x1d", "01", "0109506000134353", "010950600013435", "01095060001343520", "ABC", "05123",
             "0109506000134352\x1d\x1d" "10A", "10", "10ABCDEFGHIJKLMNOPQRSTU", "310300125", "17ABCDEF", "10A#B",
             "10A B", "10\xce\x91", "37123456789", "04123456789012345678"}) {
        EXPECT_EQ(told(parse_gs1(text)), "gs1_malformed") << text;
    }
}

TEST(Gs1, BracketsAreReadAsPeopleWriteThem) {
    EXPECT_EQ(told(parse_gs1("(01)09506000134352(10)ABC(17)271231")), "(01)09506000134352(10)ABC(17)271231");
    EXPECT_EQ(told(parse_gs1("(10)A(B)C(21)9")), "(10)A(B)C(21)9") << "a value may hold brackets";
    for (const std::string text : {"(01)0950600013435", "(01", "(1)2", "(01)09506000134352)", "(0109506000134352)", "()"}) {
        EXPECT_EQ(told(parse_gs1(text)), "gs1_malformed") << text;
    }
}

TEST(Gs1, LinksTellTheSame) {
    EXPECT_EQ(told(parse_digital_link("https://id.gs1.org/01/09506000134352/10/AB%2F1?17=271231&linkType=all")),
              "(01)09506000134352(10)AB/1(17)271231");
    EXPECT_EQ(told(parse_digital_link("https://shop.example/deep/er/01/9506000134352")), "(01)09506000134352");
    // An address inside a query or a fragment begins nothing; the first of these once ended the agent.
    for (const char* text : {"go?to=https://id.gs1.org/01/09506000134352", "?://", "a#https://b/01/09506000134352", "#://"}) {
        EXPECT_EQ(told(parse_digital_link(text)), "gs1_malformed") << text;
    }
    for (const std::string url : {"https://shop.example/c/GIFT4567", "https://shop.example/01/123", "shop.example/01/09506000134352",
                                  "https://shop.example/01/09506000134352/10", "https://shop.example/01/09506000134352?17=1"}) {
        EXPECT_EQ(told(parse_digital_link(url)), url.ends_with("/10") ? "(01)09506000134352" : "gs1_malformed") << url;
    }
}

TEST(Gs1, CheckDigitsAreThoseOfTheStandard) {
    for (const std::string good : {"96385074", "036000291452", "4006381333931", "10614141000415", "106141412345678908"}) {
        EXPECT_TRUE(has_check_digit(good)) << good;
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string bad = good;
            bad[at] = bad[at] == '9' ? '0' : static_cast<char>(bad[at] + 1);
            EXPECT_FALSE(has_check_digit(bad)) << bad;
        }
    }
    EXPECT_FALSE(has_check_digit("4006381333931a"));
    EXPECT_FALSE(has_check_digit(""));
}

TEST(Gs1, ElementsWithoutAGtinNameNoProduct) {
    EXPECT_EQ(gtin_among({{"10", "LOT7"}, {"17", "261231"}}), std::nullopt);
    EXPECT_EQ(gtin_among({}), std::nullopt);
}

TEST(Gs1, OneProductHasOneNumberHoweverManyDigitsWereSent) {
    EXPECT_EQ(gtin_of("036000291452"), "00036000291452");
    EXPECT_EQ(gtin_of("0036000291452"), "00036000291452");
    EXPECT_EQ(gtin_of("00036000291452"), "00036000291452");
    EXPECT_EQ(gtin_of("96385074"), "00000096385074");
    EXPECT_EQ(gtin_of("4006381333932"), std::nullopt);
    EXPECT_EQ(gtin_of("106141412345678908"), std::nullopt) << "a parcel is no product";
    EXPECT_EQ(gtin_of("00000000"), std::nullopt);
    EXPECT_EQ(gtin_forms("00036000291452"), (std::vector<std::string>{"00036000291452", "0036000291452", "036000291452"}));
    EXPECT_EQ(gtin_forms("10614141000415"), std::vector<std::string>{"10614141000415"});
    EXPECT_EQ(gtin_forms("00000096385074").back(), "96385074");
}

TEST(Gs1, ShortUpcsGetTheirZerosBack) {
    // One of each way of leaving them out.
    EXPECT_EQ(gtin_of_upc_e("01234505"), gtin_of("012000003455"));
    EXPECT_EQ(gtin_of_upc_e("01234531"), gtin_of("012300000451"));
    EXPECT_EQ(gtin_of_upc_e("01234543"), gtin_of("012340000053"));
    EXPECT_EQ(gtin_of_upc_e("01234558"), gtin_of("012345000058"));
    for (const char* upc : {"01234505", "01234531", "01234543", "01234558"}) EXPECT_TRUE(gtin_of_upc_e(upc)) << upc;
    for (const char* bad : {"01234559", "21234558", "0123455", "0123455a", ""}) EXPECT_EQ(gtin_of_upc_e(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace obol
