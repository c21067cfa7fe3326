#include <gtest/gtest.h>
#include <iconv.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "drivers/escpos/letters.hpp"
#include "drivers/escpos/render.hpp"
#include "drivers/ticket/substitute.hpp"
#include "drivers/ticket/utf8.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::string_literals;

std::string bytes_of(const Document& document, const Profile& profile) {
    const Result<std::string> bytes = render_escpos(document, profile);
    return bytes ? *bytes : "fault: " + bytes.error().detail;
}

// Without what every document begins with.
std::string body_of(const Document& document, const Profile& profile) { return bytes_of(document, profile).substr(5); }

Profile with_pages(const std::vector<std::string>& names) {
    Profile out = profile("TM-T20III");
    out.code_pages.clear();
    for (const std::string& name : names) out.code_pages.push_back({static_cast<int>(out.code_pages.size()) + 10, find_code_page(name)});
    return out;
}

TEST(CodePage, EqualsIconvsTableByteForByte) {
    for (const CodePage& page : code_pages()) {
        std::string name(page.name);
        const iconv_t convert = iconv_open("UTF-32LE", name.c_str());
        ASSERT_NE(convert, reinterpret_cast<iconv_t>(-1)) << name;
        for (int byte = 0x80; byte < 0x100; ++byte) {
            char in = static_cast<char>(byte), *from = &in, out[8] = {}, *to = out;
            std::size_t in_left = 1, out_left = sizeof out;
            char32_t expected = CodePage::nothing;
            if (iconv(convert, &from, &in_left, &to, &out_left) != static_cast<std::size_t>(-1)) std::memcpy(&expected, out, 4);
            // C1 controls print nothing.
            if (expected >= 0x80 && expected < 0xA0) expected = CodePage::nothing;
            EXPECT_EQ(point_of(page, static_cast<std::uint8_t>(byte)), expected) << name << " " << byte;
            if (expected == CodePage::nothing) continue;
            EXPECT_EQ(byte_of(page, expected), byte) << name;
        }
        EXPECT_EQ(byte_of(page, CodePage::nothing), 0) << name;
        EXPECT_EQ(byte_of(page, 0x65E5), 0) << name;
        iconv_close(convert);
    }
    EXPECT_EQ(code_pages().size(), 18u);
}

TEST(Substitute, StandsInOrderAndKeepsTheCell) {
    char32_t previous = 0;
    int known = 0;
    for (char32_t point = 0; point < 0x10000; ++point) {
        for (const char32_t like : likes_of(point)) {
            EXPECT_LE(cells_of(like), cells_of(point)) << static_cast<unsigned>(point);
            EXPECT_NE(like, point);
            known += previous == point ? 0 : 1;
            previous = point;
        }
    }
    EXPECT_GT(known, 500);  // a table out of order would be searched in vain
    EXPECT_EQ(likes_of(U'ΐ'), U"ϊίι");
    EXPECT_EQ(likes_of(U'—'), U"-");
    EXPECT_EQ(likes_of(U'€'), U"");
    EXPECT_EQ(composed("e\u0301 \u03B9\u0308\u0301 x\u200E"), U"é ΐ x");
}

TEST(Letters, PrintEachLetterOnAPageThatHasIt) {
    const Profile printer = with_pages({"CP437", "CP737", "CP1253"});
    Letters letters(printer, "\x1Bt", 0);
    ASSERT_TRUE(letters.add("plain"));
    ASSERT_TRUE(letters.add("é αβ"));
    ASSERT_TRUE(letters.add("γ 2 €"));
    letters.choose();
    EXPECT_EQ(letters.next_line(), "plain");
    EXPECT_EQ(letters.next_line(), "\x1Bt\x0A\x82 \xE0\x1Bt\x0C\xE2");  // beta on CP1253: the euro is to come
    EXPECT_EQ(letters.next_line(), "\xE3 2 \x80");
}

