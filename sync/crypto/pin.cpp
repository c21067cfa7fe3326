#include <argon2.h>
#include <openssl/crypto.h>

#include <new>
#include <stdexcept>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {

namespace {

constexpr std::string_view scheme = "obol-pin/1$";
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t memory_kib = 19 * 1024;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t salt_size = 16;

// The code is part of what is hashed: a stolen database alone tests no PIN.
Digest tag_of(std::string_view pin, std::string_view normalised_code, ByteView salt) {
    std::string text;
    text.reserve(pin.size() + 1 + normalised_code.size());
    text.append(pin).push_back('\0');
    text.append(normalised_code);
    Digest tag;
    const int outcome = argon2id_hash_raw(passes, memory_kib, lanes, text.data(), text.size(), salt.data(), salt.size(),
                                          tag.data(), tag.size());
    OPENSSL_cleanse(text.data(), text.size());
    if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
    if (outcome != ARGON2_OK) throw std::runtime_error(std::string("argon2: ") + argon2_error_message(outcome));
    return tag;
}

}  // namespace

std::string make_pin_verifier(std::string_view pin, std::string_view normalised_code, Random& random) {
    std::array<std::uint8_t, salt_size> salt;
    random.fill(salt);
    return std::string(scheme) + to_base64(salt) + "$" + to_base64(tag_of(pin, normalised_code, salt));
}

bool check_pin(std::string_view verifier, std::string_view pin, std::string_view normalised_code) {
    if (!verifier.starts_with(scheme)) return false;
    const std::string_view rest = verifier.substr(scheme.size());
    const std::size_t dollar = rest.find('$');
    if (dollar == std::string_view::npos) return false;
    const Result<Bytes> salt = from_base64(rest.substr(0, dollar));
    const Result<Bytes> tag = from_base64(rest.substr(dollar + 1));
    if (!salt || salt->size() != salt_size || !tag || tag->size() != Digest{}.size()) return false;
    const Digest found = tag_of(pin, normalised_code, *salt);
    return CRYPTO_memcmp(found.data(), tag->data(), found.size()) == 0;
}

}  // namespace obol::crypto
