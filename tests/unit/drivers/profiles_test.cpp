#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

std::string fault_of(const std::string& json) {
    const Result<Profile> read = read_profile(json);
    return read ? "" : read.error().code + " " + read.error().detail;
}

TEST(Profiles, OfTheTreeAreAllReadAndTested) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator("config/printers")) files += entry.path().extension() == ".json" ? 1 : 0;
    EXPECT_EQ(files, std::size(all_profiles) + 1);  // and a printer of pages
    for (const char* const name : all_profiles) EXPECT_FALSE(profile(name).code_pages.empty()) << name;
}

TEST(Profiles, SayWhatTheModelCanDo) {
    const Profile epson = profile("TM-T88V");
    EXPECT_EQ(epson.name, "TM-T88V");
    EXPECT_EQ(epson.paper, (Paper{42, 512, 180}));
    EXPECT_TRUE(epson.features.qr_code && epson.features.part_cut && epson.features.pulse_standard);
    EXPECT_EQ(epson.code_pages.front().number, 0);
    EXPECT_EQ(epson.code_pages.front().page->name, "CP437");
    const Profile small = profile("POS-5890");
    EXPECT_EQ(small.paper, paper_58mm);
    EXPECT_FALSE(small.features.qr_code || small.features.full_cut);
    EXPECT_TRUE(small.features.kanji);
    EXPECT_EQ(small.language, Profile::Language::escpos);
    const Profile star = profile("TSP650II");
    EXPECT_EQ(star.language, Profile::Language::star_line);
    const Profile pages = profile("office-a4");
    EXPECT_EQ(pages.language, Profile::Language::page);
    EXPECT_EQ(pages.paper.columns, 80);
    EXPECT_EQ(star.paper, (Paper{48, 576, 203, 32}));  // lines of four millimetres
}

TEST(Profiles, FaultsNameTheMember) {
    const std::string good = profile_text("TM-T20III");
    EXPECT_EQ(fault_of(good), "");
    EXPECT_EQ(fault_of("// a comment\n" + good), "");
    EXPECT_EQ(fault_of(replaced(good, "\"vendor\"", "\"maker\"")), "profile_invalid vendor: is missing");
    EXPECT_EQ(fault_of(replaced(good, "\"notes\"", "\"note\"")), "profile_invalid note: is not known");
    EXPECT_EQ(fault_of(replaced(good, "\"qrCode\": true", "\"qrCode\": 1")), "profile_invalid features.qrCode: must be true or false");
    EXPECT_EQ(fault_of(replaced(good, "\"qrCode\"", "\"QrCode\"")), "profile_invalid features.QrCode: is not known");
    EXPECT_EQ(fault_of(replaced(good, "\"pixels\": 576", "\"pixels\": \"Unknown\"")),
              "profile_invalid media.width.pixels: must be a whole number from 192 to 1200");
    EXPECT_EQ(fault_of(replaced(good, "\"pixels\": 576", "\"pixels\": 384")),
              "profile_invalid fonts.0.columns: 48 letters of 12 dots are wider than the paper's 384");
    EXPECT_EQ(fault_of(replaced(good, "\"14\": \"CP737\"", "\"14\": \"Greek\"")), "profile_invalid codePages.14: is no name of a code page");
    EXPECT_EQ(fault_of(replaced(good, "\"14\": \"CP737\"", "\"314\": \"CP737\"")), "profile_invalid codePages.314: must be a number from 0 to 255");
    EXPECT_EQ(fault_of(replaced(good, "\"14\": \"CP737\"", "\"0\": \"CP737\"")), "profile_invalid 0: stands twice");
    EXPECT_EQ(fault_of(replaced(replaced(good, "\"starCommands\": false", "\"starCommands\": true"), "\"dpi\": 203", "\"dpi\": 180")),
              "profile_invalid media.dpi: must be 203 where features.starCommands is true");
    EXPECT_EQ(fault_of(replaced(good, "\"dpi\": 203", "\"dpi\": 99999999999999999999")),
              "profile_invalid media.dpi: must be a whole number from 100 to 600");
    EXPECT_EQ(fault_of("[]"), "profile_invalid the file: must be an object");
    EXPECT_EQ(fault_of("{").substr(0, 25), "profile_invalid not JSON:");
    EXPECT_EQ(fault_of(std::string(70'000, ' ')), "profile_invalid a file of more than 64 KiB");
}

TEST(Profiles, PassOverPagesWithoutATableAndNumbersThatComeTwice) {
    const Profile read = *read_profile(replaced(profile_text("generic-58mm"), "\"0\": \"CP437\"",
                                                "\"47\": \"CP1253\", \"1\": \"Unknown\", \"3\": \"CP932\", \"90\": \"CP1253\""));
    ASSERT_EQ(read.code_pages.size(), 1u);
    EXPECT_EQ(read.code_pages[0].number, 47);
}

}  // namespace
}  // namespace obol::drivers
