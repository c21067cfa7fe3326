#include "sync/audit/json_text.hpp"

namespace obol::audit {
namespace {

constexpr int deepest = 16;

// Told before anything is built of it: what walks a document goes one call deeper for each level.
bool too_deep(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') ++at;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

}  // namespace

std::optional<nlohmann::json> json_in(std::string_view text) {
    if (too_deep(text)) return std::nullopt;
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    return json.is_discarded() ? std::nullopt : std::optional(std::move(json));
}

std::string scalar_text(const nlohmann::json& json) {
    if (json.is_string()) return json.get<std::string>();
    return json.is_structured() ? json.type_name() : json.dump();
}

}  // namespace obol::audit
