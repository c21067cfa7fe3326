#include <gtest/gtest.h>

#include <random>

#include "drivers/fake/printer.hpp"
#include "drivers/printer/receipt_printer.hpp"
#include "drivers/star/commands.hpp"
#include "drivers/star/render.hpp"
#include "drivers/star/status.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string beginning = "\x1B@\x1BR\0\x1Bz\x01"s;

std::string body_of(const Document& document, const Profile& profile) {
    const Result<std::string> bytes = render_star(document, profile);
    if (!bytes) return "fault: " + bytes.error().detail;
    EXPECT_TRUE(bytes->starts_with(beginning));
    return bytes->substr(beginning.size());
}

TEST(Star, WordsEachThingByItsCommand) {
    const Profile star = profile("TSP650II");
    EXPECT_EQ(body_of(Document{}.text("abc", Align::left, true).text("d"), star), "\x1B" "Eabc\n\x1B" "Fd\n");
    EXPECT_EQ(body_of(Document{}.text("a", Align::left, false, Size::large), star), "\x1Bi\x01\x01" "a\n\x1Bi\0\0"s);
    EXPECT_EQ(body_of(Document{}.text("a", Align::left, false, Size::tall), star), "\x1Bi\x01\0"s "a\n\x1Bi\0\0"s);
    EXPECT_EQ(body_of(Document{}.text("Καφές 5 €"), star), "\x1B\x1Dt\x0F\x89\x98\xAD\xE2\xAA 5 \x1B\x1Dt\x04\xD5\n");
    EXPECT_EQ(body_of(Document{}.qr("OBOL1"), star),
              "\n\x1B\x1D" "a\x01\x1B\x1DyS0\x02\x1B\x1DyS2\x06\x1B\x1DyS1\x01\x1B\x1DyD1\0\x05\0OBOL1\x1B\x1DyP\x1B\x1D" "a\0\n"s);
    EXPECT_EQ(body_of(Document{}.barcode("5%K"), star),
              "\x1B\x1D" "a\x01\x1B" "b\x06\x01\x02\x50" "5%0K\x1E\x1B\x1D" "a\0"s + std::string(22, ' ') + "5%K\n");
    EXPECT_EQ(body_of(Document{}.cut().cut(false), star), "\x1B" "d\x03\x1B" "d\x02");
    EXPECT_EQ(body_of(Document{}.pulse().pulse(true), star), "\x1B\x07\x05\x32\x07\x1B\x07\x05\x32\x1A");
}

TEST(Star, APictureHasEachOfItsRowsAndNoMore) {
    Bitmap dots(9, 30);
    dots.set(0, 0);
    dots.set(8, 29);
    const std::string bytes = body_of(Document{}.image(dots, Align::left), profile("TSP650II"));
    EXPECT_TRUE(bytes.starts_with("\x1B" "0\x1BX\x09\0\x80"s)) << bytes;
    EXPECT_TRUE(bytes.ends_with("\x1BI\x06\x1Bz\x01"));  // the six rows of the second band
    FakePrinter printer(profile("TSP650II"));
    printer.receive(*render_star(Document{}.image(dots, Align::left), profile("TSP650II")));
    Bitmap expected(576, 30);
    expected.draw(dots, 0, 0);
    EXPECT_TRUE(printer.sheet().picture == expected);
}

// ESC ACK is obeyed even in the middle of a picture.
TEST(Star, NothingThatIsSentReadsAsACommandInRealTime) {
    std::mt19937 chance(1);
    Bitmap noise(576, 240);
    for (int y = 0; y < 240; ++y) {
        for (std::uint8_t& byte : noise.row(y)) byte = "\x1B\x06\x01\x18\0"[chance() % 5];
    }
    // As columns read it: the bits of a byte stand above one another.
    Bitmap turned(576, 240);
    for (int y = 0; y < 240; ++y) {
        for (int x = 0; x < 576; ++x) turned.set(x, y, ((x % 2 == 0 ? 0x1B : 0x06) >> (7 - y % 8) & 1) != 0);
    }
    for (const Bitmap& picture : {noise, turned}) {
        const std::string bytes = *render_star(Document{}.image(picture, Align::left), profile("TSP650II"));
        EXPECT_EQ(bytes.find("\x1B\x06"), std::string::npos);
        FakePrinter printer(profile("TSP650II"));
        printer.receive(bytes);
        EXPECT_EQ(printer.unknown(), std::vector<std::string>{});
        EXPECT_EQ(printer.sheet().picture.height(), 240);
    }
}

