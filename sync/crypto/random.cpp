#include <openssl/rand.h>

#include "sync/crypto/openssl.hpp"

namespace obol::crypto {

void SystemRandom::fill(std::span<std::uint8_t> out) {
    must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "RAND_bytes");
}

Key32 make_key(Random& random) {
    Key32 key;
    random.fill(key);
    return key;
}

}  // namespace obol::crypto
