#pragma once
// The documents of the journal, read by RFC 8949 section 4.2.1 alone and not with the writer's
// code: what only one of the two takes for canonical is a fault of one of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sync/core/bytes.hpp"
#include "sync/core/result.hpp"

namespace obol::audit {

struct Value {
    using List = std::vector<Value>;
    using Members = std::vector<std::pair<std::string, Value>>;
    std::variant<std::monostate, bool, std::int64_t, std::string, Bytes, List, Members> is;

    // A member by its path, "decision.spent"; null where there is none.
    const Value* at(std::string_view path) const;
    // What stands there, or nothing where it is absent or of another type.
    std::optional<std::int64_t> integer(std::string_view path) const;
    std::optional<std::string> text(std::string_view path) const;
    std::string text_or_empty(std::string_view path) const { return text(path).value_or(""); }
    std::int64_t integer_or_zero(std::string_view path) const { return integer(path).value_or(0); }
    bool flag(std::string_view path) const;
    const Bytes* bytes(std::string_view path) const;
    const List& list(std::string_view path) const;  // empty where there is none
};

// The whole of `bytes` as one document. Fault malformed: what, and at which byte.
Result<Value> decode(ByteView bytes);

}  // namespace obol::audit
