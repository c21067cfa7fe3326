#pragma once
// Private to this folder: what must hold of the file before anything is done with it.

#include <memory>

#include "agent/store/write_context.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

struct Opened {
    std::unique_ptr<host::FileLock> lock;
    std::unique_ptr<sql::Db> db;  // the writer
    DeviceId device;
    std::string venue, business, device_name;
    WriteTxn::Context::State state;
    ClockPast clock;
};

// May throw SqlError. `boot_id` says whether the machine has started anew since.
Result<Opened> open_database(const StoreOptions& options, const crypto::SigningKey& key, const std::string& boot_id);

}  // namespace obol::agent
