#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "sync/core/ensure.hpp"
#include "sync/crypto/openssl.hpp"

namespace obol::crypto {

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;  // libcrypto wipes the key as it frees it

SigningKey SigningKey::generate(Random& random) {
    Key32 seed;
    random.fill(seed);
    auto impl = std::make_unique<Impl>();
    impl->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    OPENSSL_cleanse(seed.data(), seed.size());
    must(impl->key != nullptr, "EVP_PKEY_new_raw_private_key");
    return SigningKey{std::move(impl)};
}

Result<SigningKey> SigningKey::from_pem(const Secret& pem) {
    const BioPtr bio = reading(pem.reveal());
    // An encrypted key must not make libcrypto ask the terminal for a pass phrase.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    auto impl = std::make_unique<Impl>();
    impl->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!impl->key) return Fault{"key_malformed", last_error()};
    if (EVP_PKEY_get_id(impl->key.get()) != EVP_PKEY_ED25519) return Fault{"key_malformed", "not an Ed25519 key"};
    return SigningKey{std::move(impl)};
}

Secret SigningKey::to_pem() const {
    // In libcrypto's secure variety of memory BIO, which is wiped when it is freed.
    const BioPtr bio{BIO_new(BIO_s_secmem())};
    must(bio != nullptr, "BIO_new");
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "PEM_write_bio_PKCS8PrivateKey");
    return Secret{taken_from(bio.get())};
}

std::array<std::uint8_t, 32> SigningKey::public_key() const {
    std::array<std::uint8_t, 32> raw;
    std::size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(impl_->key.get(), raw.data(), &size) == 1 && size == raw.size(),
         "EVP_PKEY_get_raw_public_key");
    return raw;
}

Signature SigningKey::sign(ByteView text) const {
    const MdCtxPtr context{EVP_MD_CTX_new()};
    must(context != nullptr, "EVP_MD_CTX_new");
    must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, impl_->key.get()) == 1, "EVP_DigestSignInit");
    Signature out;
    std::size_t size = out.size();
    must(EVP_DigestSign(context.get(), out.data(), &size, text.data(), text.size()) == 1 && size == out.size(),
         "EVP_DigestSign");
    return out;
}

bool verify(ByteView public_key, ByteView text, ByteView signature) {
    if (public_key.size() != 32 || signature.size() != 64) return false;
    const PkeyPtr key{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size())};
    const MdCtxPtr context{EVP_MD_CTX_new()};
    must(key != nullptr && context != nullptr, "EVP_PKEY_new_raw_public_key");
    must(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1, "EVP_DigestVerifyInit");
    const bool right =
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), text.data(), text.size()) == 1;
    if (!right) last_error();
    return right;
}

std::string device_id_of(ByteView public_key) {
    ENSURE(public_key.size() == 32);
    return to_hex(sha256(public_key));
}

}  // namespace obol::crypto
