#pragma once
// What the ledger must know even when its database has been put back from a backup (PROTOCOL.md L6,
// L7): every device key it ever issued, every generation it ever used, and how far the database once
// was. It lies in a record of its own, beyond the reach of the database and its backups.
//
//   FILE    = "obol-issued-keys 1\n" { LINE }
//   LINE    = CHECK " " JSON "\n"
//   CHECK   = 32 hex digits: the first half of SHA-256 over the CHECK before (at first the header
//             without its line feed) and JSON; so a line that was changed, left out or moved shows
//   JSON    = {"kind": "key", h, public_key, venue, business, name, certificate, cache_key_sealed,
//              enrolled_at, status, revoked}          a later one of the same h replaces it
//           | {"kind": "generation", generation}
//           | {"kind": "mark", booked, transfer, change}
//
// A line is durable before what it tells of is used: a key before its certificate leaves, a generation
// before anybody is told of it. So a last line without its line feed was never relied on.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sync/ledger/store/holders.hpp"
#include "sync/sql/db.hpp"

namespace obol::ledger {

// A text that grows at its end. The file of it is in sync/ledger/record_file.hpp.
class RecordLog {
public:
    virtual ~RecordLog() = default;
    virtual Result<std::string> read() = 0;  // "" if there is none yet
    // Durable when it returns; otherwise nothing, or the beginning of it, is there.
    virtual Result<void> append(std::string_view text) = 0;
    virtual Result<void> replace(std::string_view text) = 0;  // all or nothing
};

// The record cannot be written: what it would have told of must not happen.
class RecordLost : public std::runtime_error {
public:
    explicit RecordLost(const Fault& why) : std::runtime_error(why.code + ": " + why.detail) {}
};

struct IssuedKey {
    DeviceId h;
    Bytes public_key;
    VenueId venue;
    BusinessId business;
    std::string name, certificate;  // PEM
    Bytes cache_key_sealed;
    std::int64_t enrolled_at = 0;
    wire::HolderStatus status = wire::HolderStatus::active;
    bool revoked = false;
    bool operator==(const IssuedKey&) const = default;
};
std::vector<IssuedKey> keys_in(sql::Db& db);

// How far a database is. Each number only grows while the database is not put back.
struct Mark {
    std::int64_t booked = 0;    // entries on all chains
    std::int64_t transfer = 0;  // the last one
    std::int64_t change = 0;    // of the feed
    bool behind(const Mark& other) const {
        return booked < other.booked || transfer < other.transfer || change < other.change;
    }
    bool operator==(const Mark&) const = default;
};
Mark mark_of(sql::Db& db);

class IssuedKeys {
public:
    // Fault issued_keys_damaged; those of the log. A torn last line is taken away.
    static Result<IssuedKeys> open(RecordLog& log);

    const std::map<DeviceId, IssuedKey>& keys() const { return keys_; }
    std::int64_t generation() const { return generation_; }  // the highest; 0: none yet
    bool is_new() const { return generation_ == 0 && keys_.empty(); }

    // Is this the database that the record was kept for, and has it all that the record has? Fault
    // ledger_fell_back | issued_keys_missing, with what to do.
    Result<void> check(sql::Db& db) const;

    // These throw RecordLost. Before a generation is used:
    void add_generation(std::int64_t generation);
    // After a commit, before anybody hears of it: what the database has of keys, certificates,
    // statuses and generation, and the record has not.
    void catch_up(sql::Db& db);
    void mark(sql::Db& db);  // if it has moved since the last one

private:
    explicit IssuedKeys(RecordLog& log) : log_(&log) {}
    Result<void> read(const std::string& text);
    Result<void> take(std::string_view json);
    void add(const std::string& json);
    void begin();
    void leave_out_old_marks();

    RecordLog* log_;
    std::string check_;  // of the last line; "" while there is no file
    std::map<DeviceId, IssuedKey> keys_;
    std::int64_t generation_ = 0;
    Mark mark_{};
    std::size_t marks_ = 0;
    bool broken_ = false;  // an append failed: what stands at the end is not known
};

}  // namespace obol::ledger
