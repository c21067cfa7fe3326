#pragma once
// The ledger: its real sync port without sockets, its books on a disk of its own, and what an operator
// does at its desk.

#include "sync/ledger/api/sync_routes.hpp"
#include "sync/ledger/store/enrolment.hpp"
#include "tests/sim/host.hpp"

namespace obol::sim {

inline constexpr const char* ledger_file = "/ledger/ledger.db";

// The record of issued keys: beyond the reach of crashes and of the database's backups.
class MemoryRecord final : public ledger::RecordLog {
public:
    Result<std::string> read() override { return text_; }
    Result<void> append(std::string_view text) override {
        text_ += text;
        return {};
    }
    Result<void> replace(std::string_view text) override {
        text_ = text;
        return {};
    }

private:
    std::string text_{};
};

class Centre final : public Host {
public:
    // Two of the same seed have the same keys.
    Centre(Agenda& agenda, std::uint64_t seed);
    ~Centre() override;

    Result<void> start();
    // `obol-ledger restore`, while it is down: a new generation, and recovery.
    Result<void> restore();
    // What a ledger beside this one began with: all that this one has now.
    void begin_as(const Centre& other);
    // The answer is called later, or never: the process ended.
    void handle(net::Request request, std::function<void(net::Reply)> answer);

    // One transaction of an operator; false: the books refused it, or the disk did.
    bool operate(const std::function<bool(ledger::Books&)>& what);
    Result<wire::Enrolled> enrol(const VenueId& venue, const std::string& csr);
    bool import(const std::string& document);
    sql::Db& db() { return *db_; }
    ledger::Books& books() { return *books_; }
    int starts() const { return starts_; }
    ledger::SyncEnd& sync_end() { return routes_->end(); }
    const ledger::SecretKeys& keys() const { return keys_; }

    Millis device_life = ledger::default_device_life;

private:
    void take_down() override;
    Result<void> open();
    ledger::Authority authority() const;
    void mark_now_and_then();

    int starts_ = 0;
    MemoryRecord record_file_{};
    std::optional<ledger::IssuedKeys> record_{};
    ledger::SecretKeys keys_;
    crypto::SigningKey ca_key_;
    std::string ca_;
    std::unique_ptr<sql::Db> db_{};
    std::unique_ptr<ledger::Books> books_{};
    std::unique_ptr<ledger::SyncRoutes> routes_{};
};

}  // namespace obol::sim
