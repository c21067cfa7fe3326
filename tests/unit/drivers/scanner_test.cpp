#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include "drivers/scanner/framing.hpp"
#include "drivers/scanner/keys.hpp"
#include "drivers/scanner/reader.hpp"
#include "tests/support/hand_timers.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using What = Framed::What;

std::vector<std::string> codes(const std::vector<Framed>& all) {
    std::vector<std::string> out;
    for (const Framed& each : all) out.push_back(each.what == What::code ? each.data : "(" + std::to_string(static_cast<int>(each.what)) + ")");
    return out;
}
using Words = std::vector<std::string>;

TEST(Framing, EndsACodeAtAnySuffixAndCountsCrLfOnce) {
    Framing framing{FramingRules{}};
    EXPECT_EQ(codes(framing.take("AB\r\nCD\tEF\n\n\rG")), (Words{"AB", "CD", "EF"}));
    EXPECT_TRUE(framing.in_code());
    EXPECT_EQ(codes(framing.take("H\r")), Words{"GH"});
}

TEST(Framing, KeepsTheSeparatorsOfGs1AndDropsWhatOtherControlCharactersSpoilt) {
    Framing framing{FramingRules{}};
    EXPECT_EQ(codes(framing.take("]C1010123\x1D" "10AB\r")), Words{"]C1010123\x1D" "10AB"});
    EXPECT_EQ(codes(framing.take("AB\0CD\rEF\r"s)), (Words{"(3)", "EF"}));
    EXPECT_EQ(codes(framing.take("A\x7F" "B\x1B[C\rEF\r")), (Words{"(3)", "EF"}));
}

