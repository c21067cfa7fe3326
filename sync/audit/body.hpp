#pragma once
// One entry, read by the format that sync/journal/README.md writes down.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/audit/cbor.hpp"
#include "sync/crypto/crypto.hpp"

namespace obol::audit {

using crypto::Digest;

struct Posting {
    std::string account;
    std::int64_t minor = 0;
    std::string currency;
    bool operator==(const Posting&) const = default;
};

struct Body {
    std::string device, kind, boot_id;
    std::int64_t seq = 0, wall = 0, boot = 0, generation = 0;
    Digest prev{};
    std::vector<Posting> postings;
    Value detail;
};

// Fault malformed: names the member.
Result<Body> read_body(ByteView bytes);
Digest hash_of(ByteView body);
Bytes signed_text(std::string_view device, std::int64_t seq, const Digest& hash);

using Nets = std::map<std::pair<std::string, std::string>, std::int64_t>;  // account, currency
Nets nets_of(const std::vector<Posting>& postings);  // without those that come to zero
std::map<std::string, std::int64_t> sums_of(const std::vector<Posting>& postings);  // by currency

// Does it count towards what a holder holds?
bool is_subject(std::string_view account);

// a + b, at the end of the scale where it would pass it: what a sum of nonsense comes to differs
// all the same.
std::int64_t plus(std::int64_t a, std::int64_t b);
std::int64_t negated(std::int64_t a);

}  // namespace obol::audit
