#include "sync/core/bytes.hpp"

#include <optional>

namespace obol {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Cuts the bytes into groups of `width` bits, most significant first; the last is filled with
// zeros.
std::string to_digits(ByteView bytes, std::string_view digits, int width) {
    std::string out;
    out.reserve((bytes.size() * 8 + static_cast<std::size_t>(width) - 1) /
                static_cast<std::size_t>(width));
    const std::uint32_t mask = (1u << width) - 1;
    std::uint32_t pending = 0;
    int bits = 0;
    for (const std::uint8_t byte : bytes) {
        pending = (pending << 8) | byte;
        bits += 8;
        for (; bits >= width; bits -= width) out += digits[(pending >> (bits - width)) & mask];
    }
    if (bits > 0) out += digits[(pending << (width - bits)) & mask];
    return out;
}

// The inverse. One text for one value: a digit too many or a filled bit that is not zero is
// refused, or two texts would name the same bytes.
std::optional<Bytes> from_digits(std::string_view text, std::string_view digits, int width) {
    Bytes out;
    out.reserve(text.size() * static_cast<std::size_t>(width) / 8);
    std::uint32_t pending = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        pending = (pending << width) | static_cast<std::uint32_t>(digit);
        bits += width;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>(pending >> bits));
            pending &= (1u << bits) - 1;
        }
    }
    if (bits >= width || pending != 0) return std::nullopt;
    return out;
}

}  // namespace

std::string to_hex(ByteView bytes) { return to_digits(bytes, hex_digits, 4); }

Result<Bytes> from_hex(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    auto bytes = from_digits(lower, hex_digits, 4);
    if (!bytes) return Fault{"hex_malformed", "not pairs of hexadecimal digits"};
    return *std::move(bytes);
}

std::string to_base64(ByteView bytes) {
    std::string out = to_digits(bytes, base64_digits, 6);
    while (out.size() % 4 != 0) out += '=';
    return out;
}

Result<Bytes> from_base64(std::string_view text) {
    const Fault malformed{"base64_malformed", "not base64 with its padding (RFC 4648 section 4)"};
    if (text.size() % 4 != 0) return malformed;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    auto bytes = from_digits(text, base64_digits, 6);
    if (!bytes) return malformed;
    return *std::move(bytes);
}

std::string to_base32(ByteView bytes) { return to_digits(bytes, base32_digits, 5); }

Result<Bytes> from_base32(std::string_view text) {
    auto bytes = from_digits(text, base32_digits, 5);
    if (!bytes) return Fault{"base32_malformed", "not base32 without padding (RFC 4648 section 6)"};
    return *std::move(bytes);
}

std::string to_base64url(ByteView bytes) { return to_digits(bytes, base64url_digits, 6); }

bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    // Volatile, so that the compiler cannot leave the loop at the first difference.
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

}  // namespace obol
