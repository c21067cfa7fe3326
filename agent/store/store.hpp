#pragma once
// The agent's database: one writer with group commit on a thread of its own, readers for the event
// loop. An answer leaves only after the commit that carries its entry.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/store/facts.hpp"
#include "agent/store/guarded_clock.hpp"
#include "sync/core/random.hpp"
#include "sync/core/secret.hpp"
#include "sync/core/time.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

template <class T>
using awaitable = boost::asio::awaitable<T>;

struct Appended {
    std::int64_t seq = 0;
    journal::Hash hash{};
};

// What a job may do within the writer's transaction. Reads see the effect of earlier jobs of the group.
class WriteTxn : public Facts {
public:
    // Seals the record as the next entry and applies its effect: postings, held (CHECK >= 0), balances,
    // asks, fact cache (lots, wallets, pass states), operation index. A record that would take more
    // than is held is a broken invariant: decide first, with what `funds` says. Journal time never runs
    // backwards: wall = max(now, wall of the entry before). What the clock has to say comes before it.
    Appended append(const journal::Record& record);
    void store_answer(std::string_view terminal, std::string_view key, ByteView fingerprint, int status,
                      std::string_view body, std::optional<std::int64_t> seq);
    std::string next_receipt_number();  // "NIC1-123", gap-free
    std::string new_id();               // UUIDv7
    Instant now() const;                // the time of this job
    // A clock event, if there is one to write.
    void tell_clock();
    // What was seen of the time lies in the database, every ten minutes at most: of an idle device, too.
    void keep_clock_seen();
    // `terminal` says that the system clock is right; once this is durable, so does the clock (confirmed).
    Appended confirm_clock(const TerminalId& terminal, const std::string& note, const ClockReading& reading);

    // PIN tries: counted durably before the comparison (call, let it commit, then compare).
    int count_wrong_pin(const PassId& pass);      // wrong tries in a row, wherever, including this one
    void uncount_wrong_pin(const PassId& pass);   // it was not made after all
    // A right one came: where the centre knows of wrong ones, it is told (pin_tried).
    void clear_wrong_pins(const PassId& pass, const TerminalId& terminal);
    // What no entry tells yet goes into the journal; of all passes, before authority is given away.
    void tell_wrong_pins(const PassId& pass, const TerminalId& terminal);
    void tell_wrong_pins();
    void add_terminal(std::string_view id, std::string_view name);
    void add_token(const TokenRow& row, ByteView hash);
    bool revoke_token(std::string_view id);
    void add_pairing(ByteView hash, std::string_view terminal, std::string_view role, Instant expires);
    // Consumes it: (terminal, role), or nullopt if unknown, used or expired.
    std::optional<std::pair<std::string, std::string>> use_pairing(ByteView hash, Instant now);
    void set_meta(std::string_view key, std::string_view value);
    void set_meta(std::string_view key, std::int64_t value);

    // A purchase as the centre has booked it, with what was given back of it; replaces what was known.
    // Fault malformed_message: not the entries of that purchase; nothing is kept.
    Result<void> keep_elsewhere(const PurchaseId& id, const wire::PurchaseAnswer& answer);

    // The fact cache, by what the centre says that had booked own entries up to `as_of`.
    void cache_fact(const wire::Fact& fact, std::int64_t as_of);
    void cache_balance(const wire::Balance& balance, std::int64_t as_of);
    // The same into the cache of a snapshot on its way, beside the one in force.
    void stage_fact(const wire::Fact& fact);
    void stage_balance(const wire::Balance& balance, std::int64_t as_of);
    bool empty_staged(std::int64_t most_rows);  // false: nothing was left
    // What is staged comes into force, with own entries after as_of laid over it.
    void take_staged(std::int64_t as_of);
    // Homes of at most so many held subjects, where a snapshot may have changed them; false: all were looked at.
    bool refresh_homes(std::int64_t most);

    // Undoes the job and answers its caller with this fault, from however deep.
    [[noreturn]] void refuse(Fault fault) const;

    struct Context;
    WriteTxn(sql::Db& db, Context& context);

private:
    void lay_own_entries_over(std::int64_t as_of);
    // What readers remember is not true any more, once this commits.
    void rules_change();
    Appended write_entry(const journal::Record& record);

    Context& context_;
};

