#pragma once
// Pass codes: what a scanner or a hand produced becomes one form before anything else happens to it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/random.hpp"
#include "sync/core/result.hpp"

namespace obol {

enum class Alphabet { numeric, alphabetic, alphanumeric };
std::string_view name_of(Alphabet alphabet);
std::optional<Alphabet> alphabet_named(std::string_view name);

struct CodeFormat {
    Alphabet alphabet = Alphabet::alphanumeric;
    std::string prefix{};
    std::string suffix{};
    int length = 13;  // random characters beside prefix and suffix, 7..16
    bool operator==(const CodeFormat&) const = default;
};

inline constexpr int shortest_random_part = 7, longest_random_part = 16;
// A plan's format as it may be stored: length in its bounds, prefix and suffix folded as codes are.
// Fault code_format_malformed.
Result<CodeFormat> check_code_format(CodeFormat format);

// Trims, drops spaces, dashes and control characters (GS1's FNC1 among them), folds case, full-width
// forms, Arabic digits and the Greek letters that are Latin ones to the eye, strips AIM identifiers
// (]C1, ]Q3 …) and a URL around the code: the value of `code` or `c` in its query or fragment, else
// its last path segment, else the bare fragment. Result: 1..64 of A-Z0-9. Fault code_malformed.
Result<std::string> normalise_code(std::string_view raw);

// Does the normalised code have the form of this format?
bool has_form(std::string_view normalised, const CodeFormat& format);
// The code of this format that the text was meant to be, where a look-alike can mean nothing else:
// among digits alone O is 0, I and L are 1, B 8, S 5, Z 2; among letters alone 0 is O, 8 B, 5 S, 2 Z,
// and 1 may be either of two. Where both may stand nothing is exchanged. What has the form already
// stays as it is, so no two codes meet. nullopt: not of this form even so.
std::optional<std::string> read_as(std::string_view normalised, const CodeFormat& format);
// Can one text have both forms? Then the two plans draw from one stock of codes.
bool forms_meet(const CodeFormat& a, const CodeFormat& b);
// A guess should hit one pass in a thousand tries at most, and a draw hardly ever one that exists.
inline constexpr int codes_a_pass = 1000;
bool has_room_for(const CodeFormat& format, std::int64_t passes);

// Random bits of one code; under 64 a plan is decided at the centre unless it says offline.
// The generated alphabets leave out look-alikes: numeric 10, alphabetic 23 (no I, L, O),
// alphanumeric 31 (no 0, 1, I, L, O).
double entropy_bits(const CodeFormat& format);
// In normalised form: what is printed on paper is what is looked up.
std::string generate_code(const CodeFormat& format, Random& random);
std::string generate_pin(int digits, Random& random);
inline constexpr std::size_t shortest_pin = 4, longest_pin = 8;
// 4 to 8 digits, kept as text. Fault pin_malformed.
Result<std::string> check_pin_form(std::string_view pin);

// The last four characters behind dots: all that an answer, a receipt or a log may show.
std::string display_of(std::string_view normalised);

}  // namespace obol
