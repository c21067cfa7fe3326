#pragma once
// What the venues of a business did, in the order of time, as their chains tell it: the ground that a
// forecast stands on. Whole chains alone say what a venue holds, so each begins with entry 1.

#include <map>
#include <optional>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::policy {

struct Recorded {
    std::int64_t seq = 0;
    Instant wall{};
    journal::Record record;
};

struct Chain {  // of one device: a venue that was installed anew has two
    DeviceId device;
    VenueId venue;
    std::vector<Recorded> entries{};
};

struct Step {
    std::size_t chain = 0;
    std::int64_t seq = 0;
    Instant at{};  // never before the step before it of the same chain, whatever its clock did
    journal::Record record;
};

// What an entry moves on subjects, each once: the value, of which the venue holds as much as it can.
std::vector<journal::AuthorityLine> value_moves(const journal::Record& record);

class Timeline {
public:
    explicit Timeline(std::vector<Chain> chains);

    struct Venue {
        DeviceId device;
        VenueId venue;
    };
    const std::vector<Venue>& chains() const { return chains_; }
    const std::vector<Step>& steps() const { return steps_; }

    // What the centre knows of the subject without anything that these chains did: its value is that and
    // the sum of their moves. It changes where the centre itself pays in or out. Taken from what purchases
    // before `step` were shown, or else from the first one behind it. Nothing: no purchase was shown it.
    std::optional<Amount> base(const Subject& subject, std::size_t step) const;
    // No purchase was shown it before this step.
    bool first_seen_after(const Subject& subject, std::size_t step) const;

    // As purchases were first shown it.
    const std::map<WalletId, std::map<LotId, Lot>>& lots() const { return lots_; }
    const std::map<PoolId, Pool>& pools() const { return pools_; }

private:
    struct Seen {
        std::size_t step;
        Amount base;
    };
    void merge(std::vector<Chain>& chains);
    void look();
    void see(const Subject& subject, std::size_t step, Amount shown);
    void see(const journal::Purchase& purchase, std::size_t step);
    void drop_lagging();

    std::vector<Venue> chains_;
    std::vector<Step> steps_;
    std::map<Subject, Amount> moved_;  // while looking
    std::map<Subject, std::vector<Seen>> seen_;
    std::map<WalletId, std::map<LotId, Lot>> lots_;
    std::map<PoolId, Pool> pools_;
};

}  // namespace obol::policy