struct StoreOptions {
    std::string path;
    std::string vfs{};
    std::size_t group_size = 64;      // most jobs per commit; 1 switches group commit off
    std::size_t queue_limit = 1024;   // then busy
    // Refuses with storage_full before the disk is: a COMMIT that fails for want of space is doubtful.
    std::uint64_t reserve_bytes = 4 << 20;
    std::function<std::uint64_t()> free_bytes{};  // unset: of the file system that holds `path`
    std::function<bool()> read_only{};            // the same: is it read-only now?
    // So many bytes more, for what gives money back; empty: no such file.
    std::string reserve_file{};
    // The simulation runs everything in one thread: groups are then committed on the loop.
    bool own_thread = true;
    bool lock_file = true;            // PATH.lock, held while the store is open
    // Fixed at enrolment; written when the database is made, compared ever after (wrong_device).
    VenueId venue{};
    BusinessId business{};
    std::string device_name{};        // of receipt numbers
    std::string software = "obol-agent";
    // Terminal -> printer: each of its receipts gets a print job with its entry.
    std::map<std::string, std::string> receipt_printers{};
    // No device is older than its certificate: a new one knows no other time that it cannot be before.
    std::optional<Instant> born{};
};

struct StoreKeys {
    crypto::SigningKey device;  // signs chain heads
    Bytes cache_key;
};

// What a write may have when there is not enough for all.
struct Standing {
    bool past_queue_limit = false;  // for what must not be turned away (sync)
    bool from_reserve = false;      // little, and it gives something back: a refund, a return, an acknowledgement
};
inline constexpr Standing like_all{}, surely{true, false}, gives_back{false, true}, surely_gives_back{true, true};

class Store {
public:
    // Fault database_damaged | database_unusable (cannot be opened or written) | storage_read_only (the
    // file system takes no writes; later it may) | schema_too_new | already_running | wrong_device (the database belongs to another key or venue). Creates the schema in a new file; opens the journal with journal_opened when empty
    // and the venue is known.
    static Result<std::unique_ptr<Store>> open(boost::asio::any_io_executor loop, StoreOptions options,
                                               StoreKeys keys, WallClock& wall, BootClock& boot, Random& random);
    ~Store();

    // Runs `job` in its own savepoint of the next group commit; its effect is durable when this
    // returns. A Fault rolls the savepoint back and is returned. Fault busy: queue full;
    // storage_full, storage_read_only: no effect; outcome_unknown: the commit failed and the store writes no more.
    // device_quarantined: the device was stopped for good. Exceptions of the job reach the caller.
    template <class T>
    awaitable<Result<T>> write(std::function<Result<T>(WriteTxn&)> job, Standing standing = like_all);

    // Commits what is queued and ends the writer's thread; writes after it get Fault busy. Call it before
    // anything goes that a job may still use. On the loop's thread.
    void finish();

    // For reads on the event loop; each call sees the newest commit. Calls of one turn of the loop share a
    // read transaction, so ask again after a co_await rather than keep what was read before.
    Facts& facts();
    // The time that rules, certificates and answers go by, over the clocks that were given to `open`.
    GuardedClock& clock();
    const DeviceId& device() const;
    const crypto::SigningKey& key() const;
    void on_commit(std::function<void()> callback);  // on the loop, after a group that added entries
    // On the loop, after the commit that closed the ask with this seq (taken, given up or void).
    void on_ask_closed(std::function<void(std::int64_t seq)> callback);
    // On the loop, once, when nothing can be written any more (outcome_unknown): stop and start anew.
    void on_failure(std::function<void()> callback);
    bool failed() const;
    // How long the writer has been at one step of its group: the look at the disk, a job, a fact of a
    // snapshot, the signature and COMMIT. Zero while it has nothing to do.
    Millis stuck_for() const;
    // The file system takes no writes now; jobs are refused with storage_read_only meanwhile.
    bool read_only() const;

private:
    struct Impl;
    awaitable<Result<void>> run(std::function<Result<void>(WriteTxn&)> job, Standing standing);
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

template <class T>
awaitable<Result<T>> Store::write(std::function<Result<T>(WriteTxn&)> job, Standing standing) {
    std::optional<T> out;
    std::function<Result<void>(WriteTxn&)> erased = [&out, &job](WriteTxn& txn) -> Result<void> {
        Result<T> result = job(txn);
        if (!result) return result.error();
        out = std::move(*result);
        return {};
    };
    Result<void> done = co_await run(std::move(erased), standing);
    if (!done) co_return done.error();
    co_return std::move(*out);
}

}  // namespace obol::agent
