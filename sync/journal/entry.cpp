#include "sync/journal/entry.hpp"

#include <algorithm>
#include <map>

#include "sync/core/ensure.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/journal/cbor.hpp"

namespace obol::journal {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t format_version = 1;
constexpr std::size_t members_of_a_body = 12;

bool is_device_form(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<Currency> currency_of(std::string_view code) {
    if (code == "XXX") return Currency::none();
    return Currency::parse(code);
}

// Takes the members of a body one by one; the first that is not as it must be is the fault.
class Body {
public:
    explicit Body(Map& map) : map_(map) {}

    bool text(std::string_view name, std::string& out) {
        const Value* value = find(name);
        if (!value || !value->text()) return fail(name);
        out = *value->text();
        return true;
    }
    bool integer(std::string_view name, std::int64_t& out) {
        const Value* value = find(name);
        if (!value || !value->integer()) return fail(name);
        out = *value->integer();
        return true;
    }
    template <std::size_t N>
    bool bytes(std::string_view name, std::array<std::uint8_t, N>& out) {
        const Value* value = find(name);
        if (!value || !value->bytes() || value->bytes()->size() != N) return fail(name);
        std::copy(value->bytes()->begin(), value->bytes()->end(), out.begin());
        return true;
    }
    bool detail(Map& out) {
        const auto found = map_.find("detail");
        if (found == map_.end() || !found->second.map()) return fail("detail");
        out = std::move(*found->second.map());
        return true;
    }
    bool postings(std::vector<Posting>& out) {
        const Value* value = find("postings");
        if (!value || !value->array()) return fail("postings");
        out.reserve(value->array()->size());
        // What one entry moves in all fits 63 bits, so that no sum over its postings overflows.
        std::int64_t moved = 0;
        for (const Value& item : *value->array()) {
            Posting posting;
            if (!read(item, posting)) return fail("postings");
            const std::int64_t minor = posting.amount.minor;
            if (minor == INT64_MIN ||
                __builtin_add_overflow(moved, minor < 0 ? -minor : minor, &moved)) {
                return fail("postings");
            }
            out.push_back(std::move(posting));
        }
        return true;
    }
    bool fail(std::string_view name) {
        if (where_.empty()) where_ = name;
        return false;
    }
    const std::string& where() const { return where_; }

private:
    const Value* find(std::string_view name) const {
        const auto found = map_.find(name);
        return found == map_.end() ? nullptr : &found->second;
    }
    static bool read(const Value& item, Posting& out) {
        const Array* parts = item.array();
        if (!parts || parts->size() != 3) return false;
        const auto *account = (*parts)[0].text(), *code = (*parts)[2].text();
        const std::int64_t* minor = (*parts)[1].integer();
        if (!account || !minor || !code) return false;
        const Result<Currency> currency = currency_of(*code);
        if (!currency || account->empty()) return false;
        out = {*account, Amount{*minor}, *currency};
        return true;
    }

    Map& map_;
    std::string where_;
};

Fault malformed(std::string what) { return {"malformed_entry", std::move(what)}; }

}  // namespace

// Members in canonical order: by length of the key, then by its bytes.
Bytes encode_body(const Entry& entry) {
    Bytes out;
    out.reserve(512);
    const auto text = [&](std::string_view key, std::string_view value) {
        cbor::put_text(out, key);
        cbor::put_text(out, value);
    };
    const auto integer = [&](std::string_view key, std::int64_t value) {
        cbor::put_text(out, key);
        cbor::put_integer(out, value);
    };
    const auto bytes = [&](std::string_view key, ByteView value) {
        cbor::put_text(out, key);
        cbor::put_bytes(out, value);
    };
    cbor::put_head(out, cbor::Major::map, members_of_a_body);
    integer("v", format_version);
    integer("seq", entry.seq);
    integer("boot", entry.boot.count());
    text("kind", entry.kind);
    bytes("prev", entry.prev);
    integer("wall", to_millis(entry.wall));
    bytes("nonce", entry.nonce);
    cbor::put_text(out, "detail");
    cbor::put_map(out, entry.detail, 1);
    text("device", entry.device.text);
    text("boot_id", entry.boot_id);
    cbor::put_text(out, "postings");
    cbor::put_head(out, cbor::Major::array, entry.postings.size());
    for (const Posting& posting : entry.postings) {
        cbor::put_head(out, cbor::Major::array, 3);
        cbor::put_text(out, posting.account);
        cbor::put_integer(out, posting.amount.minor);
        cbor::put_text(out, posting.currency.code());
    }
    integer("generation", entry.generation);
    return out;
}

Result<Entry> decode_body(ByteView body) {
    Result<Value> value = decode(body);
    if (!value) return malformed(value.error().detail);
    Map* map = value->map();
    if (!map) return malformed("not a map");

    Entry entry;
    Body from(*map);
    std::int64_t version = 0, wall = 0, boot = 0;
    const bool ok = from.integer("v", version) && (version == format_version || from.fail("v")) &&
                    from.text("device", entry.device.text) &&
                    (is_device_form(entry.device.text) || from.fail("device")) &&
                    from.integer("seq", entry.seq) && (entry.seq > 0 || from.fail("seq")) &&
                    from.bytes("prev", entry.prev) && from.text("kind", entry.kind) &&
                    from.bytes("nonce", entry.nonce) && from.integer("wall", wall) &&
                    from.integer("boot", boot) && from.text("boot_id", entry.boot_id) &&
                    from.integer("generation", entry.generation) && from.postings(entry.postings) &&
                    from.detail(entry.detail);
    if (!ok) return malformed(from.where());
    if (map->size() != members_of_a_body) return malformed("unknown member");
    entry.wall = from_millis(wall);
    entry.boot = Millis{boot};
    return entry;
}

Hash hash_of(ByteView body) {
    constexpr std::string_view domain = "obol-entry/1\0"sv;
    crypto::Sha256 sha;
    sha.add(as_bytes(domain));
    sha.add(body);
    return sha.finish();
}

Bytes signed_text(const DeviceId& device, const Head& head) {
    constexpr std::string_view domain = "obol-head/1\0"sv;
    const Result<Bytes> key = from_hex(device.text);
    ENSURE(key && key->size() == 32);
    Bytes out(domain.begin(), domain.end());
    out.insert(out.end(), key->begin(), key->end());
    for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(head.seq) >> shift));
    }
    out.insert(out.end(), head.hash.begin(), head.hash.end());
    return out;
}

