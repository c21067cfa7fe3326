// What a scanner sends, or whatever is plugged in where one should be. Byte 0 chooses the rules; 0xFE is an idle line.

#include <algorithm>
#include <cstdint>

#include "drivers/scanner/framing.hpp"
#include "sync/core/ensure.hpp"

using namespace obol::drivers;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    FramingRules rules;
    if ((data[0] & 1) != 0) rules.suffix = "";
    if ((data[0] & 2) != 0) rules.prefix = "\x02";
    rules.longest = 64;
    Framing framing(rules);
    std::string given;
    const auto check = [&](const std::vector<Framed>& all) {
        for (const Framed& each : all) {
            if (each.what != Framed::What::code) continue;
            ENSURE(!each.data.empty() && each.data.size() <= rules.longest + rules.prefix.size());
            ENSURE(each.data.find_first_of(rules.suffix) == std::string::npos);
            ENSURE(given.find(each.data) != std::string::npos);  // nothing is made up, nothing is glued together
        }
    };
    for (std::size_t i = 1; i < size; ++i) {
        const char c = static_cast<char>(data[i]);
        if (data[i] == 0xFE) {
            check(framing.idle());
        } else {
            given += c;
            check(framing.take({&c, 1}));
        }
    }
    check(framing.ends());
    ENSURE(!framing.in_code());
    return 0;
}
