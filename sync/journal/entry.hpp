#pragma once
// One event of a device's chain.
//
//   body  = encode({"v":1, "device":hex, "seq":int, "prev":bytes32, "kind":text, "nonce":bytes16,
//                   "wall":ms, "boot":ms, "boot_id":text, "generation":int,
//                   "postings":[[account, minor, currency]…], "detail":map})
//   hash  = SHA-256("obol-entry/1\0" ‖ body)
//   head signature = Ed25519("obol-head/1\0" ‖ device(32 raw bytes) ‖ seq(8, big endian) ‖ hash)
//
// prev of seq 1 is 32 zero bytes. The nonce is fresh, so two copies of a device never write one hash.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/core/time.hpp"
#include "sync/domain/money.hpp"
#include "sync/journal/value.hpp"

namespace obol::journal {

using Hash = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 16>;

struct Posting {
    std::string account;  // sync/domain/subject.hpp
    Amount amount;
    Currency currency;
    bool operator==(const Posting&) const = default;
};

struct Entry {
    DeviceId device;
    std::int64_t seq = 0;
    Hash prev{};
    std::string kind;
    Nonce nonce{};
    Instant wall;
    Millis boot{};
    std::string boot_id;
    std::int64_t generation = 0;
    std::vector<Posting> postings;
    Map detail;  // records.hpp
    bool operator==(const Entry&) const = default;
};

struct Head {
    std::int64_t seq = 0;  // 0: empty chain
    Hash hash{};
    bool operator==(const Head&) const = default;
};

Bytes encode_body(const Entry& entry);
// Fault malformed_entry.
Result<Entry> decode_body(ByteView body);
Hash hash_of(ByteView body);
// The bytes that the device key signs for this head.
Bytes signed_text(const DeviceId& device, const Head& head);

// Per currency the amounts sum to zero.
bool balanced(const std::vector<Posting>& postings);

// Appends to a chain: gives the entry its place (seq, prev) and returns body and hash.
struct Sealed {
    Bytes body;
    Hash hash;
};
Sealed seal(Entry& entry, const Head& before);

// Does `body` follow `before`? Fault chain_broken naming what differs (seq, prev), malformed_entry, or
// unbalanced.
Result<Entry> follow(const Head& before, ByteView body);

}  // namespace obol::journal
