#include <gtest/gtest.h>

#include "drivers/escpos/status.hpp"

namespace obol::drivers {
namespace {

using namespace std::string_literals;

std::vector<Heard> read(StatusParser& parser, const std::string& bytes) { return parser.read(bytes); }

StatusParser asked() {
    StatusParser parser;
    for (int n = 1; n <= 4; ++n) parser.asked_real_time(n);
    return parser;
}

TEST(PrinterStatusParser, ReadsAnswersInTheOrderOfAsking) {
    StatusParser parser = asked();
    EXPECT_EQ(read(parser, "\x12\x12\x12\x12").size(), 4u);
    EXPECT_EQ(parser.bits(), PrinterBits{});
    parser = asked();
    read(parser, "\x1E\x16\x1A\x7E");
    const PrinterBits bits = parser.bits();
    EXPECT_TRUE(bits.offline && bits.pin_high && bits.cover_open && bits.cutter_jammed && bits.paper_empty &&
                bits.paper_near_end);
    EXPECT_FALSE(bits.broken || bits.overheated);
}

TEST(PrinterStatusParser, TellsEveryKindFromTheOthers) {
    StatusParser parser = asked();
    parser.asked_transmission(1);
    // Automatic status with an answer in its midst, XOFF, GS r, GS ( H, GS I, XON.
    const std::vector<Heard> heard = read(parser, "\x38\x00\x12\x0C\x00\x13\x03" "7\"abcd\0" "_TM-T88V\0" "\x11"s);
    ASSERT_EQ(heard.size(), 5u);
    EXPECT_EQ(std::get<StatusHeard>(heard[0]).question, 1);
    EXPECT_EQ(std::get<StatusHeard>(heard[1]).by, StatusHeard::By::automatic);
    EXPECT_EQ(std::get<Transmitted>(heard[2]).value, 3);
    EXPECT_EQ(std::get<PrintedUpTo>(heard[3]).id, (std::array{'a', 'b', 'c', 'd'}));
    EXPECT_EQ(std::get<Named>(heard[4]).text, "TM-T88V");
    EXPECT_TRUE(parser.bits().cover_open);
    EXPECT_EQ(parser.senseless(), 0u);
}

TEST(PrinterStatusParser, WhatNobodyAskedForIsNoAnswer) {
    StatusParser parser;
    EXPECT_TRUE(read(parser, "\x12\x00\xFF"s).empty());
    EXPECT_EQ(parser.senseless(), 3u);
}

TEST(PrinterStatusParser, FindsItsFeetAfterLostBytes) {
    StatusParser parser;
    const std::vector<Heard> heard = read(parser, "\x30\x00\x18\x00\x0C\x00"s);  // the first status lacks its end
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_TRUE(parser.bits().paper_empty);
    EXPECT_FALSE(parser.bits().cover_open);
    EXPECT_TRUE(read(parser, "_" + std::string(200, 'x')).empty());  // a name that never ends
    EXPECT_EQ(read(parser, "\x10\x00\x00\x00"s).size(), 1u);
    EXPECT_EQ(parser.bits(), PrinterBits{});
}

TEST(PrinterStatusParser, NamesTheFaultThatAPersonCanActOn) {
    PrinterBits bits;
    bits.cover_open = bits.paper_empty = true;  // with the cover open no paper is seen
    EXPECT_EQ(bits.status().error, ExtendedError::cover_open);
    bits.cover_open = false;
    EXPECT_EQ(bits.status().error, ExtendedError::paper_empty);
}

}  // namespace
}  // namespace obol::drivers
