#pragma once
// When a device asks for its next certificate, and what of the answer it keeps. Pure: readings in, decisions out.
// The keeper (certificate.hpp) asks, writes and shows.

#include <optional>
#include <string>
#include <vector>

#include "agent/store/clock_judge.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/uplink/position.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

// What of a renewal's answer is kept, or why not: fault certificate_refused. `ca` is what is believed from now
// on: all that the ledger names, and of the own ones those that have not ended by `now`.
struct Papers {
    std::string certificate, ca;  // PEM
};
Result<Papers> papers_from(const wire::Renewed& answer, const Papers& own, std::optional<Instant> now);

class Renewal {
public:
    explicit Renewal(Papers own);

    const Papers& own() const { return own_; }
    const crypto::Life& life() const { return life_; }
    // How often it is worth a look. (What failed says nothing when it is time again.)
    Millis look_every() const;
    // Of the last try, as long as none went well.
    const std::string& why() const { return why_; }

    bool wants(const ClockNow& clock, Millis since_boot, const uplink::LinkState& link) const;
    // The fingerprints of the CAs that the ledger shows itself by, or will.
    void ledger_names(const std::vector<std::string>& cas);
    // True: somebody should be told, it failed in another way before.
    bool failed(const Fault& why, Millis since_boot, const uplink::LinkState& link);
    void keep(Papers papers, Millis since_boot);

private:
    Millis pause() const;
    bool is_due(const ClockNow& clock, const uplink::LinkState& link) const;

    Papers own_;
    crypto::Life life_;
    std::optional<Millis> not_before_{};  // by the boot clock
    bool other_cas_ = false;
    std::string why_{};
};

}  // namespace obol::agent