TEST(Star, ACommandIsAsLongAsItSays) {
    const auto length = [](const std::string& bytes) { return star_command_length(bytes + "rest").value_or(0); };
    EXPECT_EQ(length("a"), 1u);
    EXPECT_EQ(length("\x1B@"), 2u);
    EXPECT_EQ(length("\x1Bi\x01\x01"), 4u);
    EXPECT_EQ(length("\x1B\x1Dt\x0F"), 4u);
    EXPECT_EQ(length("\x1B\x1DyS0\x02"), 6u);
    EXPECT_EQ(length("\x1B\x1DyD1\0\x03\0abc"s), 11u);
    EXPECT_EQ(length("\x1B" "b\x06\x01\x02\x50" "4F7K\x1E"), 11u);
    EXPECT_EQ(star_command_length("\x1BX\x02\0abcde"s), std::nullopt);
    EXPECT_EQ(length("\x1BX\x02\0abcdef"s), 10u);
    EXPECT_EQ(star_command_length("\x1B" "b\x06\x01\x02\x50" "4F7K"), std::nullopt);
    EXPECT_EQ(star_command_length("\x1B\x1D"), std::nullopt);
}

TEST(Star, StatusIsReadFromBlocksInPiecesBesideFlowControl) {
    StarStatusParser parser;
    EXPECT_EQ(parser.read("\x23\x06\x11\x28"s), 0);
    EXPECT_EQ(parser.read("\x28\0\x08\0\x42\0"s), 1);
    EXPECT_TRUE(parser.bits().cover_open && parser.bits().offline && parser.bits().paper_empty);
    EXPECT_TRUE(parser.bits().cutter_jammed && parser.bits().broken && parser.bits().overheated == false);
    EXPECT_EQ(parser.marks(), 17);
    EXPECT_FALSE(parser.mark_passed());
    EXPECT_EQ(parser.read("\x0F\x02\x02\0\0\x04\0"s), 1);  // the shorter block of older models
    EXPECT_EQ(parser.marks(), -1);
    EXPECT_TRUE(parser.mark_passed() && parser.bits().paper_near_end && !parser.bits().ill());
    EXPECT_EQ(parser.senseless(), 0u);
    EXPECT_EQ(parser.read("\xFF\x03\x23\x06"s), 0);
    EXPECT_EQ(parser.read("\x23\x06\0\0\0\0\0\0\0"s), 1);  // one that was cut off before it is left out
    EXPECT_EQ(parser.senseless(), 4u);
    EXPECT_FALSE(parser.bits().ill());
}

// A Star printer, its line and what it told.
struct Kiosk {
    Kiosk() : world(profile("mPOP")) {
        printer = std::make_unique<ReceiptPrinter>(PrinterSettings{"kiosk", "tcp://printer:9100", true}, profile("mPOP"),
                                                   std::make_unique<FakeLine>(world, timers), timers);
        printer->listen({[this](OutputComplete done) { completed.push_back(done); },
                         [this](OutputFailed what) { failed.push_back(std::move(what)); }, {}});
        EXPECT_TRUE(printer->open() && printer->set_enabled(true));
        timers.pass(1ms);
    }
    void happens(const std::function<void(FakePrinter&)>& what) {
        what(world.printer);
        world.turn();
        timers.pass(1ms);
    }
    testing_support::HandTimers timers;
    FakeLine::World world;
    std::unique_ptr<ReceiptPrinter> printer;
    std::vector<OutputComplete> completed;
    std::vector<OutputFailed> failed;
};

