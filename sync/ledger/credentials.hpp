#pragma once
// The ledger's keys, outside its database and its backups of it: one directory, 0700, files 0600.
//
//   ca.key ca.crt          the CA that every new certificate comes from
//   ca-old.crt             those before it, if any: believed until they end, their keys are gone
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
    std::vector<std::string> older_cas;  // PEM
    Secret server_key;  // PEM
    std::string server_certificate;
    SecretKeys keys;
};

// Makes all of them, once; never writes over one that is there. Fault credentials_exist,
// file_unwritable.
Result<void> make_credentials(const std::string& directory, const std::vector<std::string>& names,
                              Millis server_life, Instant now, Random& random);
// A new CA in the place of the one there is, which is believed until it ends. Before its key goes it signs the
// server's certificate once more, so that devices have all of that life to hear of the new one: at their next
// session. Afterwards the ledger has to be started. Faults as load_credentials, file_unwritable.
Result<void> rotate_ca(const std::string& directory, const std::vector<std::string>& names, Millis server_life,
                       Instant now, Random& random);
// For the key that the server has; it does not outlive the CA.
std::string issue_server_certificate(const Credentials& credentials, const std::vector<std::string>& names,
                                     Millis life, Instant now, Random& random);
Result<void> save_server_certificate(const std::string& directory, const std::string& certificate);
// Fault credentials_missing | credentials_damaged, naming each file.
Result<Credentials> load_credentials(const std::string& directory);

}  // namespace obol::ledger
