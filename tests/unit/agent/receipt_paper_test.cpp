// What lies on paper, looked at: receipts, slips and reports in both languages at both widths.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "agent/app/print_receipt.hpp"
#include "agent/app/sample_receipt.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/png/png.hpp"
#include "drivers/ticket/text.hpp"
#include "tests/support/receipts.hpp"

namespace obol::agent {
namespace {

// Letters and layout are ours, dot for dot; a QR code is libqrencode's, which may choose another mask.
constexpr int most_different_dots = 0;

// With OBOL_WRITE_GOLDEN=1 the picture is written instead, for a person to look at.
void expect_picture(const drivers::Document& document, const drivers::Paper& paper, const std::string& name) {
    const auto sheets = drivers::draw_sheets(document, paper);
    ASSERT_TRUE(sheets) << name << ": " << sheets.error().detail;
    const drivers::Bitmap picture = drivers::stacked(*sheets);
    const std::string path = "tests/golden/receipts/" + name + ".png";
    if (std::getenv("OBOL_WRITE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << drivers::to_png(picture);
        return;
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const Result<drivers::Bitmap> golden = drivers::from_png(text.str());
    ASSERT_TRUE(golden) << path;
    ASSERT_EQ(picture.width(), golden->width()) << path;
    ASSERT_EQ(picture.height(), golden->height()) << path;
    int different = 0;
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) different += picture.at(x, y) != golden->at(x, y) ? 1 : 0;
    }
    EXPECT_LE(different, most_different_dots) << path;
}

void at_both_widths(const drivers::Document& document, const std::string& name) {
    expect_picture(document, drivers::paper_58mm, name + "_58mm");
    expect_picture(document, drivers::paper_80mm, name + "_80mm");
}

DayReport a_day(std::int64_t number) {
    const Currency eur = Currency::parse("EUR").value();
    DayReport out;
    out.number = number;
    out.receipt = number > 0 ? "NIC1-1100" : "";
    out.business = "Aroma";
    out.venue = "Nicosia, Ledra Street";
    out.zone = "Asia/Nicosia";
    out.day = {2026, 11, 20};
    out.since = parse_rfc3339("2026-11-19T20:30:00Z").value();
    out.at = parse_rfc3339("2026-11-20T20:31:00Z").value();
    out.first_receipt = "NIC1-1000";
    out.last_receipt = "NIC1-1099";
    out.lines = {{"purchase", "", eur, 81, Amount{210455}, Amount{88000}, Amount{41210}, Amount{1200}, Amount{80045}, Amount{10520}},
                 {"refund", "", eur, 2, Amount{1290}, Amount{500}, Amount{500}, {}, Amount{290}, {}},
                 {"redeem", "", eur, 9, Amount{22500}, Amount{22500}, {}, {}, {}, {}},
                 {"activation", "cash", eur, 4, Amount{10000}, {}, {}, {}, Amount{10000}, {}},
                 {"activation", "card", eur, 1, Amount{2500}, {}, {}, {}, Amount{2500}, {}},
                 {"activation_void", "cash", eur, 1, Amount{2500}, {}, {}, {}, Amount{2500}, {}},
                 {"top_up", "cash", eur, 2, Amount{5000}, {}, Amount{5000}, {}, {}, {}}};
    return out;
}

Slip a_slip() {
    Slip out;
    out.code = "GXK7Q2M9ZP4TR";
    out.pin = "4817";
    out.value = {Amount{2500}, Currency::parse("EUR").value()};
    out.redeem_by = parse_rfc3339("2027-11-21T22:00:00Z").value();
    out.business = "Aroma";
    out.venue = "Nicosia, Ledra Street";
    out.zone = "Asia/Nicosia";
    out.terminal = TerminalId{"T1"};
    out.at = parse_rfc3339("2026-11-20T16:05:00Z").value();
    return out;
}

TEST(ReceiptPaper, OfAPurchaseIsAsItsGoldenInBothLanguagesAtBothWidths) {
    for (const std::string& language : catalogue_languages()) {
        Receipt receipt = sample_receipt(language);
        receipt.qr = drivers::samples::token;
        at_both_widths(receipt_document(receipt, language), "purchase_" + language);
    }
}

TEST(ReceiptPaper, OfAnOfflineReprintIsAsItsGolden) {
    for (const std::string& language : catalogue_languages()) {
        Receipt receipt = sample_receipt(language);
        receipt.offline = true;
        at_both_widths(receipt_document(receipt, language, true), "copy_" + language);
    }
}

TEST(ReceiptPaper, OfADaysReportIsAsItsGolden) {
    for (const std::string& language : catalogue_languages()) {
        at_both_widths(day_report_document(a_day(12), language, false), "z_" + language);
    }
    at_both_widths(day_report_document(a_day(0), "en", false), "x_en");
}

TEST(ReceiptPaper, OfASlipIsAsItsGolden) {
    for (const std::string& language : catalogue_languages()) at_both_widths(slip_document(a_slip(), language), "slip_" + language);
}

TEST(ReceiptPaper, ACopySaysSoInTheLanguageOfTheReceipt) {
    const auto text = [](std::string_view language, bool copy) {
        return drivers::render_text(receipt_document(sample_receipt(language), language, copy), 42);
    };
    EXPECT_NE(text("en", true).find(" COPY\n"), std::string::npos);
    EXPECT_NE(text("el", true).find(" ΑΝΤΙΓΡΑΦΟ\n"), std::string::npos);
    EXPECT_EQ(text("en", false).find("COPY"), std::string::npos);
    EXPECT_EQ(text("el", false).find("ΑΝΤΙΓΡΑΦΟ"), std::string::npos);
}

TEST(ReceiptPaper, ShowsACodeOnlyWhereTheReceiptHasOne) {
    const auto codes = [](const drivers::Document& document) {
        return std::ranges::count_if(document.blocks, [](const drivers::Block& block) {
            return std::holds_alternative<drivers::Qr>(block);
        });
    };
    Receipt receipt = sample_receipt("en");
    EXPECT_EQ(codes(receipt_document(receipt, "en")), 0);
    receipt.qr = "OBOL1:ABC";
    EXPECT_EQ(codes(receipt_document(receipt, "en")), 1);
}

TEST(ReceiptPaper, TellsWhatPaidForWhichLine) {
    const std::string text = drivers::render_text(receipt_document(sample_receipt("en"), "en"), 42);
    EXPECT_NE(text.find("1. 2 x Freddo espresso"), std::string::npos) << text;
    EXPECT_NE(text.find("    for line 1: 6.40, 2: 8.60"), std::string::npos) << text;
}

TEST(ReceiptPaper, GreekHasItsCommaAndItsDates) {
    const std::string text = drivers::render_text(receipt_document(sample_receipt("el"), "el"), 42);
    EXPECT_NE(text.find("24,30 €"), std::string::npos) << text;
    EXPECT_NE(text.find("έως 21/11/2027"), std::string::npos) << text;
    EXPECT_EQ(text.find("24.30"), std::string::npos);
}

TEST(ReceiptPaper, ComesOutOfEveryPrinterModelInBothLanguages) {
    for (const std::string& name : profile_names()) {
        for (const std::string& language : catalogue_languages()) {
            Receipt receipt = sample_receipt(language);
            receipt.qr = drivers::samples::token;
            EXPECT_TRUE(drivers::render_for(profile_named(name).value(), receipt_document(receipt, language, true))) << name;
        }
    }
}

}  // namespace
}  // namespace obol::agent
