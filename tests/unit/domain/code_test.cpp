#include "sync/domain/code.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

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
          "https://obol.example/p/ABCD2345?code=", "obol://pass/ABCD2345"}) {
        EXPECT_EQ(normal(raw), "ABCD2345") << raw;
    }
}

TEST(NormaliseCode, AUrlWithoutACodeIsNoCode) {
    for (const auto* raw :
         {"https://obol.example", "https://obol.example/", "https://",
          "https://obol.example/?x=ABCD", "https://obol.example/p/a.html",
          "https://obol.example/#ABCD2345", "https://obol.example/p/AB%4",
          "https://obol.example/p/AB%ZZ", "https://obol.example/p/%C3%84",
          "https://obol.example/p/%5DC1ABCD?code=%2F", "mailto:abcd@example.com"}) {
        EXPECT_EQ(normal(raw), malformed) << raw;
    }
}

TEST(NormaliseCode, Trap55OtherAlphabetsAreRefusedNotGuessed) {
    EXPECT_EQ(normal("\u0410\u0412\u04212345"), malformed);  // Cyrillic А В С
    EXPECT_EQ(normal("\u0391\u0392\u03932345"), malformed);  // Greek Α Β Γ
    EXPECT_EQ(normal("&\u00E9\"'(-\u00E8_\u00E7\u00E0"),
              malformed);                                      // the digits of an AZERTY keyboard
    EXPECT_EQ(normal("\u0661\u0662\u0663\u0664"), malformed);  // Arabic digits
    EXPECT_EQ(normal("\U0001D400"
                     "BCD2345"),
              malformed);  // mathematical bold A
    for (const auto* raw :
         {"", " ", "-", "\r\n", "AB_CD", "AB.CD", "AB:CD", "AB;DROP", "AB\\CD", "AB'CD", "A@B"}) {
        EXPECT_EQ(normal(raw), malformed) << raw;
    }
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
    EXPECT_TRUE(has_form("GC1234567", format(Alphabet::numeric, 7, "gc-")));
    const CodeFormat stored = check_code_format(format(Alphabet::numeric, 7, "gc-", "-x")).value();
    EXPECT_EQ(stored, format(Alphabet::numeric, 7, "GC", "X"));
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
