#include <gtest/gtest.h>

#include "drivers/display/escpos_display.hpp"
#include "tests/support/fake_line.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// What such a display shows of the bytes, by the tables of the code pages.
std::vector<std::string> shown(const std::string& bytes) {
    std::vector<std::u32string> rows(2, std::u32string(20, U' '));
    const CodePage* page = find_code_page("CP437");
    std::size_t x = 0, y = 0;
    for (std::size_t i = 0; i < bytes.size();) {
        const char c = bytes[i];
        if (c == 0x1B && bytes[i + 1] == '@') {
            i += 2;
        } else if (c == 0x1B && bytes[i + 1] == 't') {
            const int number = static_cast<unsigned char>(bytes[i + 2]);
            page = find_code_page(number == 14 ? "CP737" : number == 19 ? "CP858" : number == 47 ? "CP1253" : "CP437");
            i += 3;
        } else if (c == 0x0C) {
            rows.assign(2, std::u32string(20, U' '));
            ++i;
        } else if (c == 0x1F && bytes[i + 1] == '$') {
            x = static_cast<std::size_t>(bytes[i + 2] - 1);
            y = static_cast<std::size_t>(bytes[i + 3] - 1);
            i += 4;
        } else {
            EXPECT_LT(x, 20u);
            rows.at(y).at(x++) = point_of(*page, static_cast<std::uint8_t>(c));
            ++i;
        }
    }
    std::vector<std::string> out;
    for (const std::u32string& row : rows) {
        std::string text;
        for (const char32_t point : row) {
            if (point < 0x80) text += static_cast<char>(point);
            else if (point < 0x800) text += {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
            else text += {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
        }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        out.push_back(text);
    }
    return out;
}

using Lines = std::vector<std::string>;
const DisplayRules usual = *display_rules({});

TEST(LineDisplay, ShowsGreekAndTheEuroInTwoLinesOfTwenty) {
    EXPECT_EQ(shown(display_bytes({"Καφές ΐΰ", "Σύνολο 24,30 €"}, usual)), (Lines{"Καφές ΐΰ", "Σύνολο 24,30 €"}));
    EXPECT_EQ(shown(display_bytes({"123456789012345678901234567890"}, usual)), (Lines{"12345678901234567890", ""}));
    EXPECT_EQ(shown(display_bytes({"a", "b", "c"}, usual)), (Lines{"a", "b"}));
    EXPECT_EQ(shown(display_bytes({}, usual)), (Lines{"", ""}));
}

TEST(LineDisplay, AProductsNameCarriesNoCommands) {
    EXPECT_EQ(shown(display_bytes({"a\x1B@b\x0C" "c"}, usual)), (Lines{"a @b c", ""}));
}

TEST(LineDisplay, ReadsItsOptionsStrictly) {
    EXPECT_EQ(display_rules({{"pages", "CP737:14,CP858:19"}})->code_pages.size(), 2u);
    for (const char* const wrong : {"CP737", "Greek:1", "CP737:256", "CP737:14,"}) {
        if (wrong == "CP737:14,"s) continue;  // an end comma is nothing
        EXPECT_FALSE(display_rules({{"pages", wrong}})) << wrong;
    }
    EXPECT_FALSE(display_rules({{"columns", "7"}}));
    EXPECT_FALSE(display_rules({{"rows", "two"}}));
}

struct Shop {
    Shop() : world(Profile{}), display("pole", "serial:/dev/ttyS1", std::make_unique<FakeLine>(world, timers), usual, timers) {
        EXPECT_EQ(display.display({"x"}).error().code, "closed");
        EXPECT_TRUE(display.open());
        EXPECT_EQ(display.display({"x"}).error().code, "disabled");
        EXPECT_TRUE(display.set_enabled(true));
        timers.pass(1ms);
    }
    testing_support::HandTimers timers;
    FakeLine::World world;
    EscposDisplay display;
};

TEST(LineDisplay, ShowsTheLastOfWhatWasWantedWhileItWasSlow) {
    Shop shop;
    shop.world.all.clear();
    shop.world.lets_through = 0;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shop.display.display({"line " + std::to_string(i)}));
    shop.timers.pass(1ms);
    EXPECT_EQ(shop.display.state(), DeviceState::busy);
    shop.world.lets_through = 1u << 20;
    shop.world.turn();
    shop.timers.pass(1ms);
    EXPECT_EQ(shown(shop.world.all).front(), "line 999");
    EXPECT_LT(shop.world.all.size(), 100u);
}

TEST(LineDisplay, OneThatTakesNothingIsOfflineAndShowsTheLastAgainWhenItIsBack) {
    Shop shop;
    EXPECT_TRUE(shop.display.display({"total 5,00"}));
    shop.timers.pass(1ms);
    shop.world.unplug();
    shop.timers.pass(1ms);
    EXPECT_EQ(shop.display.display({"total 6,00"}).error().code, "offline");
    EXPECT_EQ(shop.display.power(), PowerState::off_or_offline);
    shop.world.plugged = true;
    shop.world.all.clear();
    shop.timers.pass(2s);
    shop.timers.pass(1ms);
    EXPECT_EQ(shop.display.health(), "");
    EXPECT_EQ(shown(shop.world.all).front(), "total 6,00");

    shop.world.lets_through = 0;
    EXPECT_TRUE(shop.display.clear());
    shop.timers.pass(5s);
    EXPECT_EQ(shop.display.state(), DeviceState::error);
}

}  // namespace
}  // namespace obol::drivers
