#include "sync/domain/scan_text.hpp"

#include <algorithm>

#include "sync/domain/typed.hpp"

namespace obol {
namespace {

constexpr std::size_t longest_product_text = 256;

// The separator at the front is the FNC1 that makes a symbol GS1's, and no white space.
std::string_view trimmed(std::string_view text) {
    const auto white = [](char c) { return (static_cast<unsigned char>(c) <= ' ' && c != group_separator) || c == '\x7f'; };
    while (!text.empty() && white(text.front())) text.remove_prefix(1);
    while (!text.empty() && white(text.back())) text.remove_suffix(1);
    return text;
}

// Of these the scanner says that FNC1 stood first, so it is GS1's elements: Code 128, DataBar and composite,
// Data Matrix, QR, Aztec, DotCode.
bool is_gs1(std::string_view symbology) {
    constexpr std::string_view all[] = {"C1", "e0", "e1", "e2", "e3", "d2", "d5", "Q3", "Q4", "z1", "z4", "J1", "J4"};
    return std::find(std::begin(all), std::end(all), symbology) != std::end(all);
}

// ]E0 EAN-13, UPC-A in 13 digits or 12, UPC-E in as many or its own 8; ]E3 with two or five digits more; ]E4 EAN-8;
// ]I1 ITF-14. Eight digits of which nobody says what they are: EAN-8, if it can be one.
std::optional<std::string> gtin_by_symbology(const std::string& symbology, std::string_view digits) {
    if (symbology == "E3" && digits.size() > 13) return gtin_of(digits.substr(0, 13));
    const std::optional<std::string> upc_e = symbology == "E4" ? std::nullopt : gtin_of_upc_e(digits);
    if (symbology == "E0" && upc_e) return upc_e;
    const std::optional<std::string> gtin = gtin_of(digits);
    return gtin ? gtin : upc_e;
}

std::optional<std::string> gtin_in(ScanText& scan, std::string_view plain) {
    if (plain.find("://") != std::string_view::npos) {
        if (Result<Gs1Elements> link = parse_digital_link(plain)) scan.elements = std::move(*link);
        return gtin_among(scan.elements);
    }
    // A scanner that names no symbology may send elements all the same; more than one of them, or a key with
    // its check digit, is no accident.
    const bool claims = is_gs1(scan.symbology);
    const bool marked = plain.find(group_separator) != std::string_view::npos || plain.starts_with('(');
    if (claims || marked || (scan.symbology.empty() && plain.size() >= 16 && plain.starts_with("01"))) {
        if (Result<Gs1Elements> elements = parse_gs1(plain)) {
            scan.elements = std::move(*elements);
            return gtin_among(scan.elements);
        }
    }
    return gtin_by_symbology(scan.symbology, plain);
}

void add(std::vector<std::string>& texts, std::string text) {
    if (text.empty() || text.size() > longest_product_text) return;
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

}  // namespace

ScanText read_scan(std::string_view raw) {
    ScanText out;
    std::string_view text = trimmed(raw);
    if (const auto aim = aim_identifier(text)) {
        out.symbology = *aim;
        text.remove_prefix(3);
    }
    out.text = text;
    const std::optional<std::string> plain = fold_typed(text, Separators::kept);
    std::optional<std::string> gtin = plain ? gtin_in(out, *plain) : std::nullopt;
    if (!gtin) {
        // Digits typed under a layout that has other signs on their keys; the check digit proves them.
        for (const std::string& typed : by_layouts(text)) {
            if (!gtin) gtin = gtin_of(typed);
        }
    }
    out.gtin = gtin.value_or("");
    return out;
}

std::vector<std::string> product_texts(const ScanText& scan) {
    std::vector<std::string> out;
    add(out, scan.text);
    if (!scan.gtin.empty()) {
        for (std::string& form : gtin_forms(scan.gtin)) add(out, std::move(form));
    }
    if (std::optional<std::string> plain = fold_typed(scan.text)) {
        std::string capitals = *plain;
        for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        add(out, std::move(*plain));
        add(out, std::move(capitals));
    }
    return out;
}

}  // namespace obol
