// Takes scans apart for readers that others wrote (contract/scan_test.py): each line of standard input is a scan in
// hexadecimal digits, each line of the answer what is in it, as JSON.

#include <iostream>
#include <nlohmann/json.hpp>

#include "sync/core/bytes.hpp"
#include "sync/domain/scan_text.hpp"

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const obol::Bytes bytes = obol::from_hex(line).value();
        const obol::ScanText scan = obol::read_scan(obol::as_text(bytes));
        nlohmann::ordered_json out{{"symbology", scan.symbology}, {"text", scan.text}, {"gtin", scan.gtin}};
        out["elements"] = nlohmann::ordered_json::array();
        for (const obol::Gs1Element& each : scan.elements) out["elements"].push_back({each.ai, each.value});
        std::cout << out.dump() << "\n";
    }
    return 0;
}
