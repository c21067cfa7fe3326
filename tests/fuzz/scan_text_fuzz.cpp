// What a scanner sent, taken apart.

#include <algorithm>
#include <cstdint>

#include "sync/core/ensure.hpp"
#include "sync/domain/scan_text.hpp"
#include "sync/domain/typed.hpp"

using namespace obol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
    const ScanText scan = read_scan(text);
    ENSURE(scan.text.size() <= text.size());
    ENSURE(scan.gtin.empty() || (scan.gtin.size() == 14 && has_check_digit(scan.gtin)));
    for (const Gs1Element& each : scan.elements) ENSURE(each.ai.size() >= 2 && each.ai.size() <= 4 && each.value.size() <= 90);
    const auto product = product_texts(scan);
    ENSURE(std::none_of(product.begin(), product.end(), [](const std::string& each) { return each.empty(); }));
    // Elements that were taken apart can be put together and taken apart again.
    if (const Result<Gs1Elements> elements = parse_gs1(text)) {
        std::string whole;
        for (const Gs1Element& each : *elements) whole += each.ai + each.value + group_separator;
        const Result<Gs1Elements> again = parse_gs1(whole);
        ENSURE(again && *again == *elements);
    }
    for (const std::string& typed : by_layouts(text)) {
        ENSURE(std::all_of(typed.begin(), typed.end(), [](char c) { return c > 0x20 && c < 0x7F; }));
    }
    return 0;
}
