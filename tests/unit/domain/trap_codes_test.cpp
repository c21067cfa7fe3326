// The traps of codes, PINs and scanning, by their numbers. Kept elsewhere:
//   T59 codes and PINs at rest     ledger Import.KeepsCodesAndPinsSealed; agent
//                                  StoreFacts.T59_…; Secret has no formatter
//   T60 a keyed hash for the cache ledger Import.T60_…
//   T61 tries counted durably      agent Pins.*, StoreFacts.WrongPins*; ledger SyncEndPass.*; the comparison in
//                                  constant time is crypto's
//   T62 a PIN changed centrally    a venue compares with the verifier that it has until the feed brings the new
//                                  one, so the old PIN lives as long as its cache; ledger
//                                  Admin.T62_…
//   T64 the customer's display     T64_… in reason_test.cpp; agent Proof.*
//   T65 scanned twice, or as goods agent Purchases.T65_…,
//                                  Passes.AScanTellsWhatItIs

#include <gtest/gtest.h>

#include <random>

#include "sync/domain/pass.hpp"

namespace obol {
namespace {

class Dice : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(dice_());
    }

private:
    std::mt19937 dice_{55};
};

std::string normal(std::string_view raw) {
    const Result<std::string> code = normalise_code(raw);
    return code ? *code : code.error().code;
}

struct Dress {
    const char* what;
    std::string before, behind;
};

const std::vector<Dress> dresses{
    {"as it is", "", ""},
    {"carriage return", "", "\r"},
    {"both line ends", "", "\r\n"},
    {"tabulator", "", "\t"},
    {"Code 128", "]C0", ""},
    {"GS1-128 with FNC1", "]C1\x1D", ""},
    {"GS1-128, group separator behind", "]C1", "\x1D"},
    {"Code 39", "]A0", ""},
    {"EAN", "]E0", ""},
    {"QR", "]Q1", ""},
    {"GS1 QR", "]Q3", ""},
    {"GS1 DataMatrix", "]d2", ""},
    {"Aztec", "]z0", ""},
    {"STX and ETX of a serial scanner", "\x02", "\x03"},
    {"spaces", "  ", " "},
    {"no-break spaces", "\u00A0", "\u202F"},
    {"zero-width space and byte order mark", "\uFEFF", "\u200B"},
    {"right-to-left marks", "\u200F\u202B", "\u202C\u061C"},
    {"delete, next line and the line separator", "\x7F\u0085", "\u2028"},
    {"spaces of other scripts", "\u3000\u180E", "\u205F"},
    {"an identifier with a letter behind", "]Xa", ""},
    {"an identifier with a capital behind", "]XA", ""},
    {"a path", "https://obol.example/p/", ""},
    {"a path that ends in a slash", "https://obol.example/p/", "/"},
    {"a query", "https://obol.example/?c=", "&utm_source=card"},
    {"a long query", "https://obol.example/p?x=1&code=", "#top"},
    {"a fragment", "https://obol.example/#", ""},
    {"a named fragment", "https://obol.example/app#code=", ""},
    {"an address behind an AIM identifier", "]Q1HTTPS://OBOL.EXAMPLE/P/", "\r\n"},
};

// What hands and keyboards make of one character.
std::vector<std::string> ways_of(char c) {
    std::vector<std::string> ways{std::string(1, c)};
    const auto at = static_cast<unsigned char>(c);
    if (c >= 'A') ways.emplace_back(1, static_cast<char>(c - 'A' + 'a'));
    // U+FF01 to U+FF5E: the full-width form, in UTF-8.
    const unsigned wide = 0xFF01u + (at - 0x21u);
    ways.push_back({static_cast<char>(0xE0 | (wide >> 12)), static_cast<char>(0x80 | ((wide >> 6) & 0x3F)),
                    static_cast<char>(0x80 | (wide & 0x3F))});
    return ways;
}

TEST(TrapCodes, T55_EveryDressOfAScannerComesOff) {
    Dice random;
    for (const Alphabet alphabet : {Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric}) {
        const std::string code = generate_code({.alphabet = alphabet, .length = 13}, random);
        for (const Dress& dress : dresses) {
            const std::string shown = dress.before + code + dress.behind;
            EXPECT_EQ(normal(shown), code) << dress.what;
            EXPECT_EQ(normal(normal(shown)), code) << dress.what;
        }
    }
}

