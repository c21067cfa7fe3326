#include <gtest/gtest.h>

#include <sstream>

#include "drivers/ticket/text.hpp"

namespace obol::drivers {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

TEST(TicketText, CountsGreekLettersAsOneCellEach) {
    EXPECT_EQ(width_of("Φρέντο"), 6);
    EXPECT_EQ(width_of("Freddo"), 6);
    EXPECT_EQ(width_of("e\u0301"), 1);     // a combining accent
    EXPECT_EQ(width_of("\u65E5\u672C"), 4);  // wide characters take two
    EXPECT_EQ(width_of(""), 0);
}

TEST(TicketText, AlignsAmountsUnderOneAnotherWhateverTheScript) {
    Document document;
    document.columns("Φρέντο εσπρέσο", "3.20").columns("Freddo espresso", "13.20");
    const std::vector<std::string> lines = lines_of(render_text(document, narrow_paper));
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "Φρέντο εσπρέσο              3.20");
    EXPECT_EQ(lines[1], "Freddo espresso            13.20");
}

TEST(TicketText, BreaksTheLeftSideAndKeepsTheAmountWhole) {
    Document document;
    document.columns("Cold-pressed olive oil from Anogyra village, 750 ml", "12.90");
    EXPECT_EQ(render_text(document, narrow_paper),
              "Cold-pressed olive oil\n"
              "from Anogyra village, 750\n"
              "ml                         12.90\n");
}

TEST(TicketText, GivesAVeryWideAmountItsOwnLine) {
    Document document;
    document.columns("Balance", "123456789012345678901234 EUR");
    EXPECT_EQ(render_text(document, narrow_paper), "Balance\n    123456789012345678901234 EUR\n");
}

TEST(TicketText, CutsAWordThatIsLongerThanThePaper) {
    EXPECT_EQ(wrap("ab ΑΒΓΔΕΖΗ cd", 4), (std::vector<std::string>{"ab", "ΑΒΓΔ", "ΕΖΗ", "cd"}));
    EXPECT_EQ(wrap("abcdefgh", 4), (std::vector<std::string>{"abcd", "efgh"}));
    EXPECT_EQ(wrap("", 4), (std::vector<std::string>{""}));
    EXPECT_EQ(wrap("   ", 4), (std::vector<std::string>{""}));
    EXPECT_EQ(wrap("\u65E5\u672C", 1), (std::vector<std::string>{"\u65E5", "\u672C"}));  // ends, too
}

TEST(TicketText, LetsNoCommandThroughToThePaper) {
    EXPECT_EQ(printable("a\x1B@b\tc\r\nd"), "a @b c  d");
    EXPECT_EQ(printable("x\xC3(\xFFy"), "x\uFFFD(\uFFFDy");
    EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD");          // overlong
    EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(printable("1\u202E2"), "1 2");                    // would read backwards
    EXPECT_EQ(printable("\xE2\x82"), "\uFFFD\uFFFD");          // cut short
}

TEST(TicketText, DrawsTitlesRulesAndFeeds) {
    Document document;
    document.title("Aroma").rule().text("to the right", Align::right).feed(2).rule(true);
    EXPECT_EQ(render_text(document, 20),
              "       Aroma\n"
              "--------------------\n"
              "        to the right\n"
              "\n\n"
              "====================\n");
}

TEST(TicketText, NeverExceedsAnyOfTheUsualPapers) {
    Document document;
    document.title("A rather long name of a business with ΕΛΛΗΝΙΚΑ ΓΡΑΜΜΑΤΑ in it")
        .text("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor", Align::centre)
        .columns("supercalifragilisticexpialidocious-and-then-some-more-of-it-all", "1234567.89", 2)
        .columns("x", "");
    for (const int columns : {narrow_paper, usual_paper, wide_paper}) {
        for (const std::string& line : lines_of(render_text(document, columns))) {
            EXPECT_LE(width_of(line), columns) << line;
            EXPECT_TRUE(line.empty() || line.back() != ' ');
        }
    }
}

TEST(TicketText, TellsCodesInWordsAndSkipsWhatOnlyAPrinterHas) {
    Document document;
    document.qr("OBOL1:ABC").barcode("4F7K").barcode("520123456789", Symbology::ean13);
    document.image(Bitmap(8, 8)).pulse().cut().text("end");
    EXPECT_EQ(render_text(document, 20), "  [QR: OBOL1:ABC]\n        4F7K\n   5201234567894\nend\n");
}

