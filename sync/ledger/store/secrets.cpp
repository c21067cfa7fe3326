#include "sync/ledger/store/secrets.hpp"

#include <cctype>

namespace obol::ledger {

namespace {

Bytes bytes_of(const crypto::Digest& digest) { return {digest.begin(), digest.end()}; }

std::string code_context(const PassId& pass) { return "pass-code:" + pass.text; }
std::string pin_context(const PassId& pass) { return "pass-pin:" + pass.text; }
std::string cache_key_context(std::string_view holder) {
    return "cache-key:" + std::string(holder);
}

Result<Secret> unseal_text(const SecretKeys& keys, ByteView sealed, const std::string& context) {
    auto plain = crypto::unseal(keys.seal, sealed, context);
    if (!plain) return plain.error();
    return Secret{std::string(as_text(*plain))};
}

}  // namespace

Bytes code_hmac(const SecretKeys& keys, ByteView digest) {
    return bytes_of(crypto::hmac_sha256(keys.code, digest));
}

Bytes digest_of_code(std::string_view normalised_code) {
    return bytes_of(crypto::sha256(as_bytes(normalised_code)));
}

Bytes seal_code(const SecretKeys& keys, const PassId& pass, const Secret& code, Random& random) {
    return crypto::seal(keys.seal, as_bytes(code.reveal()), code_context(pass), random);
}

Bytes seal_pin(const SecretKeys& keys, const PassId& pass, const Secret& pin, Random& random) {
    return crypto::seal(keys.seal, as_bytes(pin.reveal()), pin_context(pass), random);
}

Bytes seal_cache_key(const SecretKeys& keys, std::string_view holder, ByteView key,
                     Random& random) {
    return crypto::seal(keys.seal, key, cache_key_context(holder), random);
}

Result<Secret> unseal_code(const SecretKeys& keys, const PassId& pass, ByteView sealed) {
    return unseal_text(keys, sealed, code_context(pass));
}

Result<Secret> unseal_pin(const SecretKeys& keys, const PassId& pass, ByteView sealed) {
    return unseal_text(keys, sealed, pin_context(pass));
}

Result<Bytes> unseal_cache_key(const SecretKeys& keys, std::string_view holder, ByteView sealed) {
    return crypto::unseal(keys.seal, sealed, cache_key_context(holder));
}

Secret make_token_secret(Random& random) {
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    std::string text = to_base32(bytes);
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return Secret{std::move(text)};
}

}  // namespace obol::ledger
