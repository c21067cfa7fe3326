#include "sync/domain/scan_text.hpp"

#include <gtest/gtest.h>

#include "sync/domain/typed.hpp"

namespace obol {
namespace {

TEST(ScanText, TheSymbologyIsToldApartFromTheText) {
    struct Case {
        std::string raw, symbology, text, gtin;
    };
    for (const Case& each : std::vector<Case>{
             {"4006381333931\r\n", "", "4006381333931", "04006381333931"},
             {"]E04006381333931", "E0", "4006381333931", "04006381333931"},
             {"]E0036000291452\t", "E0", "036000291452", "00036000291452"},
             {"]E001234558", "E0", "01234558", "00012345000058"},  // UPC-E
             {"]E3400638133393112", "E3", "400638133393112", "04006381333931"},
             {"]E496385074", "E4", "96385074", "00000096385074"},
             {"]I110614141000415", "I1", "10614141000415", "10614141000415"},
             {"]C1010950600013435210ABC", "C1", "010950600013435210ABC", "09506000134352"},
             {"]e00109506000134352", "e0", "0109506000134352", "09506000134352"},
             {"]d2010950600013435210A\x1d" "21B", "d2", "010950600013435210A\x1d" "21B", "09506000134352"},
             {"]Q3\x1d" "0109506000134352", "Q3", "\x1d" "0109506000134352", "09506000134352"},
             {"]Q1https://id.gs1.org/01/09506000134352?10=A", "Q1", "https://id.gs1.org/01/09506000134352?10=A", "09506000134352"},
             {"(01)09506000134352(10)A", "", "(01)09506000134352(10)A", "09506000134352"},
             {"010950600013435210ABC", "", "010950600013435210ABC", "09506000134352"},
             {"02095060001343523712", "", "02095060001343523712", ""},  // nobody said that these are elements
             {"]C102095060001343523712", "C1", "02095060001343523712", "09506000134352"},
             {"４００６３８１３３３９３１", "", "４００６３８１３３３９３１", "04006381333931"},
             {"'àà-\"_&\"\"\"ç\"&", "", "'àà-\"_&\"\"\"ç\"&", "04006381333931"},  // an AZERTY keyboard without shift
             {"]E04006381333932", "E0", "4006381333932", ""},
             {"]C0GIFT4567", "C0", "GIFT4567", ""},
             {"85123A", "", "85123A", ""},
             {"]", "", "]", ""},
             {"]E0", "E0", "", ""},
             {"", "", "", ""},
         }) {
        const ScanText scan = read_scan(each.raw);
        EXPECT_EQ(scan.symbology, each.symbology) << each.raw;
        EXPECT_EQ(scan.text, each.text) << each.raw;
        EXPECT_EQ(scan.gtin, each.gtin) << each.raw;
    }
}

TEST(ScanText, ElementsAreKeptBesideTheProduct) {
    EXPECT_EQ(read_scan("]d2010950600013435217271231" "10AB").elements,
              (Gs1Elements{{"01", "09506000134352"}, {"17", "271231"}, {"10", "AB"}}));
    EXPECT_TRUE(read_scan("]d10109506000134352").elements.empty()) << "a Data Matrix without FNC1 is nobody's element";
}

TEST(ScanText, AProductIsLookedForAsItStandsFirst) {
    EXPECT_EQ(product_texts(read_scan("]E0036000291452")),
              (std::vector<std::string>{"036000291452", "00036000291452", "0036000291452"}));
    EXPECT_EQ(product_texts(read_scan(" kf02\r")), (std::vector<std::string>{"kf02", "KF02"}));
    EXPECT_EQ(product_texts(read_scan("ΚΟ02")), (std::vector<std::string>{"ΚΟ02", "KO02"})) << "the Greek layout was on";
    EXPECT_EQ(product_texts(read_scan(std::string(300, 'A'))), std::vector<std::string>{});
}

TEST(ScanText, KeysUnderAnotherLayoutAreReadAsTheKeysTheyWere) {
    const std::string meant = "OBOL1ACFGJLPQRSUVWXYZMKHTEDNI234567";
    const auto among = [&](const std::string& typed) {
        const auto all = by_layouts(typed);
        return std::find(all.begin(), all.end(), meant) != all.end();
    };
    EXPECT_TRUE(among(meant));
    EXPECT_TRUE(among("obol1acfgjlpqrsuvwxyzmkhtedni234567\r\n"));
    EXPECT_TRUE(among("ΟΒΟΛ1ΑΨΦΓΞΛΠ:ΡΣΘΩ΅ΧΥΖΜΚΗΤΕΔΝΙ234567"));
    EXPECT_TRUE(among("οβολ1αψφγξλπ;ρσθως" "χυζμκητεδνι234567"));
    EXPECT_TRUE(among("ЩИЩД1ФСАПОДЗЙКЫГМЦЧНЯЬЛРЕУВТШ234567"));
    EXPECT_TRUE(among("OBOL&QCFGJLPARSUVZXYW?KHTEDNIé\"'(-è"));
    EXPECT_TRUE(among("OBOL1ACFGJLPQRSUVWXZYMKHTEDNI234567"));
    EXPECT_FALSE(among("OBOL1"));
    EXPECT_TRUE(by_layouts("\xff\xfe").empty());
}

}  // namespace
}  // namespace obol