TEST(Layout, SetsATitleInTheLargestLettersThatBreakNoWord) {
    const auto first = [](std::string_view title, int columns) {
        return std::get<Line>(compose(Document{}.title(title), columns).front());
    };
    EXPECT_EQ(first("Aroma", narrow_paper), (Line{"Aroma", Align::centre, false, Size::large}));
    EXPECT_EQ(first("Aroma of the old town", narrow_paper), (Line{"Aroma of the old", Align::centre, false, Size::large}));
    EXPECT_EQ(first("Ζαχαροπλαστείο-Καφέ", narrow_paper), (Line{"Ζαχαροπλαστείο-Καφέ", Align::centre, true, Size::tall}));
    EXPECT_EQ(first("Ζαχαροπλαστείο-Καφέ", wide_paper).size, Size::large);
}

TEST(Layout, CountsTheSpaceBeforeALineInItsOwnLetters) {
    EXPECT_EQ(lead(Line{"abcd", Align::centre, false, Size::normal}, 32), 14);
    EXPECT_EQ(lead(Line{"abcd", Align::centre, false, Size::large}, 32), 6);
    EXPECT_EQ(lead(Line{"abcd", Align::right, false, Size::large}, 32), 12);
    EXPECT_EQ(lead(Align::right, 500, 384), 0);
}

TEST(Bitmap, FillsAndDrawsWithinItsEdgesOnly) {
    Bitmap paper(20, 4);
    paper.fill(-3, -1, 14, 3);
    for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 20; ++x) EXPECT_EQ(paper.at(x, y), x < 11 && y < 2) << x << " " << y;
    }
    Bitmap dot(1, 1);
    dot.set(0, 0);
    paper.draw(dot, 19, 3);
    paper.draw(dot, 20, 3);
    paper.draw(dot, -1, -1);
    EXPECT_TRUE(paper.at(19, 3));
    EXPECT_FALSE(paper.at(20, 3));
    EXPECT_EQ(enlarged(dot, 3, 2), [] {
        Bitmap out(3, 2);
        out.fill(0, 0, 3, 2);
        return out;
    }());
}

TEST(Bitmap, EnlargesAtAnyPlaceWhatDotByDotWouldEnlarge) {
    Bitmap code(21, 3);
    for (int y = 0; y < 3; ++y) {
        for (int x = 0; x < 21; ++x) code.set(x, y, (x * 7 + y * 5) % 11 < 5);
    }
    for (int across = 1; across <= 12; ++across) {
        for (int left = 0; left < 11; ++left) {
            Bitmap drawn(left + 21 * across + 5, 8), dotted(left + 21 * across + 5, 8);
            drawn.fill(0, 3, 4, 2);  // what was there stays
            dotted.fill(0, 3, 4, 2);
            draw_enlarged(drawn, code, left, 1, across, 2);
            for (int y = 0; y < 3; ++y) {
                for (int x = 0; x < 21; ++x) {
                    if (code.at(x, y)) dotted.fill(left + x * across, 1 + 2 * y, across, 2);
                }
            }
            EXPECT_EQ(drawn, dotted) << across << " " << left;
        }
    }
}

TEST(Bitmap, DrawsAtAnyPlaceWhatDotByDotWouldDraw) {
    Bitmap stamp(21, 3);
    for (int x = 0; x < 21; ++x) stamp.set(x, x % 3, x % 5 != 2);
    for (int left = -25; left < 40; ++left) {
        Bitmap drawn(37, 5), dotted(37, 5), filled(37, 5), filled_dots(37, 5);
        drawn.draw(stamp, left, 1);
        filled.fill(left, 2, 17, 2);
        for (int y = 0; y < 3; ++y) {
            for (int x = 0; x < 21; ++x) {
                if (stamp.at(x, y)) dotted.set(left + x, 1 + y);
                if (x < 17 && y < 2) filled_dots.set(left + x, 2 + y);
            }
        }
        EXPECT_EQ(drawn, dotted) << left;
        EXPECT_EQ(filled, filled_dots) << left;
    }
}

TEST(Bitmap, IsNarrowedToThePaperInProportion) {
    Bitmap wide(800, 100);
    wide.fill(400, 0, 400, 100);
    const Bitmap narrow = narrowed(wide, 384);
    EXPECT_EQ(narrow.width(), 384);
    EXPECT_EQ(narrow.height(), 48);
    EXPECT_FALSE(narrow.at(191, 20));
    EXPECT_TRUE(narrow.at(193, 20));
    EXPECT_EQ(narrowed(narrow, 576), narrow);
}

}  // namespace
}  // namespace obol::drivers
