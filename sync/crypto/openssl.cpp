#include "sync/crypto/openssl.hpp"

#include <openssl/err.h>

#include <stdexcept>

namespace obol::crypto {

std::string last_error() {
    std::string text = "unknown";
    while (const unsigned long code = ERR_get_error()) {
        char line[256];
        ERR_error_string_n(code, line, sizeof line);
        text = line;
    }
    return text;
}

void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("libcrypto: ") + what + ": " + last_error());
}

BioPtr reading(std::string_view text) {
    BioPtr bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    must(bio != nullptr, "BIO_new_mem_buf");
    return bio;
}

std::string taken_from(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace obol::crypto