bool balanced(const std::vector<Posting>& postings) {
    std::map<Currency, std::int64_t> sums;
    for (const Posting& posting : postings) {
        std::int64_t& sum = sums[posting.currency];
        if (__builtin_add_overflow(sum, posting.amount.minor, &sum)) return false;
    }
    return std::all_of(sums.begin(), sums.end(), [](const auto& sum) { return sum.second == 0; });
}

Sealed seal(Entry& entry, const Head& before) {
    ENSURE(balanced(entry.postings));
    entry.seq = before.seq + 1;
    entry.prev = before.hash;
    Sealed sealed{encode_body(entry), {}};
    sealed.hash = hash_of(sealed.body);
    return sealed;
}

Result<Entry> follow(const Head& before, ByteView body) {
    Result<Entry> entry = decode_body(body);
    if (!entry) return entry;
    if (entry->seq != before.seq + 1) {
        return Fault{"chain_broken", "seq is " + std::to_string(entry->seq) + ", not " +
                                         std::to_string(before.seq + 1)};
    }
    if (entry->prev != before.hash) {
        return Fault{"chain_broken", "prev is not the hash of entry " + std::to_string(before.seq)};
    }
    if (!balanced(entry->postings)) {
        return Fault{"unbalanced", "the postings of entry " + std::to_string(entry->seq)};
    }
    return entry;
}

}  // namespace obol::journal
