#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "drivers/picture/draw.hpp"
#include "drivers/picture/face.hpp"
#include "drivers/picture/svg.hpp"
#include "drivers/png/png.hpp"
#include "tests/support/receipts.hpp"

namespace obol::drivers {
namespace {

std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// Debian's libqrencode and our own face draw all of it, so a dot that differs is a change: a full stop is six dots.
constexpr int most_different_dots = 0;

// With OBOL_WRITE_GOLDEN=1 the picture is written instead.
void expect_golden(const Document& document, const Paper& paper, const std::string& name) {
    const auto sheets = draw_sheets(document, paper);
    ASSERT_TRUE(sheets) << sheets.error().detail;
    const Bitmap picture = stacked(*sheets);
    const std::string path = "tests/golden/receipts/" + name + ".png";
    if (std::getenv("OBOL_WRITE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << to_png(picture);
        return;
    }
    const Result<Bitmap> golden = from_png(file_text(path));
    ASSERT_TRUE(golden) << path;
    ASSERT_EQ(picture.width(), golden->width()) << path;
    ASSERT_EQ(picture.height(), golden->height()) << path;
    int different = 0;
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) different += picture.at(x, y) != golden->at(x, y) ? 1 : 0;
    }
    EXPECT_LE(different, most_different_dots) << path;
}

TEST(Picture, LooksLikeItsGoldenInBothLanguagesAtBothWidths) {
    expect_golden(samples::english(), paper_58mm, "en_58mm");
    expect_golden(samples::english(), paper_80mm, "en_80mm");
    expect_golden(samples::greek(), paper_58mm, "el_58mm");
    expect_golden(samples::greek(), paper_80mm, "el_80mm");
    expect_golden(samples::gift(), paper_58mm, "gift_58mm");
    expect_golden(samples::gift(), paper_80mm, "gift_80mm");
}

TEST(Picture, SetsEachLetterInItsCell) {
    Document document;
    document.columns("A", "€");
    const auto sheets = draw_sheets(document, paper_58mm);
    ASSERT_TRUE(sheets);
    const Bitmap& sheet = sheets->front();
    EXPECT_EQ(sheet.height(), line_pitch);
    for (int y = 0; y < cell_height; ++y) {
        for (int x = 0; x < cell_width; ++x) {
            const auto dot = [&](char32_t point) { return ((*glyph_of(point, false))[static_cast<std::size_t>(y)] >> (11 - x) & 1) != 0; };
            EXPECT_EQ(sheet.at(x, y), dot(U'A'));
            EXPECT_EQ(sheet.at(31 * cell_width + x, y), dot(U'€'));
        }
    }
}

TEST(Picture, HasTheLettersOfGreekAndTheEuroInBothWeights) {
    for (const char32_t letter : U"ABCabc0129€ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωςΆΈΉΊΌΎΏάέήίόύώϊϋΐΰΪΫ«»·–—’“”…½") {
        if (letter == 0) continue;
        ASSERT_NE(glyph_of(letter, false), nullptr) << static_cast<unsigned>(letter);
        ASSERT_NE(glyph_of(letter, true), nullptr);
        EXPECT_NE(*glyph_of(letter, false), *glyph_of(letter, true));
    }
}

TEST(Picture, ShowsALetterThatNoFaceHasByItsNumber) {
    Bitmap first(cell_width, cell_height), second(cell_width, cell_height), question(cell_width, cell_height);
    draw_letter(first, 0, 0, 0x65E5, false, Size::normal);
    draw_letter(second, 0, 0, 0x672C, false, Size::normal);
    draw_letter(question, 0, 0, U'?', false, Size::normal);
    EXPECT_NE(first, second);
    EXPECT_NE(first, question);
    Bitmap like(cell_width, cell_height), alpha(cell_width, cell_height);
    draw_letter(like, 0, 0, 0x1F70, false, Size::normal);  // alpha with varia
    draw_letter(alpha, 0, 0, U'ά', false, Size::normal);
    EXPECT_EQ(like, alpha);
}

TEST(Picture, EndsASheetAtEachCut) {
    const auto sheets = draw_sheets(samples::gift(), paper_80mm);
    ASSERT_TRUE(sheets);
    EXPECT_EQ(sheets->size(), 2u);
    Document uncut;
    uncut.text("a").cut().text("b");
    EXPECT_EQ(draw_sheets(uncut, paper_58mm)->size(), 2u);
}

TEST(Picture, RefusesACodeThatDoesNotFit) {
    Document document;
    document.qr(std::string(1500, 'x'));
    ASSERT_FALSE(draw_sheets(document, paper_58mm));
    EXPECT_EQ(draw_sheets(document, paper_58mm).error().code, "illegal");
    EXPECT_FALSE(render_svg(document, paper_58mm));
}

TEST(Png, ReadsBackWhatItWrote) {
    Bitmap picture(19, 7);
    for (int i = 0; i < 7; ++i) picture.set(3 * i % 19, i);
    const std::string file = to_png(picture);
    const Result<Bitmap> again = from_png(file);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, picture);
    EXPECT_EQ(to_png(picture), file);
    EXPECT_FALSE(from_png(file.substr(0, file.size() / 2)));
    EXPECT_FALSE(from_png("no picture"));
}

TEST(Svg, KeepsTextAsTextAndEscapesIt) {
    Document document;
    document.text("a < b & \"c\"").columns("Καφές", "2,00 €", 0, true).qr("HELLO").cut().text("x");
    const Result<std::string> svg = render_svg(document, paper_58mm);
    ASSERT_TRUE(svg);
    EXPECT_NE(svg->find(">a &lt; b &amp; &quot;c&quot;</text>"), std::string::npos);
    EXPECT_NE(svg->find("font-weight=\"bold\" textLength=\"384\" lengthAdjust=\"spacingAndGlyphs\">Καφές"), std::string::npos);
    EXPECT_NE(svg->find("stroke-dasharray"), std::string::npos);
    EXPECT_EQ(svg->find("style"), std::string::npos);
    const Result<std::string> html = render_html(document, paper_58mm, "No. <1>", "el");
    ASSERT_TRUE(html);
    EXPECT_NE(html->find("<html lang=\"el\">"), std::string::npos);
    EXPECT_NE(html->find("<title>No. &lt;1&gt;</title>"), std::string::npos);
}

}  // namespace
}  // namespace obol::drivers
