#pragma once
// What lies outside the database: the keys under which codes are found and sealed.

#include "sync/core/ids.hpp"
#include "sync/crypto/crypto.hpp"

namespace obol::ledger {

struct SecretKeys {
    crypto::Key32
        code{};  // keys pass_secret.code_hmac, ids derived from codes, request fingerprints
    crypto::Key32 seal{};  // codes, PINs and cache keys at rest
};

// How a pass is found: HMAC(code key, SHA-256(normalised code)). The database alone tests no code.
Bytes code_hmac(const SecretKeys& keys, ByteView digest_of_code);
Bytes digest_of_code(std::string_view normalised_code);

Bytes seal_code(const SecretKeys& keys, const PassId& pass, const Secret& code, Random& random);
Bytes seal_pin(const SecretKeys& keys, const PassId& pass, const Secret& pin, Random& random);
Bytes seal_cache_key(const SecretKeys& keys, std::string_view holder, ByteView key, Random& random);
Result<Secret> unseal_code(const SecretKeys& keys, const PassId& pass, ByteView sealed);
Result<Secret> unseal_pin(const SecretKeys& keys, const PassId& pass, ByteView sealed);
Result<Bytes> unseal_cache_key(const SecretKeys& keys, std::string_view holder, ByteView sealed);

// A random secret of 256 bits for a token, in lower-case base32; only its hash is kept.
Secret make_token_secret(Random& random);

}  // namespace obol::ledger
