#include <gtest/gtest.h>

#include <random>

#include "drivers/escpos/render.hpp"
#include "drivers/fake/printer.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/ticket/text.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::string_literals;

std::string status(FakePrinter& printer, char which) {
    printer.receive("\x10\x04"s + which);
    return printer.answers();
}

std::string receipt(const std::string& model) { return *render_escpos(samples::greek(), profile(model)); }

// The picture that a document promises is the one that the bytes print, dot by dot, on every model: text in its code
// pages, codes by the printer or by raster, drawn lines, alignment.
TEST(FakePrinter, PrintsWhatThePictureShows) {
    for (const char* const model : all_profiles) {
        for (const Document& document : {samples::english(), samples::greek(), samples::gift()}) {
            SCOPED_TRACE(model);
            const Profile what = profile(model);
            FakePrinter printer(what);
            const Result<std::string> bytes = render_for(what, document);
            ASSERT_TRUE(bytes) << bytes.error().detail;
            EXPECT_EQ(printer.receive(*bytes), bytes->size());
            EXPECT_EQ(printer.unknown(), std::vector<std::string>{});
            EXPECT_EQ(printer.held(), 0u);
            // Nothing is drawn here that a substitute stands for on this model.
            const bool exact = what.code_pages.size() > 10 || model == "generic-58mm"s;
            std::vector<Sheet> out = printer.sheets();
            if (!what.features.full_cut) {
                EXPECT_TRUE(out.empty());
                out.push_back(printer.sheet());
                continue;
            }
            const std::vector<Bitmap> expected = *draw_sheets(document, what.paper);
            ASSERT_EQ(out.size(), expected.size());
            for (std::size_t i = 0; i < out.size() && exact; ++i) EXPECT_TRUE(out[i].picture == expected[i]) << i;
        }
    }
}

TEST(FakePrinter, PrintsTheSameOnPaperWithoutAKnife) {
    Document document = samples::greek();
    document.blocks.pop_back();  // its cut
    for (const char* const model : {"NT-5890K", "generic-58mm"}) {
        FakePrinter printer(profile(model));
        printer.receive(*render_escpos(document, profile(model)));
        EXPECT_TRUE(printer.sheet().picture == draw_sheets(document, paper_58mm)->front()) << model;
    }
}

TEST(FakePrinter, ReadsTheTextBackAsItWasWritten) {
    FakePrinter printer(profile("TM-T20III"));
    Document document;
    document.columns("Φρέντο εσπρέσο", "3,20 €").text("Café – „x“", Align::centre).text("ΐΰ", Align::right, true);
    printer.receive(*render_escpos(document, profile("TM-T20III")));
    EXPECT_EQ(printer.sheet().text, render_text(document, wide_paper));
}

TEST(FakePrinter, PrintsAPictureInColumnsAsInRaster) {
    Profile columns = profile("TM-T20III");
    columns.features.bit_image_raster = false;
    columns.features.qr_code = false;
    Document document;
    document.qr(samples::token);
    FakePrinter printer(columns);
    printer.receive(*render_escpos(document, columns));
    EXPECT_TRUE(printer.unknown().empty());
    Bitmap printed = printer.sheet().picture;
    const Bitmap expected = draw_sheets(document, columns.paper)->front();
    EXPECT_LT(printed.height() - expected.height(), 24);  // columns come in whole bands
    printed.grow(expected.height());
    EXPECT_TRUE(printed == expected);
}

TEST(FakePrinter, StopsWithoutPaperAndGoesOnWithANewRoll) {
    FakePrinter printer(profile("TM-T20III"), 100);
    const std::string bytes = receipt("TM-T20III");
    printer.run_out_after(200);
    const std::size_t taken = printer.receive(bytes);
    EXPECT_LT(taken, bytes.size());
    EXPECT_TRUE(printer.stopped());
    EXPECT_EQ(printer.held(), 100u);
    EXPECT_EQ(printer.sheet().picture.height(), 200);
    printer.load_paper();
    EXPECT_EQ(printer.receive(bytes.substr(taken)), bytes.size() - taken);
    EXPECT_EQ(printer.held(), 0u);
    EXPECT_EQ(printer.sheets().size(), 2u);
}

TEST(FakePrinter, AnswersInRealTimeWhileItIsStopped) {
    FakePrinter printer(profile("TM-T20III"));
    EXPECT_EQ(status(printer, 1), "\x12");
    EXPECT_EQ(status(printer, 4), "\x12");
    printer.open_cover(true);
    printer.receive("waits\n");
    EXPECT_EQ(status(printer, 1), "\x1A");
    EXPECT_EQ(status(printer, 2), "\x16");
    printer.open_cover(false);
    EXPECT_EQ(status(printer, 2), "\x12");
    EXPECT_EQ(printer.sheet().text, "waits\n");
    printer.paper_near_end(true);
    EXPECT_EQ(status(printer, 4), "\x1E");
    printer.run_out_after(0);
    EXPECT_EQ(status(printer, 4), "\x7E");
    EXPECT_EQ(status(printer, 2), "\x32");
    EXPECT_EQ(status(printer, 1), "\x1A");
}

