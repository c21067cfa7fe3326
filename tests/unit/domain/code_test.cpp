#include "sync/domain/code.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

namespace obol {
namespace {

std::string normal(std::string_view raw) {
    const Result<std::string> code = normalise_code(raw);
    return code ? *code : code.error().code;
}
constexpr const char* malformed = "code_malformed";

class Seeded : public Random {
public:
    explicit Seeded(unsigned seed = 1) : dice_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(dice_());
    }

private:
    std::mt19937 dice_;
};

CodeFormat format(Alphabet alphabet, int length, std::string prefix = "", std::string suffix = "") {
    return {.alphabet = alphabet,
            .prefix = std::move(prefix),
            .suffix = std::move(suffix),
            .length = length};
}

TEST(NormaliseCode, Trap55DropsSpacesDashesAndWhatScannersSendBehind) {
    for (const auto* raw : {"ABCD2345", "abcd2345", "  ABCD 2345  ", "ABCD-2345", "ab-cd 23-45",
                            "ABCD2345\r\n", "ABCD2345\t",
                            "\x02"
                            "ABCD2345\x03",
                            "ABCD2345\x04",
                            "\x1d"
                            "ABCD2345",
                            "ABCD\x1d"
                            "2345"}) {
        EXPECT_EQ(normal(raw), "ABCD2345") << raw;
    }
}

TEST(NormaliseCode, Trap55StripsAimIdentifiers) {
    for (const auto* raw : {"]C1ABCD2345", "]Q3ABCD2345", "]Q1ABCD2345\r", "]E0ABCD2345",
                            "]d2ABCD2345", " ]C0abcd-2345",
                            "]C1\x1d"
                            "ABCD2345",
                            "]z0ABCD2345"}) {
        EXPECT_EQ(normal(raw), "ABCD2345") << raw;
    }
    // Without the bracket these are characters of the code; one identifier is enough.
    EXPECT_EQ(normal("C1ABCD2345"), "C1ABCD2345");
    EXPECT_EQ(normal("]C1]C1ABCD"), malformed);
    EXPECT_EQ(normal("]C1"), malformed);
    EXPECT_EQ(normal("]"), malformed);
    EXPECT_EQ(normal("]11ABCD"), malformed);
}

TEST(NormaliseCode, Trap55FoldsFullWidthForms) {
    EXPECT_EQ(normal("\uFF21\uFF22\uFF43\uFF44\uFF12\uFF13\uFF14\uFF15"), "ABCD2345");
    EXPECT_EQ(normal("\uFF21\uFF22\uFF23\uFF24\uFF0D\uFF12\uFF13\uFF14\uFF15"),
              "ABCD2345");                                // － is a dash
    EXPECT_EQ(normal("\uFF3D\uFF23\uFF11ABCD"), "ABCD");  // ］Ｃ１
    EXPECT_EQ(normal("ABCD\u30002345"), "ABCD2345");      // the wide space
}

TEST(NormaliseCode, Trap55DropsDirectionMarksJoinersAndTypographicDashes) {
    EXPECT_EQ(normal("\u200FABCD2345\u200E"), "ABCD2345");
    EXPECT_EQ(normal("\u202BABCD\u202C\u2066 2345\u2069"), "ABCD2345");
    EXPECT_EQ(normal("\uFEFF"
                     "ABCD\u200B\u00AD\u20602345"),
              "ABCD2345");
    EXPECT_EQ(normal("ABCD\u20112345"), "ABCD2345");
    EXPECT_EQ(normal("AB\u2013CD\u2014"
                     "23\u221245"),
              "ABCD2345");
    EXPECT_EQ(normal("ABCD\u00A02345\u202F"), "ABCD2345");
}

TEST(NormaliseCode, Trap55TakesTheCodeOutOfAUrl) {
    for (const auto* raw :
         {"https://obol.example/p/ABCD2345", "HTTPS://OBOL.EXAMPLE/P/ABCD2345",
          "http://obol.example/abcd-2345/", "https://obol.example/p?code=ABCD2345",
          "https://obol.example/?c=ABCD2345&utm_source=x",
          "https://obol.example/p/other?x=1&CODE=abcd2345#top",
          "https://obol.example/p/ABCD2345?utm=1#frag", "https://obol.example:8443/p/ABCD%2D2345",
          "https://obol.example/p?code=ABCD+2345", "https://obol.example/p?code=ABCD%202345",
          "https://obol.example/p/%EF%BC%A1BCD2345", "obol.example/p/ABCD2345",
          "]Q1https://obol.example/p/ABCD2345\r\n",
          "https://obol.example/p/ABCD2345?code=", "obol://pass/ABCD2345",
          "https://obol.example/#ABCD2345", "https://obol.example/p#code=ABCD2345",
          "https://obol.example/?x=1#c=abcd%2D2345", "obol.example#ABCD2345",
          "https://obol.example/p?c=ABCD2345#code=ZZZZ9999"}) {
        EXPECT_EQ(normal(raw), "ABCD2345") << raw;
    }
}

TEST(NormaliseCode, AUrlWithoutACodeIsNoCode) {
    for (const auto* raw :
         {"https://obol.example", "https://obol.example/", "https://",
          "https://obol.example/?x=ABCD", "https://obol.example/p/a.html",
          "https://obol.example/#", "https://obol.example/p/AB%4",
          "https://obol.example/p/AB%ZZ", "https://obol.example/p/AB%4Z", "https://obol.example/p/AB%Z4",
          "https://obol.example/p/AB%4:", "https://obol.example/p/AB%gg", "https://obol.example/p/AB%1", "https://obol.example/p/%C3%84",
          "https://obol.example/p/%5DC1ABCD?code=%2F", "mailto:abcd@example.com"}) {
        EXPECT_EQ(normal(raw), malformed) << raw;
    }
}

TEST(NormaliseCode, Trap55OtherAlphabetsAreRefusedNotGuessed) {
    EXPECT_EQ(normal("\u0410\u0412\u04212345"), malformed);  // Cyrillic А В С
    EXPECT_EQ(normal("\u0391\u0392\u03932345"), malformed);  // Greek Α Β Γ
    EXPECT_EQ(normal("&\u00E9\"'(-\u00E8_\u00E7\u00E0"),
              malformed);                                      // the digits of an AZERTY keyboard
    EXPECT_EQ(normal("\U0001D400"
                     "BCD2345"),
              malformed);  // mathematical bold A
    for (const auto* raw :
         {"", " ", "-", "\r\n", "AB_CD", "AB.CD", "AB:CD", "AB;DROP", "AB\\CD", "AB'CD", "A@B"}) {
        EXPECT_EQ(normal(raw), malformed) << raw;
    }
}

TEST(NormaliseCode, Trap55GreekLettersThatLookLatinWereTypedWithTheGreekLayout) {
    EXPECT_EQ(normal("\u0391\u0392\u0395\u0396\u0397\u0399\u039A\u039C\u039D\u039F\u03A1\u03A4\u03A5\u03A7"),
              "ABEZHIKMNOPTYX");
    EXPECT_EQ(normal("\u03B1\u03B2\u03B5\u03B6\u03B7\u03B9\u03BA\u03BC\u03BD\u03BF\u03C1\u03C4\u03C5\u03C7"),
              "ABEZHIKMNOPTYX");
    EXPECT_EQ(normal("https://obol.example/p/%CE%91BCD"), "ABCD");
    // Greek letters that are no Latin ones stay what they are: no code.
    for (const auto* raw : {"\u0393", "\u0394", "\u0398", "\u039B", "\u039E", "\u03A0", "\u03A3", "\u03A6",
                            "\u03A8", "\u03A9", "\u03C2", "\u03A2", "\u0386", "\u0390", "\u03AA"}) {
        EXPECT_EQ(normal(std::string("AB") + raw), malformed) << raw;
    }
}

TEST(NormaliseCode, Trap55ArabicDigitsAreDigits) {
    EXPECT_EQ(normal("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"), "0123456789");
    EXPECT_EQ(normal("\u06F0\u06F1\u06F2\u06F3\u06F4\u06F5\u06F6\u06F7\u06F8\u06F9"), "0123456789");
    EXPECT_EQ(normal("\u066A"), malformed);
    EXPECT_EQ(normal("\u0966"), malformed);  // of other scripts nobody here has a keyboard
}

TEST(NormaliseCode, InvalidUtf8IsNoCode) {
    for (const auto* raw : {"ABCD\xFF", "ABCD\xC3",
                            "\xE2\x80"
                            "ABCD",
                            "ABCD\xC0\x80",
                            "\xE0\x80\xA0"
                            "ABCD",
                            "\xED\xA0\x80"
                            "ABCD",
                            "\x80"
                            "ABCD",
                            "\xF0\x9F\x98\x80"}) {
        EXPECT_EQ(normal(raw), malformed);
    }
    EXPECT_EQ(normal(std::string_view("AB\0CD", 5)),
              "ABCD");  // a control character like the others
}

TEST(NormaliseCode, Trap55LookAlikesAreKeptAsTheyAre) {
    EXPECT_EQ(normal("O0I1l8B5S"), "O0I1L8B5S");
    EXPECT_NE(normal("ABCO"), normal("ABC0"));
}

TEST(NormaliseCode, Trap56DifferentTextsMayMeetInOneForm) {
    EXPECT_EQ(normal("ab-12"), normal("AB1 2"));
    EXPECT_EQ(normal("https://x.example/ab12"), normal("AB12"));
}

TEST(NormaliseCode, Trap57LeadingZerosStay) {
    EXPECT_EQ(normal("0001234567890"), "0001234567890");
    EXPECT_NE(normal("01234567"), normal("1234567"));
}

TEST(NormaliseCode, TakesOneToSixtyFourCharacters) {
    EXPECT_EQ(normal("x"), "X");
    EXPECT_EQ(normal(std::string(64, 'a')), std::string(64, 'A'));
    EXPECT_EQ(normal(std::string(65, 'a')), malformed);
    EXPECT_EQ(normal(std::string(5000, ' ') + "ABCD"), malformed);
}

TEST(NormaliseCode, GivesOneFormThatNormalisesToItselfOrAFault) {
    EXPECT_TRUE(rc::check("for any bytes", [](const std::string& raw) {
        const Result<std::string> code = normalise_code(raw);
        if (!code) {
            RC_ASSERT(code.error().code == malformed);
            return;
        }
        RC_ASSERT(!code->empty());
        RC_ASSERT(code->size() <= 64u);
        RC_ASSERT(code->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
                  std::string::npos);
        RC_ASSERT(normalise_code(*code).value() == *code);
    }));
}

TEST(NormaliseCode, FindsAGeneratedCodeInAnyDress) {
    EXPECT_TRUE(rc::check([] {
        Seeded random{*rc::gen::arbitrary<unsigned>()};
        const std::string code = generate_code(format(Alphabet::alphanumeric, 13), random);
        std::string dressed = *rc::gen::element(
            std::string{}, std::string{"]C1"}, std::string{" "}, std::string{"\xE2\x80\x8F"},
            std::string{"https://a.example/p/"}, std::string{"a.example?code="});
        for (const char c : code) {
            const bool lower = *rc::gen::arbitrary<bool>();
            dressed += lower && c >= 'A' ? static_cast<char>(c - 'A' + 'a') : c;
            dressed +=
                *rc::gen::element(std::string{}, std::string{"-"}, std::string{"\xE2\x80\x8E"});
        }
        dressed += *rc::gen::element(std::string{}, std::string{"\r\n"}, std::string{"\t"},
                                     std::string{"\x1d"});
        RC_ASSERT(normalise_code(dressed).value() == code);
    }));
}

TEST(CodeFormat, Trap58PrefixAndSuffixCountBesideTheLength) {
    const CodeFormat numeric = format(Alphabet::numeric, 7, "GC", "9X");
    EXPECT_TRUE(has_form("GC12345679X", numeric));
    EXPECT_FALSE(has_form("GC1234567", numeric));     // no suffix
    EXPECT_FALSE(has_form("GC123456789X", numeric));  // one digit too many
    EXPECT_FALSE(has_form("GC1234569X", numeric));    // one too few
    EXPECT_FALSE(has_form("GD12345679X", numeric));
    EXPECT_FALSE(has_form("GC123A5679X", numeric));
    EXPECT_FALSE(has_form("", numeric));
    EXPECT_FALSE(has_form("GC12345679Y", numeric));
    // Prefix and suffix may not share characters.
    EXPECT_FALSE(has_form("AAAAAAAA", format(Alphabet::alphabetic, 7, "A", "A")));
    EXPECT_TRUE(has_form("AAAAAAAAA", format(Alphabet::alphabetic, 7, "A", "A")));
    EXPECT_FALSE(has_form("AB", format(Alphabet::alphabetic, 7, "AB", "AB")));
}

TEST(CodeFormat, TakesTheWholeAlphabetOfImportedCodes) {
    EXPECT_TRUE(has_form("O0I1L8B5S2Z01", format(Alphabet::alphanumeric, 13)));
    EXPECT_TRUE(has_form("ILOILOI", format(Alphabet::alphabetic, 7)));
    EXPECT_FALSE(has_form("ILOILO1", format(Alphabet::alphabetic, 7)));
}

TEST(CodeFormat, AnAffixIsFoldedAsTheCodesAre) {
    EXPECT_EQ(check_code_format(format(Alphabet::numeric, 7, "g c", "9")).value().prefix, "GC");
    EXPECT_TRUE(has_form("GC1234567", format(Alphabet::numeric, 7, "gc-")));
    const CodeFormat stored = check_code_format(format(Alphabet::numeric, 7, "gc-", "-x")).value();
    EXPECT_EQ(stored, format(Alphabet::numeric, 7, "GC", "X"));
}

// ---- Look-alikes
// ----------------------------------------------------------------------------------------

TEST(ReadAs, AmongDigitsAloneLettersAreTheDigitsThatTheyLookLike) {
    const CodeFormat digits = format(Alphabet::numeric, 7);
    EXPECT_EQ(read_as("OIL8B5S", digits), "0118855");
    EXPECT_EQ(read_as("1Z34567", digits), "1234567");
    EXPECT_EQ(read_as("0123456", digits), "0123456");
    EXPECT_FALSE(read_as("A123456", digits));
    EXPECT_FALSE(read_as("123456", digits));
}

TEST(ReadAs, AmongLettersAloneDigitsAreTheLettersThatTheyLookLike) {
    const CodeFormat letters = format(Alphabet::alphabetic, 7);
    EXPECT_EQ(read_as("8AD5C2X", letters), "BADSCZX");
    EXPECT_EQ(read_as("0BCDEFG", letters), "OBCDEFG");
    EXPECT_FALSE(read_as("1BCDEFG", letters));  // I or L
    EXPECT_FALSE(read_as("3BCDEFG", letters));
}

TEST(ReadAs, WhereBothMayStandNothingIsExchanged) {
    EXPECT_EQ(read_as("O0I1L8B5S2Z01", format(Alphabet::alphanumeric, 13)), "O0I1L8B5S2Z01");
}

TEST(ReadAs, PrefixAndSuffixAreKnownAndReadAsTheyAre) {
    const CodeFormat gold = format(Alphabet::numeric, 7, "GO", "8X");
    EXPECT_EQ(read_as("G012345O7BX", gold), "GO12345078X");
    EXPECT_EQ(read_as("GO12345678X", gold), "GO12345678X");
    EXPECT_FALSE(read_as("GQ12345678X", gold));
}

TEST(ReadAs, KeepsEveryCodeOfTheFormAndSoMergesNone) {
    EXPECT_TRUE(rc::check([] {
        const Alphabet alphabet =
            *rc::gen::element(Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric);
        const CodeFormat wanted = format(alphabet, *rc::gen::inRange(7, 17), "A8", "Z0");
        Seeded random{*rc::gen::arbitrary<unsigned>()};
        const std::string code = generate_code(wanted, random);
        RC_ASSERT(read_as(code, wanted) == code);
        const std::string any =
            *rc::gen::container<std::string>(code.size(), rc::gen::elementOf(std::string{"0OI1LB8S5Z2AX7"}));
        const auto meant = read_as(any, wanted);
        const bool sound = !meant || has_form(*meant, wanted);  // RC_ASSERT puts no brackets around it
        RC_ASSERT(sound);
        if (has_form(any, wanted)) RC_ASSERT(meant == any);
    }));
}

// ---- Room
// ----------------------------------------------------------------------------------------------

TEST(FormsMeet, WhereOneTextCanHaveBoth) {
    const CodeFormat digits = format(Alphabet::numeric, 9), letters = format(Alphabet::alphabetic, 9);
    const CodeFormat either = format(Alphabet::alphanumeric, 9);
    EXPECT_TRUE(forms_meet(digits, digits));
    EXPECT_FALSE(forms_meet(digits, letters));
    EXPECT_TRUE(forms_meet(digits, either));
    EXPECT_TRUE(forms_meet(either, letters));
    EXPECT_FALSE(forms_meet(digits, format(Alphabet::numeric, 10)));
    // A prefix may be the other's random part.
    EXPECT_TRUE(forms_meet(either, format(Alphabet::numeric, 7, "AB")));
    EXPECT_TRUE(forms_meet(format(Alphabet::numeric, 7, "12"), digits));
    EXPECT_FALSE(forms_meet(format(Alphabet::numeric, 7, "AB"), digits));
    EXPECT_FALSE(forms_meet(format(Alphabet::numeric, 7, "AB"), format(Alphabet::numeric, 7, "AC")));
    EXPECT_TRUE(forms_meet(format(Alphabet::numeric, 7, "A", "9"), format(Alphabet::numeric, 7, "A", "")) ==
                false);
    EXPECT_TRUE(forms_meet(format(Alphabet::numeric, 7, "A", "9"), format(Alphabet::numeric, 8, "A")));
}

TEST(HasRoom, ForOnePassInAThousandCodes) {
    EXPECT_TRUE(has_room_for(format(Alphabet::numeric, 7), 10'000));
    EXPECT_FALSE(has_room_for(format(Alphabet::numeric, 7), 10'001));
    EXPECT_TRUE(has_room_for(format(Alphabet::numeric, 7, "LONGPREFIX"), 10'000));
    EXPECT_FALSE(has_room_for(format(Alphabet::numeric, 7, "LONGPREFIX"), 10'001));
    EXPECT_TRUE(has_room_for(format(Alphabet::alphanumeric, 16), 1'000'000'000));
}

TEST(CodeFormat, BoundsAreChecked) {
    EXPECT_TRUE(check_code_format(format(Alphabet::numeric, 7)));
    EXPECT_TRUE(check_code_format(format(Alphabet::numeric, 16, std::string(48, 'A'))));
    for (const auto& bad : {format(Alphabet::numeric, 6), format(Alphabet::numeric, 17),
                            format(Alphabet::numeric, -1), format(Alphabet::numeric, 7, "A/B"),
                            format(Alphabet::numeric, 7, "", "\u00C4"),
                            format(Alphabet::numeric, 16, std::string(49, 'A'))}) {
        EXPECT_EQ(check_code_format(bad).error().code, "code_format_malformed");
    }
}

TEST(CodeFormat, EntropyDecidesWhatMayBeCached) {
    EXPECT_GE(entropy_bits(format(Alphabet::alphanumeric, 13)), 64);
    EXPECT_LT(entropy_bits(format(Alphabet::alphanumeric, 12)), 64);
    EXPECT_LT(entropy_bits(format(Alphabet::numeric, 16)), 54);
    EXPECT_GT(entropy_bits(format(Alphabet::numeric, 16)), 53);
    EXPECT_GE(entropy_bits(format(Alphabet::alphabetic, 15)), 64);
    EXPECT_LT(entropy_bits(format(Alphabet::alphabetic, 14)), 64);
    // A prefix adds nothing that a guesser would have to guess.
    EXPECT_EQ(entropy_bits(format(Alphabet::numeric, 7, "ABCDEFGH")),
              entropy_bits(format(Alphabet::numeric, 7)));
}

TEST(GenerateCode, HasItsFormIsNormalAndDiffersEveryTime) {
    Seeded random;
    std::set<std::string> seen;
    for (const Alphabet alphabet :
         {Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric}) {
        const CodeFormat wanted = format(alphabet, 12, "gc-", "x");
        for (int i = 0; i < 500; ++i) {
            const std::string code = generate_code(wanted, random);
            ASSERT_TRUE(has_form(code, wanted)) << code;
            ASSERT_EQ(normal(code), code);
            ASSERT_TRUE(seen.insert(code).second);
        }
    }
}

TEST(GenerateCode, UsesEachCharacterEquallyOftenAndNoLookAlikes) {
    Seeded random;
    std::map<char, int> count;
    for (int i = 0; i < 4000; ++i) {
        for (const char c : generate_code(format(Alphabet::alphanumeric, 16), random)) ++count[c];
    }
    EXPECT_EQ(count.size(), 31u);
    for (const char look_alike : std::string{"01ILO"}) EXPECT_EQ(count.count(look_alike), 0u);
    for (const auto& [c, times] : count) EXPECT_NEAR(times, 64'000 / 31, 250) << c;

    std::set<char> letters;
    for (int i = 0; i < 500; ++i) {
        for (const char c : generate_code(format(Alphabet::alphabetic, 16), random))
            letters.insert(c);
    }
    EXPECT_EQ(letters.size(), 23u);
}

// Pearson's statistic over equally likely outcomes, against its 99.9 % point (Wilson and Hilferty).
bool looks_uniform(const std::map<char, int>& count, std::size_t outcomes) {
    double total = 0, statistic = 0;
    for (const auto& [c, times] : count) total += times;
    const double expected = total / static_cast<double>(outcomes);
    for (const auto& [c, times] : count) statistic += (times - expected) * (times - expected) / expected;
    statistic += expected * static_cast<double>(outcomes - count.size());
    const double freedom = static_cast<double>(outcomes - 1), part = 2 / (9 * freedom);
    return statistic < freedom * std::pow(1 - part + 3.09 * std::sqrt(part), 3);
}

TEST(GenerateCode, IsWithoutBiasInEveryPlaceOfEveryAlphabet) {
    Seeded random{2026};
    for (const auto& [alphabet, characters] : {std::pair{Alphabet::numeric, 10u}, std::pair{Alphabet::alphabetic, 23u},
                                               std::pair{Alphabet::alphanumeric, 31u}}) {
        std::vector<std::map<char, int>> at(7);
        for (int i = 0; i < 5000; ++i) {
            const std::string code = generate_code(format(alphabet, 7), random);
            for (std::size_t place = 0; place < at.size(); ++place) ++at[place][code[place]];
        }
        for (const auto& count : at) EXPECT_TRUE(looks_uniform(count, characters)) << name_of(alphabet);
    }
    std::map<char, int> digits;
    for (int i = 0; i < 5000; ++i) {
        for (const char c : generate_pin(8, random)) ++digits[c];
    }
    EXPECT_TRUE(looks_uniform(digits, 10));
}

TEST(GenerateCode, TheTestOfBiasFindsOne) {
    std::map<char, int> count;
    std::mt19937 dice{1};
    for (int i = 0; i < 35'000; ++i) ++count[static_cast<char>('A' + (dice() % 256) % 31)];
    EXPECT_FALSE(looks_uniform(count, 31));  // 256 is no multiple of 31
}

TEST(Uniform, DrawsAgainWhereTheRemainderWouldFavourSmallNumbers) {
    Seeded random{7};
    constexpr std::uint32_t bound = 3u << 30;  // by modulo alone the first third would come twice as often
    std::map<char, int> thirds;
    for (int i = 0; i < 30'000; ++i) ++thirds[static_cast<char>(uniform(random, bound) >> 30)];
    EXPECT_TRUE(looks_uniform(thirds, 3));
}

TEST(Pins, AreFourToEightDigitsKeptAsText) {
    EXPECT_EQ(check_pin_form("0042").value(), "0042");
    EXPECT_EQ(check_pin_form("12345678").value(), "12345678");
    for (const auto* bad :
         {"", "123", "123456789", "12a4", " 1234", "1234\n", "-123", "\uFF11\uFF12\uFF13\uFF14"}) {
        EXPECT_EQ(check_pin_form(bad).error().code, "pin_malformed") << bad;
    }
    Seeded random;
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) seen.insert(check_pin_form(generate_pin(6, random)).value());
    EXPECT_GT(seen.size(), 190u);
}

TEST(Display, ShowsTheLastFourCharactersOnly) {
    EXPECT_EQ(display_of("ABCDEFGHJ2345"), "....2345");
    EXPECT_EQ(display_of("ABCDEFGH"), "....EFGH");
    EXPECT_EQ(display_of("ABCDEF"), "....DEF");  // half at most of a short one
    EXPECT_EQ(display_of("AB"), "....B");
    EXPECT_EQ(display_of("A"), "....");
    EXPECT_EQ(display_of(""), "....");
}

TEST(Alphabets, AreNamedAsInTheContract) {
    for (const Alphabet each : {Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric}) {
        EXPECT_EQ(alphabet_named(name_of(each)), each);
    }
    EXPECT_EQ(name_of(Alphabet::alphanumeric), "alphanumeric");
    EXPECT_FALSE(alphabet_named("hex"));
}

}  // namespace
}  // namespace obol
