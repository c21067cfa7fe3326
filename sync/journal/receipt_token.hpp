#pragma once
// The text in a receipt's QR code: what the receipt says in short, signed by the device that wrote it. Whoever
// has the public keys of a business's devices can tell, without any link, whether a paper is genuine.
//
//   token     = "OBOL1" base32(body signature)           RFC 4648, upper case, no padding: QR's alphanumeric mode
//   body      = key_id(8) length(1) device(1..24) counter seq at operation(1) id amount currency(3) head(32)
//   id        = 00 | 01 uuid(16)
//   signature = Ed25519("obol-receipt/1" 00 body)         64 bytes
//
// key_id: the first bytes of the device's id, so of SHA-256 of its public key. device, counter: the receipt's
// number is DEVICE-COUNTER. id: of the purchase, refund …, so that a purchase can be given back at another
// venue. seq, head: the entry that the receipt tells of and its hash, so one receipt proves
// the whole chain before it. at: milliseconds since 1970 UTC. counter, seq and at are LEB128 of at most 63
// bits in the fewest bytes; amount is zigzag LEB128 of minor units. One receipt, one text: whatever the encoder
// would not have written is refused. The longest token has 301 characters: a QR code of version 10, level M.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sync/crypto/crypto.hpp"
#include "sync/domain/money.hpp"
#include "sync/journal/entry.hpp"

namespace obol::journal {

enum class ReceiptOf : std::uint8_t {
    purchase = 1, refund, purchase_void, redeem, activation, activation_void, top_up, z_report,
};
std::string_view name_of(ReceiptOf operation);  // as in a receipt's `kind`
std::optional<ReceiptOf> receipt_of_named(std::string_view name);

using KeyId = std::array<std::uint8_t, 8>;
KeyId key_id_of(ByteView public_key);

struct ReceiptToken {
    KeyId key_id{};
    std::string device{};  // the short name in receipt numbers
    std::int64_t counter = 0;
    std::int64_t seq = 0;
    Instant at{};
    ReceiptOf operation = ReceiptOf::purchase;
    std::string id{};  // a UUID; anything else is left out
    Amount amount{};
    Currency currency{};
    Hash head{};

    std::string number() const { return device + "-" + std::to_string(counter); }
    bool operator==(const ReceiptToken&) const = default;
};

struct SignedReceipt {
    ReceiptToken token{};
    Bytes body{};
    crypto::Signature signature{};
};

inline constexpr std::size_t longest_receipt_token = 301;
inline constexpr std::size_t longest_receipt_device = 24;

// Does the text claim to be a token, of whatever version? Only then are its faults worth a word.
bool claims_to_be_receipt_token(std::string_view text);
// "NIC1-123" into its parts; nullopt: not the number of a receipt that a token can tell.
std::optional<std::pair<std::string, std::int64_t>> receipt_number_parts(std::string_view number);
// Its key id is the key's. The parts must be such as a decoder takes.
std::string sign_receipt(ReceiptToken token, const crypto::SigningKey& key);
// Form alone. Faults: token_malformed, token_version (of a later one).
Result<SignedReceipt> decode_receipt(std::string_view text);
bool verify_receipt(const SignedReceipt& receipt, ByteView public_key);

}  // namespace obol::journal
