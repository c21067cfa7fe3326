// A signature that was made or found true in this program is not looked at again: the ledger is sent what a till signed, and the auditor
// reads what the ledger has checked. The linker leads every call of crypto::verify and SigningKey::sign here (--wrap); what nobody here
// signed, or was changed on its way, is really verified.

#include <unordered_set>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {

bool really_verify(ByteView public_key, ByteView text, ByteView signature)
    asm("__real__ZN4obol6crypto6verifyESt4spanIKhLm18446744073709551615EES3_S3_");
bool verify_once(ByteView public_key, ByteView text, ByteView signature)
    asm("__wrap__ZN4obol6crypto6verifyESt4spanIKhLm18446744073709551615EES3_S3_");
// As the compiler calls a member function.
Signature really_sign(const SigningKey* key, ByteView text)
    asm("__real__ZNK4obol6crypto10SigningKey4signESt4spanIKhLm18446744073709551615EE");
Signature sign_and_know(const SigningKey* key, ByteView text)
    asm("__wrap__ZNK4obol6crypto10SigningKey4signESt4spanIKhLm18446744073709551615EE");

namespace {

std::unordered_set<std::string>& known() {
    static std::unordered_set<std::string> names;
    return names;
}

std::string name_of(ByteView public_key, ByteView text, ByteView signature) {
    std::string all = std::to_string(public_key.size()) + " " + std::to_string(text.size()) + " ";
    for (const ByteView part : {public_key, text, signature}) all.append(part.begin(), part.end());
    const Digest digest = sha256(as_bytes(all));
    return {digest.begin(), digest.end()};
}

void know(std::string name) {
    constexpr std::size_t most = 20'000;  // of a few worlds
    if (known().size() >= most) known().clear();
    known().insert(std::move(name));
}

}  // namespace

bool verify_once(ByteView public_key, ByteView text, ByteView signature) {
    std::string name = name_of(public_key, text, signature);
    if (known().contains(name)) return true;
    if (!really_verify(public_key, text, signature)) return false;
    know(std::move(name));
    return true;
}

Signature sign_and_know(const SigningKey* key, ByteView text) {
    const Signature out = really_sign(key, text);
    know(name_of(key->public_key(), text, out));
    return out;
}

}  // namespace obol::crypto
