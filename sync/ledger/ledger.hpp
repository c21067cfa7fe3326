#pragma once
// The running ledger: one event loop, one writing connection, two ports. Put together by main.cpp.

#include <memory>
#include <string>

#include "sync/core/random.hpp"
#include "sync/core/time.hpp"
#include "sync/ledger/config.hpp"
#include "sync/ledger/credentials.hpp"
#include "sync/ledger/store/issued_keys.hpp"
#include "sync/sql/db.hpp"

namespace obol::ledger {

struct Machine {  // the ports
    WallClock& wall;
    Random& random;
};

// Serves until SIGTERM or SIGINT, or until a commit's outcome is unknown. The exit status of the program.
int serve(const Config& config, const Credentials& credentials, sql::Db& db, IssuedKeys& record, Machine machine);

}  // namespace obol::ledger
