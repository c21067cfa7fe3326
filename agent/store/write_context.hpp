#pragma once
// Private to this folder: what the writer knows beside its connection. One thread alone uses it.

#include <atomic>
#include <exception>
#include <map>
#include <vector>

#include "agent/store/fact_cache.hpp"
#include "agent/store/guarded_clock.hpp"
#include "agent/store/store.hpp"

namespace obol::agent {

// Thrown by WriteTxn::refuse.
struct Refused {
    Fault fault;
};

struct WriteTxn::Context {
    // What a job that is undone must put back.
    struct State {
        journal::Head head;
        Instant wall{};  // of the entry before: journal time never runs backwards
        // Of the clock: so many events and this version of its anchor lie in the database, and that it was
        // at least so late.
        std::uint64_t clock_told = 0, clock_version = 0;
        Instant clock_seen{};
        std::int64_t generation = 0;
        bool stopped = false;
        std::size_t closed_asks = 0;
    };

    DeviceId device;
    const crypto::SigningKey& key;
    ByteView cache_key;
    GuardedClock& clock;
    BootClock& boot;
    Random& random;
    VenueId here{};
    std::string device_name{};
    std::map<std::string, std::string> receipt_printers{};  // by terminal

    State state{};
    Instant job_now{};
    bool job_clock_trusted = true;
    std::vector<std::int64_t> closed_asks{};  // of the present group

    RuleMemory memory{};          // of the writer's own reads
    bool rules_touched = false;   // in the present group
    std::atomic<std::uint64_t> commits{0};        // so many ended, well or not
    std::atomic<std::uint64_t> rule_changes{0};   // so many of them touched what readers remember
    // When the writer came to its present step, by the boot clock. The loop asks it, too.
    static constexpr std::int64_t resting = -1;
    std::atomic<std::int64_t> step_since{resting};

    void step() { step_since = boot.since_boot().count(); }

    State mark() const {
        State out = state;
        out.closed_asks = closed_asks.size();
        return out;
    }
    void restore(const State& marked) {
        state = marked;
        closed_asks.resize(marked.closed_asks);
    }
};

// The effect of one entry, beside its own row, on the tables that follow from the journal.
class Effects {
public:
    // `at`: the time by which it was decided, which all local columns tell. `wall`: the entry's stamp, by which
    // limits count at both ends; it stands still where time was turned back.
    Effects(Facts& facts, WriteTxn::Context& context, std::int64_t seq, Instant at, Instant wall);
    void apply(const journal::Record& record, const std::vector<journal::Posting>& postings);
    // The part that a new snapshot wipes out and that entries after its as_of must bring back.
    void apply_to_cache(const journal::Record& record);

private:
    struct OperationRow;
    void move_held(const journal::Record& record, const std::vector<journal::Posting>& postings);
    void note_risk(const journal::Record& record);
    void move_shown(const std::vector<journal::Posting>& postings);
    void index(const journal::Record& record);
    void insert(const OperationRow& row);
    void close_asks(std::string_view condition, std::int64_t seq);
    void set_pin_lock(const PassId& pass, bool locked);
    void tell_tries(const PassId& pass, int wrong);
    void credit(const journal::Credit& credit);
    void count_uses(const journal::Purchase& purchase, std::int64_t by);
    void index_awards(const journal::Purchase& purchase);
    void redeem_promotion(const PassId& pass, const VenueId& venue);
    void revive_promotion(const PassId& pass);

    Facts& facts_;
    sql::Db& db_;
    WriteTxn::Context& context_;
    FactCache cache_;
    std::int64_t seq_;
    Instant at_, wall_;
};

}  // namespace obol::agent
