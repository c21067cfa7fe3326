#pragma once
// What makes this machine the device: its key, its certificate, the CA that it believes, and the keys
// of cache and fingerprints. Made at enrolment alone; a missing one is named, never made anew.
//
//   device.pem       Ed25519 private key           fingerprint.key  32 bytes hex, of idempotency prints
//   device.crt       its certificate               enrolment.json   venue, business, device name, sync URL
//   ca.pem           the ledger's CA               cache.key        32 bytes hex, of the code index

#include <string>

#include "agent/app/context.hpp"
#include "sync/core/secret.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

struct Credentials {
    crypto::SigningKey key;
    std::string certificate, ca;  // PEM
    Bytes cache_key, fingerprint_key;
    Here here;                    // the zone comes with the first snapshot
    std::string sync_url;
};

// Fault credential_missing | credential_damaged, naming the file.
Result<Credentials> load_credentials(const std::string& directory);

bool is_enrolled(const std::string& directory);
// Writes all files with mode 0600; device.crt last, so that a half-written set is not an enrolment.
Result<void> save_credentials(const std::string& directory, const crypto::SigningKey& key,
                              const wire::Enrolled& enrolled, Random& random);

}  // namespace obol::agent
