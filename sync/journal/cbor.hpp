#pragma once
// Pieces of canonical CBOR, for those who know the order of their keys and write without a Value.

#include "sync/journal/value.hpp"

namespace obol::journal::cbor {

enum class Major : std::uint8_t {
    unsigned_int = 0,
    negative = 1,
    bytes = 2,
    text = 3,
    array = 4,
    map = 5
};

void put_head(Bytes& out, Major major, std::uint64_t n);
void put_integer(Bytes& out, std::int64_t i);
// Throws std::invalid_argument on text that is not UTF-8: such an entry could never be read again.
void put_text(Bytes& out, std::string_view text);
void put_bytes(Bytes& out, ByteView bytes);
// Throws std::invalid_argument beyond the greatest depth; `depth` counts the containers around.
void put_value(Bytes& out, const Value& value, int depth);
void put_map(Bytes& out, const Map& map, int depth);

}  // namespace obol::journal::cbor
