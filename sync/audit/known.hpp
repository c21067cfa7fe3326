#pragma once
// What one file tells that helps to check another: a ledger and an export name devices' public
// keys, and a ledger says which head it has booked.

#include <map>
#include <optional>
#include <string>

#include "sync/audit/chain.hpp"
#include "sync/sql/db.hpp"

namespace obol::audit {

struct Known {
    std::map<std::string, PublicKey> keys;                          // by device
    std::map<std::string, std::pair<std::int64_t, Digest>> booked;  // head by device
    // Likewise, where the ledger lay still and had not fallen back: nobody has more of it.
    std::map<std::string, std::int64_t> settled;
    std::vector<sql::Db*> ledgers;

    std::optional<PublicKey> key_of(const std::string& device) const {
        const auto found = keys.find(device);
        return found == keys.end() ? std::nullopt : std::optional(found->second);
    }
};

// Which entries have some property. A damaged number may be huge, so only plausible ones are bits.
class Seqs {
public:
    bool has(std::int64_t seq) const {
        if (!small(seq)) return far_.contains(seq);
        return static_cast<std::size_t>(seq) < near_.size() && near_[static_cast<std::size_t>(seq)];
    }
    // False: it was there.
    bool add(std::int64_t seq) {
        if (!small(seq)) return far_.insert(seq).second;
        const auto at = static_cast<std::size_t>(seq);
        if (at >= near_.size()) near_.resize(at + at / 2 + 64);
        const bool fresh = !near_[at];
        near_[at] = true;
        return fresh;
    }
    template <class F>
    void each(F&& f) const {
        for (std::size_t at = 0; at < near_.size(); ++at) {
            if (near_[at]) f(static_cast<std::int64_t>(at));
        }
        for (const std::int64_t seq : far_) f(seq);
    }

private:
    static bool small(std::int64_t seq) { return seq >= 0 && seq < (std::int64_t{1} << 28); }
    std::vector<bool> near_;
    std::set<std::int64_t> far_;
};

}  // namespace obol::audit
