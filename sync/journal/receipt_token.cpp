#include "sync/journal/receipt_token.hpp"

#include <algorithm>
#include <charconv>

#include "sync/core/ensure.hpp"

namespace obol::journal {
namespace {

constexpr std::string_view any_version = "OBOL", this_version = "OBOL1";
constexpr std::string_view signed_as{"obol-receipt/1\0", 15};

constexpr std::int64_t last_millisecond = 253'402'300'799'999;  // of the year 9999

constexpr std::array<std::string_view, 8> names{"purchase",   "refund",          "void",   "redeem",
                                                "activation", "activation_void", "top_up", "z_report"};

Fault malformed(std::string_view what) { return {"token_malformed", "not the token of a receipt: " + std::string(what)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Bytes signed_text_of(ByteView body) {
    Bytes out(signed_as.begin(), signed_as.end());
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

void put_number(Bytes& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out.push_back(static_cast<std::uint8_t>(number | 0x80));
    out.push_back(static_cast<std::uint8_t>(number));
}

std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// "0198f2…-…" as 16 bytes; empty for what is no UUID as we write them.
Bytes bytes_of_uuid(std::string_view text) {
    if (text.size() != 36) return {};
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool lower = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !lower) return {};
        if (!dash) digits += text[i];
    }
    return from_hex(digits).value();
}

std::string uuid_of(ByteView bytes) {
    if (bytes.empty()) return {};  // cut short
    std::string out = to_hex(bytes);
    for (const std::size_t at : {std::size_t{8}, std::size_t{13}, std::size_t{18}, std::size_t{23}}) out.insert(at, "-");
    return out;
}

bool is_device_name(std::string_view name) { return name.size() <= longest_receipt_device && is_id_form(name); }

// Takes what it reads off the front; after the first fault it gives zeros.
class Reader {
public:
    explicit Reader(ByteView rest) : rest_(rest) {}

    bool good() const { return good_; }
    bool at_end() const { return good_ && rest_.empty(); }

    ByteView bytes(std::size_t count) {
        if (count > rest_.size()) good_ = false;
        if (!good_) return {};
        const ByteView out = rest_.first(count);
        rest_ = rest_.subspan(count);
        return out;
    }
    std::uint8_t byte() {
        const ByteView one = bytes(1);
        return one.empty() ? std::uint8_t{0} : one.front();
    }
    template <std::size_t N>
    void fill(std::array<std::uint8_t, N>& out) {
        const ByteView got = bytes(N);
        std::copy(got.begin(), got.end(), out.begin());
    }
    // The fewest bytes: the last of several is not zero.
    std::uint64_t number(int most_bits) {
        std::uint64_t out = 0;
        for (int shift = 0; shift < most_bits; shift += 7) {
            const std::uint8_t each = byte();
            const std::uint64_t part = each & 0x7F;
            const int room = most_bits - shift;
            if (room < 7 && part >> room != 0) break;
            out |= part << shift;
            if ((each & 0x80) != 0) continue;
            if (each == 0 && shift > 0) break;
            return good_ ? out : 0;
        }
        good_ = false;
        return 0;
    }

private:
    ByteView rest_;
    bool good_ = true;
};

Bytes encode(const ReceiptToken& token) {
    Bytes out(token.key_id.begin(), token.key_id.end());
    out.push_back(static_cast<std::uint8_t>(token.device.size()));
    out.insert(out.end(), token.device.begin(), token.device.end());
    put_number(out, static_cast<std::uint64_t>(token.counter));
    put_number(out, static_cast<std::uint64_t>(token.seq));
    put_number(out, static_cast<std::uint64_t>(to_millis(token.at)));
    out.push_back(static_cast<std::uint8_t>(token.operation));
    const Bytes id = bytes_of_uuid(token.id);
    out.push_back(id.empty() ? 0 : 1);
    out.insert(out.end(), id.begin(), id.end());
    put_number(out, zigzag(token.amount.minor));
    const std::string_view currency = token.currency.code();
    out.insert(out.end(), currency.begin(), currency.end());
    out.insert(out.end(), token.head.begin(), token.head.end());
    return out;
}

Result<ReceiptToken> read_body(Reader& reader) {
    ReceiptToken out;
    reader.fill(out.key_id);
    out.device = as_text(reader.bytes(reader.byte()));
    out.counter = static_cast<std::int64_t>(reader.number(63));
    out.seq = static_cast<std::int64_t>(reader.number(63));
    out.at = from_millis(static_cast<std::int64_t>(reader.number(63)));
    const std::uint8_t operation = reader.byte();
    const std::uint8_t has_id = reader.byte();
    if (has_id == 1) out.id = uuid_of(reader.bytes(16));
    out.amount = Amount{unzigzag(reader.number(64))};
    const std::string currency{as_text(reader.bytes(3))};
    reader.fill(out.head);
    if (!reader.good()) return malformed("cut short, or a number that is not in its shortest form");
    if (has_id > 1) return malformed("an id of another kind");
    if (!is_device_name(out.device)) return malformed("no name of a device");
    if (out.counter < 1 || out.seq < 1) return malformed("counters begin with 1");
    if (to_millis(out.at) > last_millisecond) return malformed("after the year 9999");
    if (operation < 1 || operation > names.size()) return malformed("an unknown operation");
    out.operation = static_cast<ReceiptOf>(operation);
    if (currency != Currency::none().code()) {  // which a report of several has
        const Result<Currency> known = Currency::parse(currency);
        if (!known || known->code() != currency) return malformed("an unknown currency");
        out.currency = *known;
    }
    return out;
}

}  // namespace

std::string_view name_of(ReceiptOf operation) {
    const auto index = static_cast<std::size_t>(operation) - 1;
    ENSURE(index < names.size());
    return names[index];
}

std::optional<ReceiptOf> receipt_of_named(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<ReceiptOf>(found - names.begin() + 1);
}

KeyId key_id_of(ByteView public_key) {
    const crypto::Digest digest = crypto::sha256(public_key);
    KeyId out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

bool claims_to_be_receipt_token(std::string_view text) {
    // A code of a pass is no longer than 64 characters, and a token is no shorter than its signature.
    return text.size() > 100 && text.starts_with(any_version) && is_digit(text[any_version.size()]);
}

std::optional<std::pair<std::string, std::int64_t>> receipt_number_parts(std::string_view number) {
    const std::size_t dash = number.rfind('-');
    if (dash == std::string_view::npos || !is_device_name(number.substr(0, dash))) return std::nullopt;
    const std::string_view digits = number.substr(dash + 1);
    std::int64_t counter = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), counter);
    if (error != std::errc{} || end != digits.data() + digits.size() || counter < 1 || digits.front() == '0') return std::nullopt;
    return std::pair{std::string(number.substr(0, dash)), counter};
}

std::string sign_receipt(ReceiptToken token, const crypto::SigningKey& key) {
    token.key_id = key_id_of(key.public_key());
    ENSURE(is_device_name(token.device) && token.counter >= 1 && token.seq >= 1);
    ENSURE(to_millis(token.at) >= 0 && to_millis(token.at) <= last_millisecond);
    Bytes bytes = encode(token);
    const crypto::Signature signature = key.sign(signed_text_of(bytes));
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return std::string(this_version) + to_base32(bytes);
}

Result<SignedReceipt> decode_receipt(std::string_view text) {
    if (!text.starts_with(any_version)) return malformed("it begins otherwise");
    if (!text.starts_with(this_version)) {
        const bool later = text.size() > any_version.size() && is_digit(text[any_version.size()]);
        if (later) return Fault{"token_version", "a receipt of a later version than this program knows"};
        return malformed("it names no version");
    }
    if (text.size() > longest_receipt_token) return malformed("too long");
    const Result<Bytes> bytes = from_base32(text.substr(this_version.size()));
    if (!bytes) return malformed("not base32 in capitals");
    SignedReceipt out;
    if (bytes->size() <= out.signature.size()) return malformed("cut short");
    const std::size_t length = bytes->size() - out.signature.size();
    Reader reader{ByteView(*bytes).first(length)};
    Result<ReceiptToken> token = read_body(reader);
    if (!token) return token.error();
    if (!reader.at_end()) return malformed("more than one token holds");
    out.token = std::move(*token);
    out.body.assign(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(length));
    std::copy(bytes->begin() + static_cast<std::ptrdiff_t>(length), bytes->end(), out.signature.begin());
    return out;
}

bool verify_receipt(const SignedReceipt& receipt, ByteView public_key) {
    return key_id_of(public_key) == receipt.token.key_id &&
           crypto::verify(public_key, signed_text_of(receipt.body), receipt.signature);
}

}  // namespace obol::journal
