#pragma once
// What GS1 says of the text in a symbol: elements, each an application identifier (AI) and its value, and the
// product (GTIN) that they name. After the GS1 General Specifications, section 3.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/result.hpp"

namespace obol {

struct Gs1Element {
    std::string ai, value;
    bool operator==(const Gs1Element&) const = default;
};
using Gs1Elements = std::vector<Gs1Element>;

// As a symbol holds them: values of the predefined AIs have their fixed length, all others end with a group
// separator or the text; one at the front is the FNC1 that makes the symbol GS1's. Or as people read them,
// "(01)09506000134352(10)ABC". Fault gs1_malformed: not such elements from beginning to end.
Result<Gs1Elements> parse_gs1(std::string_view text);
// The elements in a GS1 Digital Link, "https://id.gs1.org/01/09506000134352/10/ABC?17=271231". Fault gs1_malformed.
Result<Gs1Elements> parse_digital_link(std::string_view url);

// Is the last digit the check digit of those before? For keys of 8 to 18 digits.
bool has_check_digit(std::string_view digits);
// The product's number in 14 digits, of 8, 12, 13 or 14 digits with their check digit.
std::optional<std::string> gtin_of(std::string_view digits);
// The same of the eight digits of a UPC-E, which leave out zeros.
std::optional<std::string> gtin_of_upc_e(std::string_view digits);
// Of elements: AI 01, or 02 (of what a box contains).
std::optional<std::string> gtin_among(const Gs1Elements& elements);
// The forms in which a catalogue may hold a GTIN: 14 digits, and 13, 12 and 8 where it has so few.
std::vector<std::string> gtin_forms(std::string_view gtin);

}  // namespace obol
