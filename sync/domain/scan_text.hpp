#pragma once
// The text that a scanner sent, taken apart: what the scanner said of the symbol, GS1's elements, the product.
// What kind of thing it is (a pass, a card, a product) nobody can tell without looking it up.

#include "sync/domain/gs1.hpp"

namespace obol {

struct ScanText {
    std::string symbology{};  // "E0", "C1", "Q3" …, where the scanner named it (ISO/IEC 15424)
    std::string text{};       // without that, and without white space around it
    Gs1Elements elements{};
    std::string gtin{};       // of the product that GS1's rules find in it, in 14 digits
    bool operator==(const ScanText&) const = default;
};
ScanText read_scan(std::string_view raw);

// By which a catalogue may know the product, best first.
std::vector<std::string> product_texts(const ScanText& scan);

}  // namespace obol
