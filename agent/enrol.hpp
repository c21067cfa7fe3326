#pragma once
// obol-agent enrol: a new key, a one-time token, a certificate. The private key never leaves.

#include <string>

#include "sync/core/result.hpp"
#include "sync/core/secret.hpp"

namespace obol::agent {

struct EnrolOrder {
    std::string credentials;  // directory
    std::string ledger_url;
    Secret token{};
    std::string ca{};         // PEM: the only CA that is believed; empty: the one that the token names
};
struct EnrolledAs {
    std::string device, device_name, venue, ca_fingerprint;
};
// Fault already_enrolled | what the exchange said. Nothing is written unless the ledger agreed.
Result<EnrolledAs> enrol_device(const EnrolOrder& order);

// "https://ledger.example:8443" → "ledger.example".
std::string host_of(const std::string& url);

}  // namespace obol::agent
