#pragma once
// The agent's configuration: JSON in which // comments are allowed. config/agent.json explains each
// member, config/agent.schema.json is its schema.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/device_settings.hpp"
#include "sync/core/result.hpp"
#include "sync/core/time.hpp"

namespace obol::agent {

struct Config {
    std::string state;        // directory of the database
    std::string credentials;  // directory of keys and certificates, outside the state and its backups
    std::string witness;      // file outside the state; by default STATE-witness/witness
    struct Listen {
        std::vector<std::string> addresses{"127.0.0.1", "::1"};
        std::uint16_t port = 8480;
        std::vector<std::string> hosts{};  // further values of Host that are served
    } listen{};
    std::string ledger_url;
    std::string language = "en";  // of customer_text and receipts
    Millis authority_budget{300};
    Millis idle_return{30'000};
    std::size_t group_size = 64;
    DeviceSettings devices{};

    std::string database() const { return state + "/agent.db"; }
    // Everything that a browser or program may put into Host to mean this agent.
    std::vector<std::string> host_names() const;
};

// Fault config_malformed: one line a fault, "FILE:LINE: /member: what".
Result<Config> parse_config(std::string_view text, const std::string& file);
// Fault file_unreadable besides.
Result<Config> read_config(const std::string& file);

}  // namespace obol::agent
