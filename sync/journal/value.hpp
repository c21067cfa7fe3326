#pragma once
// The canonical document: what is hashed, signed and stored. A subset of deterministic CBOR
// (RFC 8949 section 4.2.1), so that any decoder of that standard reads our journal:
//
//   value = unsigned | negative | bytes | text | array | map | false | true | null
//   every length and integer in its shortest form, definite lengths only; map keys are text, sorted
//   by (length, bytes) of their encoding, none twice; no tags, no floats.
//
// decode() refuses whatever encode() would not have written, so bytes and values match one to one.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sync/core/bytes.hpp"

namespace obol::journal {

class Value;
using Array = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;  // encoded in canonical key order

class Value {
public:
    Value() = default;  // null
    Value(bool b) : v_(b) {}
    Value(std::int64_t i) : v_(i) {}
    Value(int i) : v_(std::int64_t{i}) {}
    Value(std::string s) : v_(std::move(s)) {}
    Value(std::string_view s) : v_(std::string(s)) {}
    Value(const char* s) : v_(std::string(s)) {}
    Value(Bytes b) : v_(std::move(b)) {}
    Value(Array a) : v_(std::move(a)) {}
    Value(Map m) : v_(std::move(m)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(v_); }
    const bool* boolean() const { return std::get_if<bool>(&v_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&v_); }
    const std::string* text() const { return std::get_if<std::string>(&v_); }
    const Bytes* bytes() const { return std::get_if<Bytes>(&v_); }
    const Array* array() const { return std::get_if<Array>(&v_); }
    const Map* map() const { return std::get_if<Map>(&v_); }
    Map* map() { return std::get_if<Map>(&v_); }
    Array* array() { return std::get_if<Array>(&v_); }
    const Value* find(std::string_view key) const;  // nullptr: not a map, or no such key

    bool operator==(const Value&) const = default;

private:
    std::variant<std::monostate, bool, std::int64_t, std::string, Bytes, Array, Map> v_;
};

Bytes encode(const Value& value);
// Fault malformed_value: not canonical, deeper than 32, integer beyond int64, invalid UTF-8, trailing bytes.
Result<Value> decode(ByteView bytes);

}  // namespace obol::journal
