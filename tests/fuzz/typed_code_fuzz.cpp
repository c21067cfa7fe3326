// A pass's code as a hand, a scanner or a link brings it.

#include <algorithm>
#include <cstdint>

#include "sync/core/ensure.hpp"
#include "sync/domain/code.hpp"
#include "sync/domain/typed.hpp"

using namespace obol;

namespace {

constexpr std::size_t longest_code = 64;

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

void check_forms(const std::string& code) {
    for (const Alphabet alphabet : {Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric}) {
        const CodeFormat format{alphabet, "G", "", 12};
        const auto meant = read_as(code, format);
        ENSURE(!meant || has_form(*meant, format));
        ENSURE(!has_form(code, format) || meant == code);  // what has the form stays as it is
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
    if (const Result<std::string> code = normalise_code(text)) {
        ENSURE(!code->empty() && code->size() <= longest_code && is_plain(*code));
        // One form: what came out stays as it is.
        const Result<std::string> again = normalise_code(*code);
        ENSURE(again && *again == *code);
        ENSURE(display_of(*code).find(*code) == std::string::npos || code->size() <= 4);
        check_forms(*code);
    }
    for (const Separators separators : {Separators::dropped, Separators::kept}) {
        const auto folded = fold_typed(text, separators);
        if (!folded) continue;
        ENSURE(std::all_of(folded->begin(), folded->end(), [&](char c) {
            return (c > 0x20 && c < 0x7F) || (c == group_separator && separators == Separators::kept);
        }));
        ENSURE(fold_typed(*folded, separators) == folded);
    }
    if (const auto decoded = percent_decoded(text)) ENSURE(decoded->size() <= text.size());
    if (const Result<void> pin = check_pin_form(text) ? Result<void>{} : Fault{"pin_malformed", ""}; pin) {
        ENSURE(text.size() >= shortest_pin && text.size() <= longest_pin);
    }
    return 0;
}
