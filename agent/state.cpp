#include "agent/state.hpp"

#include "agent/app/status.hpp"

namespace obol::agent {

Result<std::unique_ptr<Store>> open_store(boost::asio::any_io_executor loop, const Config& config,
                                          const Credentials& credentials, Clocks& clocks) {
    if (const auto made = host::make_directories(config.state, 0700); !made) {
        return host::read_only(config.state) ? Fault{"storage_read_only", made.error().detail} : made.error();
    }
    // An empty journal under a key that has one already would be another history of the same device.
    const std::string marker = config.credentials + "/" + credentials.here.device_name + ".opened";
    if (host::file_exists(marker) && !host::file_exists(config.database())) {
        return Fault{"database_missing", config.database() + " is not there, but this device has a journal; "
                                         "restore it, or enrol the device anew"};
    }
    StoreOptions options;
    options.path = config.database();
    options.reserve_file = config.state + "/reserve";
    options.group_size = config.group_size;
    options.venue = credentials.here.venue;
    options.business = credentials.here.business;
    options.device_name = credentials.here.device_name;
    options.software = "obol-agent " + std::string(agent_version);
    if (const auto own = crypto::read_identity(credentials.certificate)) options.born = own->not_before;
    // The store signs with a key of its own, since keys are not copied.
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(credentials.key.to_pem());
    if (!key) return key.error();
    auto store = Store::open(std::move(loop), std::move(options), StoreKeys{std::move(*key), credentials.cache_key},
                             clocks.wall, clocks.boot, clocks.random);
    if (store && !host::file_exists(marker)) {
        const auto written = host::write_file_atomically(marker, credentials.here.device_name + "\n", 0600);
        if (!written) host::log_line(host::Level::warning, written.error().detail);
    }
    return store;
}

}  // namespace obol::agent