TEST(Framing, ACodeThatIsTooLongIsDroppedWholeAndTheNextOneIsRead) {
    FramingRules rules;
    rules.longest = 4;
    Framing framing{rules};
    EXPECT_EQ(codes(framing.take("ABCD\rABCDE\rAB\r")), (Words{"ABCD", "(2)", "AB"}));
    EXPECT_EQ(codes(framing.take(std::string(100'000, 'x'))), Words{});
    EXPECT_EQ(codes(framing.idle()), Words{"(2)"});
}

TEST(Framing, WithoutASuffixSilenceEndsACode) {
    FramingRules rules;
    rules.suffix = "";
    Framing framing{rules};
    EXPECT_EQ(codes(framing.take("AB")), Words{});
    EXPECT_EQ(codes(framing.idle()), Words{"AB"});
    EXPECT_EQ(codes(framing.idle()), Words{});
}

TEST(Framing, RemovesThePrefixAndDropsACodeThatLacksIt) {
    FramingRules rules;
    rules.prefix = "\x02";
    Framing framing{rules};
    EXPECT_EQ(codes(framing.take("\x02" "AB\rCD\r")), (Words{"AB", "(4)"}));
}

TEST(Framing, NamesTheSymbologyOfAnAimIdentifier) {
    EXPECT_EQ(symbology_of("]Q1ABC"), "qr");
    EXPECT_EQ(symbology_of("]Q3010"), "gs1_qr");
    EXPECT_EQ(symbology_of("]C1010"), "gs1_128");
    EXPECT_EQ(symbology_of("]E05201234567890"), "ean13");
    EXPECT_EQ(symbology_of("5201234567890"), "");
    EXPECT_EQ(symbology_of("]"), "");
}

struct Reading {
    explicit Reading(ScanRules rules = {}) : reader(std::move(rules), timers) {
        reader.listen({[this](ScanData data) { scans.push_back(data.data); }, [this](ErrorCode, std::string why) { errors.push_back(why); }});
    }
    testing_support::HandTimers timers;
    ScanReader reader;
    Words scans, errors;
};

// F59: the cable is pulled, or the scanner stops, in the midst of a code. Half a code is never a code.
TEST(ScanReader, F59HalfACodeIsDroppedAfterTwoHundredMilliseconds) {
    Reading reading;
    reading.reader.take("GIFT-12");
    reading.timers.pass(199ms);
    reading.reader.take("34");  // still the same scan
    reading.timers.pass(199ms);
    EXPECT_TRUE(reading.errors.empty());
    reading.timers.pass(1ms);
    ASSERT_EQ(reading.errors.size(), 1u);
    reading.reader.take("5678\r");  // what comes later is a code of its own, not glued to the half
    EXPECT_EQ(reading.scans, Words{"5678"});

    reading.reader.take("GIFT-12");
    reading.reader.ends();
    reading.reader.take("GIFT-1234\r");
    EXPECT_EQ(reading.scans, (Words{"5678", "GIFT-1234"}));
    EXPECT_EQ(reading.errors.size(), 2u);
    EXPECT_EQ(reading.timers.waiting(), 1u);  // that of repeats
}

// F60: the scanner repeats the same code twenty times.
TEST(ScanReader, F60TheSameCodeTwentyTimesIsOneScan) {
    Reading reading;
    for (int i = 0; i < 20; ++i) {
        reading.reader.take("5201234567890\r");
        reading.timers.pass(300ms);
    }
    EXPECT_EQ(reading.scans.size(), 1u);
    reading.timers.pass(700ms);
    reading.reader.take("5201234567890\r");  // scanned again on purpose
    reading.reader.take("ANOTHER\r");
    reading.reader.take("5201234567890\r");
    EXPECT_EQ(reading.scans.size(), 4u);
}

TEST(ScanReader, ReadsItsOptionsStrictly) {
    const Result<ScanRules> rules = scan_rules({{"suffix", "none"}, {"gap", "50"}, {"repeat", "0"}, {"longest", "20"}, {"prefix", "stx"}});
    ASSERT_TRUE(rules);
    EXPECT_EQ(rules->framing.suffix, "");
    EXPECT_EQ(rules->framing.prefix, "\x02");
    EXPECT_EQ(rules->idle, 50ms);
    EXPECT_FALSE(scan_rules({{"suffix", "crlf"}}));
    EXPECT_FALSE(scan_rules({{"gap", "9"}}));
    EXPECT_FALSE(scan_rules({{"gap", "1e3"}}));
    EXPECT_FALSE(scan_rules({{"longest", "0"}}));

    Reading twice(*rules);
    twice.reader.take("\x02" "A");
    twice.timers.pass(50ms);
    twice.reader.take("\x02" "A");
    twice.timers.pass(50ms);
    EXPECT_EQ(twice.scans, (Words{"A", "A"}));  // repeat=0: each counts
}

std::string typed(Keyboard& keyboard, std::initializer_list<int> keys) {
    std::string out;
    for (const int key : keys) {  // negative: released
        if (key > 0) out += keyboard.press(key);
        if (key < 0) keyboard.release(-key);
    }
    return out;
}

TEST(Keyboard, TypesShiftedAndUnshiftedCharacters) {
    Keyboard us(KeyLayout::us);
    EXPECT_EQ(typed(us, {KEY_LEFTSHIFT, KEY_G, KEY_MINUS, KEY_1, -KEY_LEFTSHIFT, KEY_1, KEY_A, KEY_MINUS, KEY_ENTER}), "G_!1a-\r");
    EXPECT_EQ(typed(us, {KEY_RIGHTBRACE, KEY_LEFTSHIFT, KEY_Q, -KEY_LEFTSHIFT, KEY_KP3, KEY_KPENTER}), "]Q3\r");
    EXPECT_EQ(typed(us, {KEY_LEFTSHIFT, KEY_RIGHTSHIFT, -KEY_LEFTSHIFT, KEY_B, -KEY_RIGHTSHIFT, KEY_B}), "Bb");
}

TEST(Keyboard, CapsLockTurnsLettersAloneAndShiftTurnsThemBack) {
    Keyboard us(KeyLayout::us);
    EXPECT_EQ(typed(us, {KEY_CAPSLOCK, -KEY_CAPSLOCK, KEY_A, KEY_1, KEY_LEFTSHIFT, KEY_A, KEY_1, -KEY_LEFTSHIFT, KEY_CAPSLOCK, KEY_A}), "A1a!a");
    us.forget();
    EXPECT_EQ(typed(us, {KEY_A}), "a");
}

TEST(Keyboard, TypesGreekWithAccentsAndAltGr) {
    Keyboard gr(KeyLayout::gr);
    EXPECT_EQ(typed(gr, {KEY_K, KEY_A, KEY_F, KEY_SEMICOLON, KEY_E, KEY_W}), "καφές");
    EXPECT_EQ(typed(gr, {KEY_LEFTSHIFT, KEY_SEMICOLON, -KEY_LEFTSHIFT, KEY_I, KEY_RIGHTALT, KEY_E, -KEY_RIGHTALT, KEY_1}), "ϊ€1");
    EXPECT_EQ(typed(gr, {KEY_RIGHTALT, KEY_SEMICOLON, -KEY_RIGHTALT, KEY_Y, KEY_CAPSLOCK, KEY_V}), "ΰΩ");
}

TEST(Keyboard, ControlAndTheBracketIsTheSeparatorOfGs1) {
    Keyboard us(KeyLayout::us);
    EXPECT_EQ(typed(us, {KEY_1, KEY_LEFTCTRL, KEY_RIGHTBRACE, KEY_A, -KEY_LEFTCTRL, KEY_2, KEY_F5, KEY_VOLUMEUP}), "1\x1D" "2");
}

TEST(Keyboard, EveryPrintableCharacterOfAsciiCanBeTyped) {
    std::string all;
    for (const bool shift : {false, true}) {
        Keyboard us(KeyLayout::us);
        if (shift) us.press(KEY_LEFTSHIFT);
        for (int key = 1; key < 128; ++key) {
            if (key != KEY_LEFTSHIFT && key != KEY_RIGHTSHIFT && key != KEY_LEFTCTRL && key != KEY_RIGHTCTRL && key != KEY_CAPSLOCK) all += us.press(key);
        }
    }
    for (char c = 0x20; c < 0x7F; ++c) EXPECT_NE(all.find(c), std::string::npos) << c;
}

}  // namespace
}  // namespace obol::drivers