TEST(Letters, TakeWhatIsLikeBeforeAnythingIsDrawnAndNeverAQuestionMark) {
    const Profile printer = with_pages({"CP737"});
    Letters letters(printer, "\x1Bt", 0);
    ASSERT_TRUE(letters.add("ΐ — “é”"));
    EXPECT_FALSE(letters.add("5 €"));
    letters.choose();
    EXPECT_EQ(letters.next_line(), "\x1Bt\x0A\xE4 - \"e\"");
    Letters without_pictures(printer, "\x1Bt", '_');
    ASSERT_TRUE(without_pictures.add("5 €"));
    without_pictures.choose();
    EXPECT_EQ(without_pictures.next_line(), "5 _");
}

// Every way of choosing is tried, by dynamic programming; ours needs no more changes than the best of them.
TEST(Letters, ChangePagesAsSeldomAsAnyChoiceCan) {
    const Profile printer = with_pages({"CP437", "CP737", "CP1253", "CP858", "CP866", "CP1250"});
    const std::u32string alphabet = U"a éüαβΆ€ЖдčžΩπ°ñ";
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 dice(seed);
        Letters letters(printer, "\x1Bt", '_');
        std::vector<int> best(printer.code_pages.size(), 1);  // changes so far, when on page p; the first one is chosen, too
        const int lines = static_cast<int>(dice() % 4) + 1;
        for (int line = 0; line < lines; ++line) {
            std::string text;
            for (unsigned i = dice() % 12; i > 0; --i) {
                const char32_t point = alphabet[dice() % alphabet.size()];
                append_point(text, point);
                const int least = *std::min_element(best.begin(), best.end());
                for (std::size_t p = 0; p < best.size(); ++p) {
                    const bool has = point < 0x80 || byte_of(*printer.code_pages[p].page, point) != 0;
                    best[p] = has ? std::min(best[p], least + 1) : 1'000'000;
                }
            }
            ASSERT_TRUE(letters.add(text));
        }
        letters.choose();
        int changes = 0;
        for (int line = 0; line < lines; ++line) {
            const std::string bytes = letters.next_line();
            changes += static_cast<int>(std::count(bytes.begin(), bytes.end(), '\x1B'));
        }
        EXPECT_LE(changes, *std::min_element(best.begin(), best.end()));
    }
}

TEST(EscPos, BeginsAfreshAndSendsOnlyStylesThatChange) {
    Document document;
    document.text("a").text("b", Align::left, true).text("c", Align::left, true).title("T").text("d", Align::right);
    const Profile printer = profile("NT-5890K");
    EXPECT_EQ(bytes_of(document, printer), "\x1B@\x1BR\0"s + "a\n" + "\x1B" "E\x01" "b\nc\n" +
                                               "\x1D!\x11\x1B" "E\0"s + "       T\n" + "\x1D!\0"s + std::string(31, ' ') + "d\n");
    EXPECT_EQ(bytes_of(Document{}, profile("POS-5890")), "\x1B@\x1BR\0\x1C."s);
}

TEST(EscPos, CutsAsTheKnifeAllows) {
    Document document;
    document.cut().cut(false);
    EXPECT_EQ(body_of(document, profile("TM-T20III")), "\x1DVB\0\x1DVA\0"s);
    EXPECT_EQ(body_of(document, profile("NT-5890K")), "\x1B" "d\x04\x1B" "d\x04");
    Profile only_full = profile("TM-T20III");
    only_full.features.part_cut = false;
    EXPECT_EQ(body_of(document, only_full), "\x1DVA\0\x1DVA\0"s);
}

TEST(EscPos, OpensTheDrawerByPulseOrBell) {
    Document document;
    document.pulse().pulse(true);
    Profile printer = profile("TM-T20III");
    EXPECT_EQ(body_of(document, printer), "\x1Bp\0\x19\xFA\x1Bp\x01\x19\xFA"s);
    printer.features.pulse_standard = false;
    printer.features.pulse_bel = true;
    EXPECT_EQ(body_of(document, printer), "\x07\x07");
}

TEST(EscPos, LetsThePrinterMakeTheQrCodeWhereItCanAndItFits) {
    Document document;
    document.qr("OBOL1:ABC");
    EXPECT_EQ(body_of(document, profile("TM-T20III")),
              "\n\x1B" "a\x01" "\x1D(k\x04\0" "1A2\0" "\x1D(k\x03\0" "1C\x06" "\x1D(k\x03\0" "1E1" "\x1D(k\x0C\0" "1P0OBOL1:ABC"
              "\x1D(k\x03\0" "1Q0" "\x1B" "a\0\n"s);
    EXPECT_NE(body_of(document, profile("POS-5890")).find("\x1Dv0"), std::string::npos);
    // As bytes it might need more modules than the paper holds, as digits it does not: drawn, then.
    document = {};
    document.qr(std::string(900, '7'));
    const std::string drawn = body_of(document, profile("NT-5890K"));
    EXPECT_EQ(drawn.find("\x1D(k"), std::string::npos);
    EXPECT_NE(drawn.find("\x1Dv0"), std::string::npos);
}

