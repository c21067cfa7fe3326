#pragma once
// Everything that needs libcrypto or libargon2, as functions of their arguments.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/bytes.hpp"
#include "sync/core/random.hpp"
#include "sync/core/result.hpp"
#include "sync/core/secret.hpp"
#include "sync/core/time.hpp"

namespace obol::crypto {

using Digest = std::array<std::uint8_t, 32>;
using Key32 = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

Digest sha256(ByteView data);
class Sha256 {  // incremental; reuse through reset
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void reset();
    void add(ByteView data);
    Digest finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};
Digest hmac_sha256(ByteView key, ByteView data);

// The system's CSPRNG behind the Random port.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

// An Ed25519 private key; never copied, wiped when it dies.
class SigningKey {
public:
    static SigningKey generate(Random& random);
    static Result<SigningKey> from_pem(const Secret& pem);  // PKCS#8
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

    Secret to_pem() const;
    std::array<std::uint8_t, 32> public_key() const;  // raw
    Signature sign(ByteView text) const;

    struct Impl;
    const Impl& impl() const { return *impl_; }

private:
    explicit SigningKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};
bool verify(ByteView public_key, ByteView text, ByteView signature);
// h: hex SHA-256 of the raw public key.
std::string device_id_of(ByteView public_key);

// Argon2id (RFC 9106; 19 MiB, t=2, p=1) over PIN and code. verifier = "obol-pin/1$" base64(salt) "$" base64(tag)
std::string make_pin_verifier(std::string_view pin, std::string_view normalised_code, Random& random);
bool check_pin(std::string_view verifier, std::string_view pin, std::string_view normalised_code);

// AES-256-GCM; sealed = nonce(12) ‖ ciphertext ‖ tag(16). `context` is authenticated, not stored.
Bytes seal(const Key32& key, ByteView plain, std::string_view context, Random& random);
Result<Bytes> unseal(const Key32& key, ByteView sealed, std::string_view context);

// Key files: 32 random bytes as hex; PEM for signing keys. Reading and writing files is host's.
Key32 make_key(Random& random);

// --- certificates of our own CA (X.509 v3, Ed25519) ------------------------------------------------
struct Subjects {
    std::string common_name{};        // device id, or host name of the ledger
    std::string venue{}, business{};  // of a device: URI SAN "obol:device:BUSINESS:VENUE:DEVICE"
    std::vector<std::string> dns{}, ips{};  // of a server
};
struct Identity {  // what a peer's certificate says
    std::string device, venue, business;
    std::string serial;
    Instant not_before, not_after;
};
std::string make_ca(const SigningKey& key, std::string_view name, Instant now, Millis lifetime);  // PEM
std::string make_csr(const SigningKey& key, std::string_view common_name);                          // PEM
// Public key (raw Ed25519) of a well-formed, self-signed CSR. Fault csr_malformed.
Result<std::array<std::uint8_t, 32>> csr_public_key(std::string_view csr_pem);
std::string issue_certificate(const SigningKey& ca_key, std::string_view ca_pem, ByteView public_key,
                              const Subjects& subjects, bool server, Instant now, Millis lifetime,
                              Random& random);
// Fault certificate_malformed: no certificate, or one that names no device (a server's).
Result<Identity> read_identity(std::string_view certificate_pem);
Result<std::array<std::uint8_t, 32>> certificate_public_key(std::string_view certificate_pem);  // raw Ed25519
struct Life {
    Instant from, to;
    // When two thirds are over it is time for the next one.
    Instant due() const { return from + (to - from) / 3 * 2; }
};
// Of any certificate. Fault certificate_malformed.
Result<Life> life_of(std::string_view certificate_pem);
// One PEM text for each certificate in a file of several; what is none of them is left out.
std::vector<std::string> certificates_in(std::string_view pem);
// By its signature alone; false for what is no certificate.
bool is_signed_by(std::string_view certificate_pem, std::string_view ca_pem);
// SHA-256 of the DER form, hex: pinned at enrolment.
std::string fingerprint(std::string_view certificate_pem);

}  // namespace obol::crypto
