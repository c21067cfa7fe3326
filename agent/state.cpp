#include "agent/state.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "agent/app/status.hpp"

namespace obol::agent {

namespace {

template <class Job>
Result<void> write_now(Store& store, boost::asio::io_context& loop, Job job) {
    std::optional<Result<bool>> done;
    auto write = [&]() -> awaitable<void> {
        std::function<Result<bool>(WriteTxn&)> work = job;
        done = co_await store.write<bool>(std::move(work));
    };
    boost::asio::co_spawn(loop, write(), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    loop.restart();
    if (!done) return Fault{"outcome_unknown", "nothing was written"};
    return *done ? Result<void>() : done->error();
}

}  // namespace

Witnessed OpenedStore::head() const { return {store->device(), store->facts().head()}; }

void OpenedStore::follow() {
    if (!doubt) witness->write(head());
}

Result<void> accept_state(const Config& config, const Credentials& credentials, const std::string& reason) {
    Clocks clocks;
    boost::asio::io_context loop(1);
    const auto is_missing = [](const std::string& why) { return why.starts_with(witness_missing); };
    {
        Result<OpenedStore> opened = open_store(loop.get_executor(), config, credentials, clocks);
        if (!opened) return opened.error();
        const std::string stopped = opened->store->facts().meta("stopped_why").value_or("");
        if (!stopped.empty() && !is_missing(stopped)) return Fault{"rollback", stopped};
        if (stopped.empty() && !opened->doubt) return Fault{"nothing_to_accept", "the witness bears the state out"};
        if (opened->doubt && !is_missing(*opened->doubt)) return Fault{"rollback", *opened->doubt};
        const auto clear = write_now(*opened->store, loop, [](WriteTxn& txn) -> Result<bool> {
            txn.db().run("DELETE FROM meta WHERE key = 'stopped_why'");
            return true;
        });
        if (!clear) return clear;
        opened->store->finish();
    }
    Result<OpenedStore> opened = open_store(loop.get_executor(), config, credentials, clocks);
    if (!opened) return opened.error();
    const auto told = write_now(*opened->store, loop, [&reason](WriteTxn& txn) -> Result<bool> {
        const journal::Alarm alarm{"state_accepted", reason};
        txn.append(alarm);
        return true;
    });
    if (!told) return told;
    opened->doubt.reset();
    opened->follow();
    opened->witness->sync();
    opened->store->finish();
    return {};
}

Result<OpenedStore> open_store(boost::asio::any_io_executor loop, const Config& config,
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
    // Made before the journal is, so that one which is not there was lost, or never came along.
    const DeviceId device{crypto::device_id_of(credentials.key.public_key())};
    const bool begins = !host::file_exists(config.database());
    auto witness = Witness::open(config.witness);
    if (!witness) return witness.error();
    if (begins) {
        const std::optional<Witnessed> before = Witness::read(config.witness);
        if (before && before->device == device && before->head.seq > 0) {
            return Fault{"database_missing", config.database() + " is not there, but " + config.witness +
                                                 " has seen entries of this device; enrol it anew"};
        }
        // Both slots: what a device before this one left would lie ahead.
        for (int slot = 0; slot < 2; ++slot) (*witness)->write({device, {}});
        (*witness)->sync();
    }
    const std::optional<Witnessed> seen = Witness::read(config.witness);
    StoreOptions options;
    options.path = config.database();
    options.reserve_file = config.state + "/reserve";
    options.group_size = config.group_size;
    options.venue = credentials.here.venue;
    options.business = credentials.here.business;
    options.device_name = credentials.here.device_name;
    options.software = "obol-agent " + std::string(agent_version);
    options.receipt_printers = config.devices.receipt_printers();
    if (const auto own = crypto::read_identity(credentials.certificate)) options.born = own->not_before;
    // The store signs with a key of its own, since keys are not copied.
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(credentials.key.to_pem());
    if (!key) return key.error();
    auto store = Store::open(std::move(loop), std::move(options), StoreKeys{std::move(*key), credentials.cache_key},
                             clocks.wall, clocks.boot, clocks.random);
    if (!store) return store.error();
    if (!host::file_exists(marker)) {
        const auto written = host::write_file_atomically(marker, credentials.here.device_name + "\n", 0600);
        if (!written) host::log_line(host::Level::warning, written.error().detail);
    }
    OpenedStore out{std::move(*store), std::move(*witness), std::nullopt};
    const std::optional<journal::Hash> there = seen ? out.store->facts().hash_at(seen->head.seq) : std::nullopt;
    out.doubt = doubt_of(seen, out.head(), there);
    out.follow();
    return out;
}

}  // namespace obol::agent
