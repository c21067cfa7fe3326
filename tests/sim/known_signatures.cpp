// A signature that was found true is not looked at again: the auditor reads what the ledger has checked already. The
// linker leads every call of crypto::verify in this program here (--wrap); what is new is really verified.

#include <unordered_set>

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {

bool really_verify(ByteView public_key, ByteView text, ByteView signature)
    asm("__real__ZN4obol6crypto6verifyESt4spanIKhLm18446744073709551615EES3_S3_");
bool verify_once(ByteView public_key, ByteView text, ByteView signature)
    asm("__wrap__ZN4obol6crypto6verifyESt4spanIKhLm18446744073709551615EES3_S3_");

bool verify_once(ByteView public_key, ByteView text, ByteView signature) {
    static std::unordered_set<std::string> known;
    constexpr std::size_t most = 20'000;  // of a few worlds
    std::string all = std::to_string(public_key.size()) + " " + std::to_string(text.size()) + " ";
    for (const ByteView part : {public_key, text, signature}) all.append(part.begin(), part.end());
    const Digest digest = sha256(as_bytes(all));
    std::string name(digest.begin(), digest.end());
    if (known.contains(name)) return true;
    if (!really_verify(public_key, text, signature)) return false;
    if (known.size() >= most) known.clear();
    known.insert(std::move(name));
    return true;
}

}  // namespace obol::crypto
