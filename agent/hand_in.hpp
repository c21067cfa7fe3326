#pragma once
// obol-agent hand-in: this device brings the ledger what another one of its venue wrote and cannot
// bring itself any more, as it was revoked, written off or stopped (THREATS F46).

#include <cstdint>
#include <string>

#include "agent/config.hpp"
#include "agent/credentials.hpp"

namespace obol::agent {

struct HandedIn {
    std::string device;
    std::int64_t entries = 0;  // that the ledger has now booked up to
};
// `state`: the other device's state directory; it is only read, and nobody may write it meanwhile.
// Fault database_missing | already_running, and what the exchange said.
Result<HandedIn> hand_in_journal(const Config& config, const Credentials& credentials, const std::string& state);

}  // namespace obol::agent