TEST(StarPrinter, SaysOfEachReceiptThatItIsPrinted) {
    Kiosk kiosk;
    for (int i = 0; i < 40; ++i) {  // more than its counter counts
        ASSERT_TRUE(kiosk.printer->print(samples::greek()));
        kiosk.timers.pass(1s);
        ASSERT_EQ(kiosk.completed.size(), static_cast<std::size_t>(i + 1));
        ASSERT_TRUE(kiosk.completed.back().confirmed) << i;
    }
    EXPECT_EQ(kiosk.world.printer.sheets().size(), 40u);
    EXPECT_EQ(kiosk.world.printer.unknown(), std::vector<std::string>{});
    EXPECT_EQ(kiosk.printer->power(), PowerState::online);
    ASSERT_TRUE(kiosk.printer->kick_drawer());
    kiosk.timers.pass(1s);
    EXPECT_EQ(kiosk.world.printer.pulses(), 1);
}

TEST(StarPrinter, F55PaperOutInMidReceiptIsToldAndTheNextOneIsWhole) {
    Kiosk kiosk;
    kiosk.world.printer.run_out_after(300);
    ASSERT_TRUE(kiosk.printer->print(samples::greek()));
    kiosk.timers.pass(1s);
    ASSERT_EQ(kiosk.failed.size(), 1u);
    EXPECT_EQ(kiosk.failed[0].extended, ExtendedError::paper_empty);
    EXPECT_TRUE(kiosk.failed[0].perhaps_printed);
    EXPECT_EQ(kiosk.printer->health(), "the paper is out: put in a new roll");
    ASSERT_TRUE(kiosk.printer->print(samples::greek()));
    kiosk.timers.pass(1s);
    ASSERT_EQ(kiosk.failed.size(), 2u);
    EXPECT_FALSE(kiosk.failed[1].perhaps_printed);

    kiosk.happens([](FakePrinter& printer) { printer.load_paper(); });
    kiosk.timers.pass(5s);
    EXPECT_EQ(kiosk.printer->health(), "");
    ASSERT_TRUE(kiosk.printer->print(samples::english()));
    kiosk.timers.pass(1s);
    ASSERT_EQ(kiosk.completed.size(), 1u);
    EXPECT_TRUE(kiosk.completed[0].confirmed);
    FakePrinter clean(profile("mPOP"));
    clean.receive(*render_star(samples::english(), profile("mPOP")));
    EXPECT_TRUE(kiosk.world.printer.sheets().back().picture == clean.sheets().back().picture);
}

TEST(StarPrinter, ACoverAKnifeAndSilenceAreTold) {
    Kiosk kiosk;
    kiosk.happens([](FakePrinter& printer) { printer.open_cover(true); });
    EXPECT_EQ(kiosk.printer->health(), "the cover is open: close it");
    kiosk.happens([](FakePrinter& printer) { printer.open_cover(false); });
    kiosk.happens([](FakePrinter& printer) { printer.jam_at_next_cut(); });
    ASSERT_TRUE(kiosk.printer->print(samples::greek()));
    kiosk.timers.pass(1s);
    ASSERT_EQ(kiosk.failed.size(), 1u);
    EXPECT_EQ(kiosk.failed[0].extended, ExtendedError::cutter_jammed);
    kiosk.happens([](FakePrinter& printer) { printer.free_knife(); });
    kiosk.happens([](FakePrinter& printer) { printer.go_silent(true); });
    ASSERT_TRUE(kiosk.printer->print(samples::greek()));
    kiosk.timers.pass(5s);
    ASSERT_EQ(kiosk.failed.size(), 2u);
    EXPECT_EQ(kiosk.failed[1].code, ErrorCode::offline);
}

}  // namespace
}  // namespace obol::drivers
