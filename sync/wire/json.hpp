#pragma once
// The strict decoder: one SAX pass over untrusted text into a small tree, or a list of faults.
// Refused with the JSON pointer of each fault: unknown members, duplicate keys, a number with a
// fraction or exponent, "-0", integers beyond ±(2^53-1), invalid UTF-8, U+0000, depth > 16,
// trailing text, a byte-order mark.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sync/core/result.hpp"

namespace obol::wire {

struct JsonFault {
    std::string pointer;  // RFC 6901; "" is the whole document
    std::string detail;
    bool operator==(const JsonFault&) const = default;
};
using JsonFaults = std::vector<JsonFault>;
inline constexpr std::size_t most_json_faults = 50;  // a hostile body must not buy a long answer

// Adds "/key" with ~ and / escaped.
void append_pointer_step(std::string& out, std::string_view key);

class Json {
public:
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>;  // in the order of the text; keys distinct

    std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value;

    bool is_null() const { return std::holds_alternative<std::monostate>(value); }
    const Json* find(std::string_view key) const;
};

inline constexpr int deepest_json = 16;

// Either a tree, or at least one fault.
std::variant<Json, JsonFaults> parse_json(std::string_view text);

// Members sorted, no white space: equal for bodies that differ only in member order and white
// space. The idempotency fingerprint is taken over it.
std::string canonical_text(const Json& json);

// Reads one object member by member, collecting every fault instead of stopping at the first;
// `done` faults each member that nobody asked for. Getters return a harmless value after a fault.
class ObjectReader {
public:
    ObjectReader(const Json& json, std::string pointer, JsonFaults& faults);

    bool has(std::string_view key) const;  // present and not null
    std::string required_text(std::string_view key, std::size_t shortest = 1,
                              std::size_t longest = 256);
    std::optional<std::string> optional_text(std::string_view key, std::size_t shortest = 0,
                                             std::size_t longest = 256);
    std::string required_id(std::string_view key);  // the form of ids
    std::optional<std::string> optional_id(std::string_view key);
    std::int64_t required_integer(std::string_view key, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t least,
                                                 std::int64_t most);
    bool required_bool(std::string_view key);
    std::optional<bool> optional_bool(std::string_view key);
    // One of the words; its index. A fault lists them.
    std::size_t required_word(std::string_view key, const std::vector<std::string_view>& words);
    std::optional<std::size_t> optional_word(std::string_view key,
                                             const std::vector<std::string_view>& words);
    const Json* required(std::string_view key);  // any type; nullptr after a fault
    const Json* optional(std::string_view key);  // null counts as absent
    // Each element of an array member, with its pointer. Absent is a fault for required_array.
    void required_array(std::string_view key, std::size_t least, std::size_t most,
                        const std::function<void(const Json&, const std::string&)>& each);
    void optional_array(std::string_view key, std::size_t most,
                        const std::function<void(const Json&, const std::string&)>& each);

    std::string pointer_of(std::string_view key) const;
    void fault(std::string_view key, std::string detail);
    void done();

private:
    const Json* take(std::string_view key);

    const Json::Object* object_ = nullptr;
    std::string pointer_;
    JsonFaults& faults_;
    std::vector<bool> taken_;
};

}  // namespace obol::wire
