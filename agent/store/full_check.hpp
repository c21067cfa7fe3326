#pragma once
// Looks at the whole database while the agent works: start looks at the journal's tail alone, since a till
// must not wait for years of entries (THREATS T47, F13). Once at the start and once a day, since an agent
// runs for months.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "sync/crypto/crypto.hpp"
#include "sync/core/ids.hpp"
#include "sync/core/timers.hpp"
#include "sync/host/system.hpp"
#include "sync/sql/db.hpp"

namespace obol::agent {

// Pages and indexes by SQLite, authority below zero, then every link and hash of the chain and signatures that cover it. Reads in
// short transactions, so that the log can be emptied meanwhile. Fault database_damaged says what and where;
// stopped: `stop` was set meanwhile. A FullCheck that could not look for other reasons says not_looked. Throws SqlError where the disk cannot be read.
Result<void> check_all(sql::Db& db, const DeviceId& device, const Bytes& public_key, const std::atomic<bool>& stop);

// One such look on a thread and a connection of its own, which give way to all others.
class FullCheck {
public:
    struct Of {
        std::string path, vfs{};
        DeviceId device;
        Bytes public_key;
    };
    // `done` is called on the loop, unless this is gone before; the Fault is database_damaged.
    FullCheck(boost::asio::any_io_executor loop, Of what, std::function<void(Result<void>)> done);
    ~FullCheck();  // stops a look under way

private:
    struct Report;

    std::atomic<bool> stop_{false};
    std::shared_ptr<Report> report_;
    std::unique_ptr<host::Worker> thread_;  // last: it uses the rest
};

// One look after another, `between` apart, until one finds damage.
class RepeatedCheck {
public:
    RepeatedCheck(boost::asio::any_io_executor loop, Timers& timers, Millis between, FullCheck::Of what,
                  std::function<void(Fault)> damaged);
    ~RepeatedCheck();
    RepeatedCheck(const RepeatedCheck&) = delete;
    RepeatedCheck& operator=(const RepeatedCheck&) = delete;

private:
    void look();

    boost::asio::any_io_executor loop_;
    Timers& timers_;
    Millis between_;
    FullCheck::Of what_;
    std::function<void(Fault)> damaged_;
    std::optional<Timers::Token> next_;
    std::unique_ptr<FullCheck> check_;  // last: it uses the rest
};

}  // namespace obol::agent
