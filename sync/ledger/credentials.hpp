#pragma once
// The ledger's keys, outside its database and its backups of it: one directory, 0700, files 0600.
//
//   ca.key ca.crt          the CA that every device's certificate comes from
//   server.key server.crt  what the sync port and the admin port show
//   code.key seal.key      32 bytes as hex (store/secrets.hpp)

#include <string>
#include <vector>

#include "sync/crypto/crypto.hpp"
#include "sync/ledger/store/secrets.hpp"

namespace obol::ledger {

struct Credentials {
    crypto::SigningKey ca_key;
    std::string ca_certificate;
    Secret server_key;  // PEM
    std::string server_certificate;
    SecretKeys keys;
};

// Makes all of them, once; never writes over one that is there. Fault credentials_exist,
// file_unwritable.
Result<void> make_credentials(const std::string& directory, const std::vector<std::string>& names,
                              Instant now, Random& random);
// Fault credentials_missing | credentials_damaged, naming each file.
Result<Credentials> load_credentials(const std::string& directory);

}  // namespace obol::ledger