TEST(EscPos, DrawsALineWhoseLettersNoPageHas) {
    Document document;
    document.columns("Καφές", "2,00 €").text("plain");
    const std::string bytes = body_of(document, profile("generic-58mm"));
    EXPECT_EQ(bytes.substr(0, 10), "\x1C.\x1Dv0\0\x30\0\x1E\0"s);  // 48 bytes by 30 rows
    EXPECT_EQ(bytes.substr(10 + 48 * 30), "plain\n");
    EXPECT_EQ(body_of(document, profile("TM-T20III")).find("\x1Dv0"), std::string::npos);
}

TEST(EscPos, SendsPicturesInBandsWithoutTheWhiteAtTheirRight) {
    Document document;
    Bitmap picture(200, 300);
    picture.set(0, 0);
    picture.set(9, 299);
    document.image(picture, Align::left);
    const std::string bytes = body_of(document, profile("TM-T20III"));
    EXPECT_EQ(bytes.size(), 3 * 8 + 2 * 300u);
    EXPECT_EQ(bytes.substr(0, 9), "\x1Dv0\0\x02\0\x80\0\x80"s);
    EXPECT_EQ(bytes.substr(8 + 256, 8), "\x1Dv0\0\x02\0\x80\0"s);
    EXPECT_EQ(bytes.substr(2 * (8 + 256), 8), "\x1Dv0\0\x02\0\x2C\0"s);
}

TEST(EscPos, RefusesWhatThePrinterCannotShow) {
    Document document;
    document.qr("x");
    Profile blind = profile("POS-5890");
    blind.features.bit_image_raster = blind.features.bit_image_column = false;
    EXPECT_EQ(render_escpos(document, blind).error().code, "illegal");
    document = {};
    document.barcode("5201234567891", Symbology::ean13);
    EXPECT_EQ(render_escpos(document, profile("TM-T20III")).error().detail, "a wrong check digit of EAN-13");
    document = {};
    document.barcode("καφές");
    EXPECT_EQ(render_escpos(document, profile("TM-T20III")).error().code, "illegal");
}

TEST(EscPos, CarriesNoCommandOfANameToThePrinter) {
    Document document;
    document.text("a\x1B@b\x10\x04\x01" "c\x1D(k");
    EXPECT_EQ(body_of(document, profile("TM-T20III")), "a @b c (k\n");
}

bool has_a_command_in_real_time(const std::string& bytes) {
    return bytes.find("\x10\x04") != std::string::npos || bytes.find("\x10\x05") != std::string::npos ||
           bytes.find("\x10\x14") != std::string::npos;
}

// A printer that obeys DLE ENQ in the middle of a picture would forget the rest of the receipt.
TEST(EscPos, SendsNothingThatReadsAsACommandInRealTime) {
    Profile columns = profile("TM-T20III");
    columns.features.bit_image_raster = false;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 dice(seed);
        Bitmap picture(128, 64);
        constexpr std::uint8_t likely[] = {0x10, 0x04, 0x05, 0x14};
        for (int y = 0; y < 64; ++y) {
            for (std::uint8_t& byte : picture.row(y)) byte = likely[dice() % 4];
        }
        Document document;
        document.image(picture, Align::left);
        EXPECT_FALSE(has_a_command_in_real_time(bytes_of(document, profile("TM-T20III"))));
        EXPECT_FALSE(has_a_command_in_real_time(bytes_of(document, columns)));
    }
    Document document;
    document.barcode("20160502").barcode("1604").barcode("1620").qr("a\x10\x05\x02");
    EXPECT_FALSE(has_a_command_in_real_time(bytes_of(document, profile("TM-T20III"))));
}

}  // namespace
}  // namespace obol::drivers
