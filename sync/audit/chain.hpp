#pragma once
// One device's chain, entry after entry: places, links, hashes, signatures, clocks, and whether
// each entry says one thing. What is at fault is told from its neighbours: where an entry's hash
// and body differ, the next entry's link and the signature say which of the two was changed.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sync/audit/body.hpp"
#include "sync/audit/report.hpp"

namespace obol::audit {

using PublicKey = std::array<std::uint8_t, 32>;

// As it is stored.
struct Row {
    std::int64_t seq = 0;
    std::string kind;
    Bytes hash, body;
    std::optional<Bytes> signature;
    std::int64_t line = 0;  // of an export
    const std::string* file = nullptr;  // where there are several
    bool doubted =
        false;            // the ledger booked it and says that something is wrong with what it says
    bool unread = false;  // the ledger says that it cannot be read, and gave it no effect
};

// As it is believed. `body` is null where it was changed or cannot be read.
struct Entry {
    std::int64_t seq = 0;
    std::string kind;
    Digest hash{};
    const Body* body = nullptr;
};

class Chain {
public:
    struct Options {
        std::string device;
        std::string holder{};  // said in each finding; empty: the file has one device
        std::optional<PublicKey> key{};
        bool signatures = true;  // a ledger keeps none
    };
    using OnEntry = std::function<void(const Entry&)>;
    using OnGap = std::function<void(std::int64_t from, std::int64_t to)>;

    Chain(Report& report, Options options, OnEntry on_entry, OnGap on_gap = {})
        : report_(report),
          options_(std::move(options)),
          on_entry_(std::move(on_entry)),
          on_gap_(std::move(on_gap)) {}

    // It begins behind this entry, of which nothing else is known.
    void begin_after(std::int64_t seq, const std::optional<Digest>& hash);
    void add(Row row);
    // All that was added is judged, by itself; more may come.
    void pause();
    void finish();
    // The ledger booked this head: the chain must have it.
    void must_have(std::int64_t seq, const Digest& hash) {
        booked_.emplace(seq, hash);
        must_reach(seq, "ledger");
    }
    // Something beside the chain knows of this entry.
    void must_reach(std::int64_t seq, std::string_view by) {
        if (seq > reach_) reached_by_ = by;
        reach_ = std::max(reach_, seq);
    }
    bool cut() const { return cut_; }  // it does not reach so far

    std::int64_t entries() const { return entries_; }
    std::int64_t signatures() const { return verified_; }
    std::int64_t last_seq() const { return last_seq_; }
    const Digest& last_hash() const { return last_hash_; }
    // Entries that are not there, were changed or cannot be read: what follows from them cannot be
    // told.
    bool missing(std::int64_t seq) const;
    using Gaps = std::vector<std::pair<std::int64_t, std::int64_t>>;  // from, to
    const Gaps& gaps() const { return gaps_; }                        // in order
    static bool in_gaps(const Gaps& gaps, std::int64_t seq);
    bool doubtful() const { return !gaps_.empty() || unread_ > 0; }
    std::int64_t generation() const { return generation_; }
    std::int64_t wall() const { return wall_; }  // the latest

    Finding finding(std::string_view code, std::int64_t seq,
                    std::string_view table = "entry") const;

private:
    struct Waiting {
        Row row;
        Digest computed{};
        std::optional<Body> body;
        std::string unreadable;
    };
    void settle(Waiting& entry, const Waiting* next);
    bool check_hash(const Waiting& entry, const Waiting* next, Digest& believed);
    bool check_place(const Waiting& entry);
    bool check_says_one_thing(const Waiting& entry);
    void check_link(const Body& body);
    void check_generation(const Body& body);
    void check_postings(const Body& body);
    void check_clocks(const Body& body);
    void check_signature(const Waiting& entry);
    void check_booked(const Waiting& entry, const Digest& believed);
    bool signs(const Waiting& entry, ByteView hash) const;
    Finding of(std::string_view code, const Row& row, std::string_view table = "entry") const;

    Report& report_;
    Options options_;
    OnEntry on_entry_;
    OnGap on_gap_;
    std::optional<Waiting> waiting_;
    Gaps gaps_;
    std::optional<std::pair<std::int64_t, Digest>> booked_;

    std::int64_t entries_ = 0, verified_ = 0, unread_ = 0;
    std::int64_t last_seq_ = 0, signed_to_ = 0, reach_ = 0;
    std::string reached_by_;
    bool cut_ = false;
    Digest last_hash_{};
    bool link_known_ = true;  // what stands before is what the next one follows
    bool generation_known_ = true;
    std::int64_t wall_ = 0, boot_ = 0, generation_ = 0;
    std::string boot_id_;
};

}  // namespace obol::audit
