#pragma once
// What of this machine the commands stand on: its clocks and chance, and the store in the state folder.

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "agent/config.hpp"
#include "agent/credentials.hpp"
#include "agent/store/store.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

struct Clocks {
    host::SystemWallClock wall;
    host::SystemBootClock boot;
    crypto::SystemRandom random;
};

// Faults of Store::open, and database_missing: this device has a journal, but not here.
Result<std::unique_ptr<Store>> open_store(boost::asio::any_io_executor loop, const Config& config,
                                          const Credentials& credentials, Clocks& clocks);

}  // namespace obol::agent
