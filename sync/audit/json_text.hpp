#pragma once
// JSON as it is met in a file that anybody may have written: nothing in it brings the reader down.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace obol::audit {

// Nothing where it is no JSON, or where it is nested deeper than any writer of ours goes.
std::optional<nlohmann::json> json_in(std::string_view text);
// A string as it is, another scalar as it is written, of anything else its type.
std::string scalar_text(const nlohmann::json& json);

}  // namespace obol::audit
