#include "sync/journal/value.hpp"

#include <algorithm>
#include <stdexcept>

#include "sync/journal/cbor.hpp"
#include "sync/journal/utf8.hpp"

namespace obol::journal {
namespace {

constexpr int deepest = 32;
// A document of many tiny values would take far more memory than its bytes.
constexpr std::size_t most_values = 1 << 20;

constexpr std::uint8_t simple_false = 0xf4, simple_true = 0xf5, simple_null = 0xf6;

bool key_before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

class Decoder {
public:
    explicit Decoder(ByteView bytes) : bytes_(bytes) {}

    Result<Value> document() {
        Value value;
        if (!read(value, 0)) return Fault{"malformed_value", what_};
        if (at_ != bytes_.size()) return Fault{"malformed_value", "trailing bytes"};
        return value;
    }

private:
    bool fail(std::string_view what) {
        what_ = std::string(what) + " at byte " + std::to_string(at_);
        return false;
    }

    bool head(std::uint8_t& major, std::uint64_t& n) {
        if (at_ >= bytes_.size()) return fail("ends too early");
        const std::uint8_t first = bytes_[at_++];
        major = first >> 5;
        const std::uint8_t info = first & 0x1f;
        if (info < 24) {
            n = info;
            return true;
        }
        if (info > 27) return fail("indefinite or reserved length");
        const std::size_t size = std::size_t{1} << (info - 24);
        if (bytes_.size() - at_ < size) return fail("ends too early");
        n = 0;
        for (std::size_t i = 0; i < size; ++i) n = n << 8 | bytes_[at_++];
        const std::uint64_t least = size == 1 ? 24 : std::uint64_t{1} << (4 * size);
        return n >= least || fail("not in its shortest form");
    }

    bool read(Value& out, int depth) {
        if (++values_ > most_values) return fail("too many values");
        if (at_ < bytes_.size() && bytes_[at_] >> 5 == 7) return simple(out);
        std::uint8_t major = 0;
        std::uint64_t n = 0;
        if (!head(major, n)) return false;
        switch (static_cast<cbor::Major>(major)) {
            case cbor::Major::unsigned_int:
            case cbor::Major::negative:
                return integer(out, major == 1, n);
            case cbor::Major::bytes:
                return string_of_bytes(out, n);
            case cbor::Major::text: {
                std::string text;
                if (!string_of_text(text, n)) return false;
                out = Value(std::move(text));
                return true;
            }
            case cbor::Major::array:
                return array(out, n, depth + 1);
            case cbor::Major::map:
                return map(out, n, depth + 1);
        }
        return fail("tag");
    }

    bool simple(Value& out) {
        switch (bytes_[at_]) {
            case simple_false:
                out = Value(false);
                break;
            case simple_true:
                out = Value(true);
                break;
            case simple_null:
                out = Value();
                break;
            default:
                return fail("float or unknown simple value");
        }
        ++at_;
        return true;
    }

    bool integer(Value& out, bool negative, std::uint64_t n) {
        if (n > static_cast<std::uint64_t>(INT64_MAX)) return fail("integer beyond 64 bits");
        const auto i = static_cast<std::int64_t>(n);
        out = Value(negative ? -1 - i : i);
        return true;
    }

    bool string_of_bytes(Value& out, std::uint64_t n) {
        if (n > bytes_.size() - at_) return fail("ends too early");
        const ByteView part = bytes_.subspan(at_, n);
        out = Value(Bytes(part.begin(), part.end()));
        at_ += n;
        return true;
    }

    bool string_of_text(std::string& out, std::uint64_t n) {
        if (n > bytes_.size() - at_) return fail("ends too early");
        const std::string_view part = as_text(bytes_.subspan(at_, n));
        if (!is_utf8(part)) return fail("text that is not UTF-8");
        out = part;
        at_ += n;
        return true;
    }

    bool array(Value& out, std::uint64_t n, int depth) {
        if (depth > deepest) return fail("too deep");
        if (n > bytes_.size() - at_) return fail("ends too early");
        if (n > most_values) return fail("too many values");
        Array items(n);
        for (Value& item : items) {
            if (!read(item, depth)) return false;
        }
        out = Value(std::move(items));
        return true;
    }

    bool map(Value& out, std::uint64_t n, int depth) {
        if (depth > deepest) return fail("too deep");
        if (n > (bytes_.size() - at_) / 2) return fail("ends too early");
        Map items;
        std::string before;
        for (std::uint64_t i = 0; i < n; ++i) {
            std::uint8_t major = 0;
            std::uint64_t length = 0;
            if (!head(major, length)) return false;
            if (static_cast<cbor::Major>(major) != cbor::Major::text)
                return fail("key that is not text");
            std::string key;
            if (!string_of_text(key, length)) return false;
            if (i > 0 && !key_before(before, key)) return fail("keys out of order");
            before = key;
            if (!read(items[std::move(key)], depth)) return false;
        }
        out = Value(std::move(items));
        return true;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::string what_;
};

}  // namespace

namespace cbor {

void put_head(Bytes& out, Major major, std::uint64_t n) {
    const auto top = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5);
    if (n < 24) {
        out.push_back(static_cast<std::uint8_t>(top | n));
        return;
    }
    const int power = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
    out.push_back(static_cast<std::uint8_t>(top | (24 + power)));
    for (int shift = (8 << power) - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(n >> shift));
    }
}

void put_integer(Bytes& out, std::int64_t i) {
    if (i >= 0) {
        put_head(out, Major::unsigned_int, static_cast<std::uint64_t>(i));
    } else {
        put_head(out, Major::negative, static_cast<std::uint64_t>(-1 - i));
    }
}

void put_text(Bytes& out, std::string_view text) {
    if (!is_utf8(text)) throw std::invalid_argument("journal: text is not UTF-8");
    put_head(out, Major::text, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

void put_bytes(Bytes& out, ByteView bytes) {
    put_head(out, Major::bytes, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_map(Bytes& out, const Map& map, int depth) {
    if (depth >= deepest) throw std::invalid_argument("journal: document too deep");
    std::vector<const Map::value_type*> members;
    members.reserve(map.size());
    for (const auto& member : map) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return key_before(a->first, b->first); });
    put_head(out, Major::map, map.size());
    for (const auto* member : members) {
        put_text(out, member->first);
        put_value(out, member->second, depth + 1);
    }
}

void put_value(Bytes& out, const Value& value, int depth) {
    if (const bool* b = value.boolean()) {
        out.push_back(*b ? simple_true : simple_false);
    } else if (const std::int64_t* i = value.integer()) {
        put_integer(out, *i);
    } else if (const std::string* text = value.text()) {
        put_text(out, *text);
    } else if (const Bytes* bytes = value.bytes()) {
        put_bytes(out, *bytes);
    } else if (const Array* array = value.array()) {
        if (depth >= deepest) throw std::invalid_argument("journal: document too deep");
        put_head(out, Major::array, array->size());
        for (const Value& item : *array) put_value(out, item, depth + 1);
    } else if (const Map* map = value.map()) {
        put_map(out, *map, depth);
    } else {
        out.push_back(simple_null);
    }
}

}  // namespace cbor

const Value* Value::find(std::string_view key) const {
    const Map* members = map();
    if (!members) return nullptr;
    const auto found = members->find(key);
    return found == members->end() ? nullptr : &found->second;
}

Bytes encode(const Value& value) {
    Bytes out;
    cbor::put_value(out, value, 0);
    return out;
}

Result<Value> decode(ByteView bytes) { return Decoder(bytes).document(); }

}  // namespace obol::journal
