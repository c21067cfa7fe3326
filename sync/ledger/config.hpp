#pragma once
// The ledger's configuration: JSON in which // comments are allowed.
//
//   {"database": FILE, "credentials": DIR, "issued_keys": FILE,
//    "admin": {"address": "127.0.0.1", "port": 8490, "tls": true},
//    "sync":  {"address": "0.0.0.0", "port": 8443, "names": ["localhost", "127.0.0.1"]},
//    "certificates": {"device_life_s": 7776000, "server_life_s": 31536000}}
//
// Relative paths are relative to the file. `names` are the host names and addresses that the server's
// certificate carries; the first is told to devices at enrolment. `issued_keys` is the record that a
// restore of the database must not bring back: by default DIR-outside/issued-keys, where DIR is the
// database's directory; never in that directory.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/result.hpp"
#include "sync/core/time.hpp"

namespace obol::ledger {

struct Config {
    std::string database, credentials, issued_keys;
    std::string admin_address = "127.0.0.1";
    std::uint16_t admin_port = 8490;
    bool admin_tls = true;
    std::string sync_address = "0.0.0.0";
    std::uint16_t sync_port = 8443;
    std::vector<std::string> names{"localhost", "127.0.0.1"};
    Millis device_life{std::int64_t{90} * 24 * 3600 * 1000}, server_life{std::int64_t{365} * 24 * 3600 * 1000};
    bool operator==(const Config&) const = default;
};

// Fault configuration_invalid: a line "FILE:LINE: MEMBER: what is wrong" for each fault.
Result<Config> parse_config(const std::string& path, std::string_view text);
// Besides: file_unreadable.
Result<Config> load_config(const std::string& path);

bool is_loopback(std::string_view address);
// The line (from 1) on which the member or element at the JSON pointer begins; where there is no such,
// the line of what is nearest around it.
int line_of(std::string_view json, std::string_view pointer);

}  // namespace obol::ledger