TEST(FakePrinter, TellsEachChangeByItselfWhenAsked) {
    FakePrinter printer(profile("TM-T20III"));
    printer.open_cover(true);
    printer.open_cover(false);
    EXPECT_EQ(printer.answers(), "");
    printer.receive("\x1D" "a\xFF");
    EXPECT_EQ(printer.answers(), "\x10\0\0\0"s);
    printer.open_cover(true);
    EXPECT_EQ(printer.answers(), "\x38\0\0\0"s);
    printer.open_cover(false);
    printer.run_out_after(30);
    printer.answers();
    printer.receive("one line\nand one more");
    EXPECT_EQ(printer.answers(), "\x18\0\x0C\0"s);
    printer.load_paper();
    printer.drawer_is_open(true);
    EXPECT_EQ(printer.answers(), "\x10\0\0\0\x14\0\0\0"s);
}

TEST(FakePrinter, AnswersACompletionOnlyWhenAllBeforeItIsPrinted) {
    FakePrinter printer(profile("TM-T20III"));
    printer.open_cover(true);
    printer.receive("x\n\x1D(H\x06\0" "00abcd\x1Dr\x01"s);
    EXPECT_EQ(printer.answers(), "");
    printer.open_cover(false);
    EXPECT_EQ(printer.answers(), "\x37\x22" "abcd\0\0"s);
}

TEST(FakePrinter, JamsAtTheKnifeAndIsFreed) {
    FakePrinter printer(profile("TM-T20III"));
    printer.jam_at_next_cut();
    printer.receive("a\n\x1DVB\0b\n"s);
    EXPECT_TRUE(printer.stopped());
    EXPECT_EQ(status(printer, 3), "\x1A");
    EXPECT_EQ(status(printer, 2), "\x52");
    EXPECT_TRUE(printer.sheets().empty());
    printer.free_knife();
    ASSERT_EQ(printer.sheets().size(), 1u);
    EXPECT_EQ(printer.sheets()[0].text, "a\n");
    EXPECT_EQ(printer.sheet().text, "b\n");
}

TEST(FakePrinter, TakesAllAndSaysNothingWhenSilentAndAllIsWellWhenItLies) {
    FakePrinter printer(profile("TM-T20III"), 10);
    printer.go_silent(true);
    EXPECT_EQ(printer.receive(receipt("TM-T20III")), receipt("TM-T20III").size());
    EXPECT_EQ(status(printer, 1), "");
    printer.go_silent(false);
    printer.lie(true);
    printer.receive("a\n\x1D(H\x06\0" "00abcd"s);
    EXPECT_EQ(printer.answers(), "\x37\x22" "abcd\0"s);
    EXPECT_EQ(status(printer, 1), "\x12");
    EXPECT_EQ(printer.sheet().picture.height(), 0);
}

TEST(FakePrinter, GarblesTextButNotTheCodeWhenItIgnoresCodePages) {
    FakePrinter good(profile("TM-T20III")), garbled(profile("TM-T20III"));
    garbled.ignore_code_pages(true);
    good.receive(receipt("TM-T20III"));
    garbled.receive(receipt("TM-T20III"));
    ASSERT_EQ(garbled.sheets().size(), 1u);
    EXPECT_NE(garbled.sheets()[0].text, good.sheets()[0].text);
    const Bitmap &a = good.sheets()[0].picture, &b = garbled.sheets()[0].picture;
    for (int y = a.height() - 300; y < a.height(); ++y) {
        for (int x = 0; x < a.width(); ++x) ASSERT_EQ(a.at(x, y), b.at(x, y));
    }
}

TEST(FakePrinter, ForgetsItsBufferWhenItIsSwitchedOff) {
    FakePrinter printer(profile("TM-T20III"));
    printer.open_cover(true);
    printer.receive("lost\n\x1D");
    printer.power_cycle();
    printer.open_cover(false);
    printer.receive("new\n");
    EXPECT_EQ(printer.sheet().text, "new\n");
}

TEST(FakePrinter, CountsPulsesOfTheDrawer) {
    FakePrinter printer(profile("TM-T20III"));
    printer.receive(*render_escpos(Document{}.pulse().pulse(true), profile("TM-T20III")));
    printer.receive("\x10\x14\x01\0\x01"s);
    EXPECT_EQ(printer.pulses(), 3);
}

TEST(FakePrinter, NamesCommandsThatItDoesNotKnow) {
    FakePrinter printer(profile("TM-T20III"));
    printer.receive("\x1Bt\x63\x1D(L\x02\0" "0p\x18");
    printer.receive(std::string("\0", 1));
    EXPECT_GE(printer.unknown().size(), 1u);
    EXPECT_EQ(printer.unknown()[0], "1b7463");
}

TEST(FakePrinter, PrintsTheSameHoweverTheBytesArrive) {
    const std::string bytes = receipt("POS-5890");
    FakePrinter at_once(profile("POS-5890")), piecewise(profile("POS-5890"));
    at_once.receive(bytes);
    std::mt19937 dice(7);
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min<std::size_t>(dice() % 40 + 1, bytes.size() - at);
        piecewise.receive(std::string_view(bytes).substr(at, size));
        at += size;
    }
    EXPECT_TRUE(at_once.sheet().picture == piecewise.sheet().picture);
}

TEST(FakePrinter, SurvivesWhateverItIsSent) {
    const std::string commands = "\x1B\x1D\x1C\x10@tEa!*v0k(VkA23dJ\x0A\x01\x02\x03\x04\x05\x14IrHz"s;
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 dice(seed);
        FakePrinter printer(profile("TM-T20III"));
        std::string bytes;
        for (int i = 0; i < 2000; ++i) bytes += dice() % 4 == 0 ? static_cast<char>(dice()) : commands[dice() % commands.size()];
        printer.receive(bytes);
        EXPECT_LE(printer.held(), bytes.size());
    }
}

}  // namespace
}  // namespace obol::drivers
