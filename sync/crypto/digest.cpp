#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

#include "sync/crypto/openssl.hpp"

namespace obol::crypto {

namespace {

// Fetched once: an implicit fetch in each call costs more than hashing a journal entry.
const EVP_MD* sha256_method() {
    static EVP_MD* const method = [] {
        EVP_MD* fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        must(fetched != nullptr, "EVP_MD_fetch");
        return fetched;
    }();
    return method;
}

EVP_MAC* hmac_method() {
    static EVP_MAC* const method = [] {
        EVP_MAC* fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        must(fetched != nullptr, "EVP_MAC_fetch");
        return fetched;
    }();
    return method;
}

}  // namespace

struct Sha256::Impl {
    MdCtxPtr context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    must(impl_->context != nullptr, "EVP_MD_CTX_new");
    reset();
}
Sha256::~Sha256() = default;

void Sha256::reset() {
    must(EVP_DigestInit_ex2(impl_->context.get(), sha256_method(), nullptr) == 1, "EVP_DigestInit_ex2");
}

void Sha256::add(ByteView data) {
    must(EVP_DigestUpdate(impl_->context.get(), data.data(), data.size()) == 1, "EVP_DigestUpdate");
}

Digest Sha256::finish() {
    Digest out;
    must(EVP_DigestFinal_ex(impl_->context.get(), out.data(), nullptr) == 1, "EVP_DigestFinal_ex");
    reset();
    return out;
}

Digest sha256(ByteView data) {
    thread_local Sha256 hasher;
    hasher.reset();
    hasher.add(data);
    return hasher.finish();
}

namespace {

// One a thread: making a context costs as much as the digest, and so does a key that is set anew. Nearly all calls
// of a thread use the key of the call before.
struct HmacState {
    MacCtxPtr context{EVP_MAC_CTX_new(hmac_method())};
    Bytes key{};
    bool keyed = false;

    HmacState() { must(context != nullptr, "EVP_MAC_CTX_new"); }
    ~HmacState() { OPENSSL_cleanse(key.data(), key.size()); }
    HmacState(const HmacState&) = delete;
    HmacState& operator=(const HmacState&) = delete;

    void begin(ByteView with) {
        if (keyed && std::ranges::equal(key, with)) {
            must(EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1, "EVP_MAC_init");  // the key from before
            return;
        }
        static char name[] = "SHA256";
        const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
        static const std::uint8_t nothing = 0;  // a null key would mean "the key from before"
        keyed = false;
        must(EVP_MAC_init(context.get(), with.empty() ? &nothing : with.data(), with.size(), params) == 1, "EVP_MAC_init");
        OPENSSL_cleanse(key.data(), key.size());
        key.assign(with.begin(), with.end());
        keyed = true;
    }
};

}  // namespace

Digest hmac_sha256(ByteView key, ByteView data) {
    thread_local HmacState state;
    state.begin(key);
    must(EVP_MAC_update(state.context.get(), data.data(), data.size()) == 1, "EVP_MAC_update");
    Digest out;
    std::size_t size = 0;
    must(EVP_MAC_final(state.context.get(), out.data(), &size, out.size()) == 1 && size == out.size(), "EVP_MAC_final");
    return out;
}

}  // namespace obol::crypto
