#pragma once
// What of this machine the commands stand on: its clocks and chance, and the store in the state folder.

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "agent/config.hpp"
#include "agent/credentials.hpp"
#include "agent/store/store.hpp"
#include "agent/witness.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

struct Clocks {
    host::SystemWallClock wall;
    host::SystemBootClock boot;
    crypto::SystemRandom random;
};

struct OpenedStore {
    std::unique_ptr<Store> store;
    std::unique_ptr<Witness> witness;
    std::optional<std::string> doubt{};  // A7: the state must not go on (doubt_of)

    // The witness is brought to where the journal is, unless the state is in doubt.
    void follow();
    Witnessed head() const;
};
// Faults of Store::open and of the witness, and database_missing: this device has a journal, but not here.
Result<OpenedStore> open_store(boost::asio::any_io_executor loop, const Config& config,
                               const Credentials& credentials, Clocks& clocks);

// Somebody who knows answers for a state without a witness: the journal says so, and the device goes on.
// Fault nothing_to_accept; rollback: no word helps, the device is to be enrolled anew.
Result<void> accept_state(const Config& config, const Credentials& credentials, const std::string& reason);

}  // namespace obol::agent
