#include "sync/crypto/openssl.hpp"

namespace obol::crypto {

namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

const EVP_CIPHER* cipher() {
    static EVP_CIPHER* const fetched = [] {
        EVP_CIPHER* got = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
        must(got != nullptr, "EVP_CIPHER_fetch");
        return got;
    }();
    return fetched;
}

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

}  // namespace

Bytes seal(const Key32& key, ByteView plain, std::string_view context, Random& random) {
    Bytes out(nonce_size + plain.size() + tag_size);
    random.fill(std::span(out).first(nonce_size));
    std::uint8_t* const body = out.data() + nonce_size;

    const CipherCtxPtr c{EVP_CIPHER_CTX_new()};
    must(c != nullptr, "EVP_CIPHER_CTX_new");
    must(EVP_EncryptInit_ex2(c.get(), cipher(), key.data(), out.data(), nullptr) == 1, "EVP_EncryptInit_ex2");
    int size = 0;
    must(EVP_EncryptUpdate(c.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) == 1,
         "EVP_EncryptUpdate");
    must(EVP_EncryptUpdate(c.get(), body, &size, plain.data(), static_cast<int>(plain.size())) == 1,
         "EVP_EncryptUpdate");
    must(EVP_EncryptFinal_ex(c.get(), body + size, &size) == 1, "EVP_EncryptFinal_ex");
    must(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, body + plain.size()) == 1, "GET_TAG");
    return out;
}

Result<Bytes> unseal(const Key32& key, ByteView sealed, std::string_view context) {
    if (sealed.size() < nonce_size + tag_size) return Fault{"unseal_failed", "too short"};
    const ByteView body = sealed.subspan(nonce_size, sealed.size() - nonce_size - tag_size);
    Bytes tag(sealed.end() - tag_size, sealed.end());
    Bytes out(body.size() + 1);  // one spare byte, so that data() of an empty text is not null

    const CipherCtxPtr c{EVP_CIPHER_CTX_new()};
    must(c != nullptr, "EVP_CIPHER_CTX_new");
    must(EVP_DecryptInit_ex2(c.get(), cipher(), key.data(), sealed.data(), nullptr) == 1, "EVP_DecryptInit_ex2");
    int size = 0;
    must(EVP_DecryptUpdate(c.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) == 1,
         "EVP_DecryptUpdate");
    must(EVP_DecryptUpdate(c.get(), out.data(), &size, body.data(), static_cast<int>(body.size())) == 1,
         "EVP_DecryptUpdate");
    must(EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1, "SET_TAG");
    if (EVP_DecryptFinal_ex(c.get(), out.data() + size, &size) != 1) {
        last_error();
        return Fault{"unseal_failed", "wrong key, context or content"};
    }
    out.resize(body.size());
    return out;
}

}  // namespace obol::crypto
