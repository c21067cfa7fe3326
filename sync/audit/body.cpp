#include "sync/audit/body.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace obol::audit {
namespace {

constexpr std::size_t members_of_a_body = 12;

bool is_hex_digest(std::string_view text) {
    return text.size() == 64 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_currency(std::string_view text) {
    return text.size() == 3 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Bytes with_domain(std::string_view domain) {
    Bytes out(domain.begin(), domain.end());
    out.push_back(0);
    return out;
}

class Members {
public:
    explicit Members(const Value& value) : value_(value) {}

    void text(const char* name, std::string& out) {
        if (const auto found = value_.text(name))
            out = *found;
        else
            fail(name);
    }
    void integer(const char* name, std::int64_t& out) {
        if (const auto found = value_.integer(name))
            out = *found;
        else
            fail(name);
    }
    const Bytes& bytes(const char* name, std::size_t size) {
        static const Bytes none(64);
        const Bytes* found = value_.bytes(name);
        if (found != nullptr && found->size() == size) return *found;
        fail(name);
        return none;
    }
    void check(bool good, const char* name) {
        if (!good) fail(name);
    }
    const std::string& wrong() const { return wrong_; }

private:
    void fail(const char* name) {
        if (wrong_.empty()) wrong_ = name;
    }
    const Value& value_;
    std::string wrong_;
};

bool read_posting(const Value& item, Posting& out) {
    const auto* parts = std::get_if<Value::List>(&item.is);
    if (parts == nullptr || parts->size() != 3) return false;
    const auto* account = std::get_if<std::string>(&(*parts)[0].is);
    const auto* minor = std::get_if<std::int64_t>(&(*parts)[1].is);
    const auto* currency = std::get_if<std::string>(&(*parts)[2].is);
    if (account == nullptr || minor == nullptr || currency == nullptr) return false;
    if (account->empty() || !is_currency(*currency)) return false;
    out = {*account, *minor, *currency};
    return true;
}

}  // namespace

Result<Body> read_body(ByteView bytes) {
    Result<Value> value = decode(bytes);
    if (!value) return value.error();
    const auto* members = std::get_if<Value::Members>(&value->is);
    if (members == nullptr) return Fault{"malformed", "not a map"};

    Body out;
    Members from(*value);
    std::int64_t version = 0;
    from.integer("v", version);
    from.check(version == 1, "v");
    from.text("device", out.device);
    from.check(is_hex_digest(out.device), "device");
    from.integer("seq", out.seq);
    from.check(out.seq > 0, "seq");
    std::ranges::copy_n(from.bytes("prev", 32).begin(), 32, out.prev.begin());
    from.text("kind", out.kind);
    from.bytes("nonce", 16);
    from.integer("wall", out.wall);
    from.integer("boot", out.boot);
    from.text("boot_id", out.boot_id);
    from.integer("generation", out.generation);
    const Value* postings = value->at("postings");
    from.check(postings != nullptr && std::holds_alternative<Value::List>(postings->is),
               "postings");
    for (const Value& item : value->list("postings")) {
        from.check(read_posting(item, out.postings.emplace_back()), "postings");
    }
    const Value* detail = value->at("detail");
    from.check(detail != nullptr && std::holds_alternative<Value::Members>(detail->is), "detail");
    from.check(members->size() == members_of_a_body, "unknown member");
    if (!from.wrong().empty()) return Fault{"malformed", from.wrong()};
    out.detail = *detail;
    return out;
}

Digest hash_of(ByteView body) {
    crypto::Sha256 sha;
    sha.add(with_domain("obol-entry/1"));
    sha.add(body);
    return sha.finish();
}

Bytes signed_text(std::string_view device, std::int64_t seq, const Digest& hash) {
    Bytes out = with_domain("obol-head/1");
    const Result<Bytes> id = from_hex(device);
    if (id) out.insert(out.end(), id->begin(), id->end());
    for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(seq) >> shift));
    }
    out.insert(out.end(), hash.begin(), hash.end());
    return out;
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b < 0 ? std::numeric_limits<std::int64_t>::min()
                 : std::numeric_limits<std::int64_t>::max();
}

std::int64_t negated(std::int64_t a) {
    return a == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max()
                                                         : -a;
}

Nets nets_of(const std::vector<Posting>& postings) {
    Nets out;
    for (const Posting& posting : postings) {
        std::int64_t& net = out[{posting.account, posting.currency}];
        net = plus(net, posting.minor);
    }
    std::erase_if(out, [](const auto& net) { return net.second == 0; });
    return out;
}

std::map<std::string, std::int64_t> sums_of(const std::vector<Posting>& postings) {
    std::map<std::string, std::int64_t> out;
    for (const Posting& posting : postings) {
        std::int64_t& sum = out[posting.currency];
        sum = plus(sum, posting.minor);
    }
    return out;
}

bool is_subject(std::string_view account) {
    constexpr std::array<std::string_view, 7> kinds{
        "pass:", "lot:", "business:", "personal:", "draft:", "right:", "offer:"};
    return std::ranges::any_of(kinds, [&](std::string_view kind) {
        return account.starts_with(kind) && account.size() > kind.size();
    });
}

}  // namespace obol::audit