TEST(TrapCodes, T55_EveryWayOfTypingACharacterIsTheCharacter) {
    Dice random;
    const std::string dashes[] = {"-",      "\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
                                  "\u2015", "\u2212", "\u00AD", "\uFE58", "\uFE63", "\uFF0D"};
    const std::string code = generate_code({.length = 16}, random);
    for (std::size_t way = 0; way < 3; ++way) {
        for (const std::string& dash : dashes) {
            std::string typed;
            for (std::size_t i = 0; i < code.size(); ++i) {
                const auto ways = ways_of(code[i]);
                typed += ways[way % ways.size()];
                if (i % 4 == 3 && i + 1 < code.size()) typed += dash;
            }
            EXPECT_EQ(normal(typed), code) << typed;
        }
    }
}

TEST(TrapCodes, T55_LookAlikesAreExchangedOnlyWhereTheyCanMeanNothingElse) {
    const CodeFormat digits{.alphabet = Alphabet::numeric, .length = 7};
    const CodeFormat mixed{.alphabet = Alphabet::alphanumeric, .length = 7};
    EXPECT_EQ(read_as("OI23458", digits), "0123458");
    EXPECT_EQ(read_as("OI23458", mixed), "OI23458");
    // Codes of our own never hold a character that could be taken for another that is not there.
    Dice random;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(generate_code(mixed, random).find_first_of("01ILO"), std::string::npos);
    }
}

TEST(TrapCodes, T55_AnotherKeyboardLayoutIsRefusedWhereItsKeysAreOtherLetters) {
    EXPECT_EQ(normal("\u0410\u0412\u04212345"), "code_malformed");            // Cyrillic, A where F is
    EXPECT_EQ(normal("&\u00E9\"'(-\u00E8_\u00E7\u00E0"), "code_malformed");   // AZERTY's row of digits
    EXPECT_EQ(normal("\u0391\u0392\u03952345"), "ABE2345");                    // Greek, the same letters
}

TEST(TrapCodes, T56_CodesThatDifferInDressAloneAreOneCode) {
    EXPECT_EQ(normal("AB-12 34567"), normal("ab1234567"));
    // Two plans whose codes may be the same text draw from one stock, whatever their prefixes.
    const CodeFormat ab{.alphabet = Alphabet::numeric, .prefix = "AB1", .length = 7};
    const CodeFormat a{.alphabet = Alphabet::alphanumeric, .prefix = "A", .length = 9};
    EXPECT_TRUE(forms_meet(ab, a));
}

TEST(TrapCodes, T57_LeadingZerosStay) {
    EXPECT_EQ(normal("0000001234567"), "0000001234567");
    EXPECT_EQ(check_pin_form("0042").value(), "0042");
    EXPECT_FALSE(check_pin_form("42"));
}

TEST(TrapCodes, T58_PrefixAndSuffixCountBesideTheLength) {
    Dice random;
    for (int length = shortest_random_part; length <= longest_random_part; ++length) {
        const CodeFormat format{.alphabet = Alphabet::numeric, .prefix = "20", .suffix = "7", .length = length};
        const std::string code = generate_code(format, random);
        EXPECT_EQ(code.size(), static_cast<std::size_t>(length) + 3);
        EXPECT_TRUE(has_form(code, format));
        EXPECT_EQ(entropy_bits(format), entropy_bits({.alphabet = Alphabet::numeric, .length = length}));
    }
}

TEST(TrapCodes, T61_ThreeInARowLockWhereverTheyWereMade) {
    Plan plan;
    plan.pin = true;
    const int elsewhere = 2, here = 1;
    const auto reason = judge_pin(plan, {.given = true, .right = false, .wrong = elsewhere + here});
    EXPECT_EQ(reason.value().code, Code::pass_locked);
    EXPECT_FALSE(judge_pin(plan, {.given = true, .right = true, .wrong = elsewhere}));
}

TEST(TrapCodes, T63_APinThatNobodyAskedForIsIgnoredByRule) {
    Plan promotion;
    promotion.type = PassType::promotion;
    EXPECT_FALSE(judge_pin(promotion, {.given = true, .right = false, .wrong = 3, .locked = true}));
}

}  // namespace
}  // namespace obol
