// The text of a receipt's QR code, or what somebody holds before the scanner instead.

#include <algorithm>
#include <cstdint>

#include "sync/core/ensure.hpp"
#include "sync/journal/receipt_token.hpp"

using namespace obol;

namespace {

class Fixed final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), std::uint8_t{7}); }
};

const crypto::SigningKey& key() {
    static const crypto::SigningKey made = [] {
        Fixed random;
        return crypto::SigningKey::generate(random);
    }();
    return made;
}

// Whatever is taken could have been written, and only so.
void check(std::string_view text) {
    const Result<journal::SignedReceipt> got = journal::decode_receipt(text);
    if (!got) return;
    ENSURE(text.size() <= journal::longest_receipt_token);
    std::string again = journal::sign_receipt(got->token, key());
    const Result<journal::SignedReceipt> told = journal::decode_receipt(again);
    ENSURE(told && told->body.size() == got->body.size());
    ENSURE(std::equal(told->body.begin() + 8, told->body.end(), got->body.begin() + 8));  // but for the key's id
    ENSURE(again.size() == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text);
    // Most changes of base32 are no base32; the bytes behind it are what the parser reads.
    check("OBOL1" + to_base32({data, std::min<std::size_t>(size, 512)}));
    journal::receipt_number_parts(text);
    return 0;
}
