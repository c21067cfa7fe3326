#pragma once
// May the system clock be believed? Pure: readings in, the time that counts and how sure it is out.
//
// The boot clock counts evenly, through suspend, and nobody sets it. So one moment of which the time is
// known (the anchor) tells what the system clock ought to show ever after in this boot. Small steps away
// from it are what time services do, and are followed; but they are measured from the anchor and never
// from one another, so a clock that creeps is found out like one that jumps. Who is found out is not
// believed any more: time then goes on by the boot clock from the anchor, so that a jump ahead ends
// nothing and a jump back opens nothing again, until the ledger's own time or a manager sets it right.

#include <cstdint>
#include <deque>
#include <optional>

#include "sync/core/time.hpp"
#include "sync/journal/records.hpp"

namespace obol::agent {

struct ClockReading {
    Instant wall;   // the system clock
    Millis boot{};
};

struct ClockNow {
    Instant now;
    bool trusted = true;
};

inline constexpr Millis clock_back_at_most{std::int64_t{120} * 1000};
inline constexpr Millis clock_ahead_at_most{std::int64_t{3600} * 1000};
// Nobody can tell how long a machine was off, and a clock that jumped ahead meanwhile would end what has not
// ended. A venue that was closed for longer than this and opens without a link asks its manager.
inline constexpr Millis clock_off_at_most{std::int64_t{14} * 24 * 3600 * 1000};

// One moment of this boot.
struct ClockAnchor {
    Instant system;  // what the system clock showed
    Instant taken;   // what was taken for the time
    Millis boot{};
    bool trusted = true;
    bool operator==(const ClockAnchor&) const = default;
};

// What database and journal remember when a process starts.
struct ClockPast {
    std::optional<Instant> floor{};          // it cannot be earlier
    std::optional<ClockAnchor> this_boot{};  // the anchor, if the machine has not started anew since
    bool untrusted = false;                  // it was when the machine went down
};

class ClockJudge {
public:
    ClockJudge(const ClockPast& past, const ClockReading& first);

    // Never earlier than before, unless the ledger or a manager said so in between.
    ClockNow at(const ClockReading& reading);
    // The ledger said that it is `time`, in an answer that came at `came` to a request made so long before.
    void told(Instant time, const ClockReading& came, Millis round_trip);
    // A manager says that the system clock is right. The entry is written by whoever calls this.
    void confirmed(const ClockReading& reading);

    const ClockAnchor& anchor() const { return anchor_; }
    // Grows with every change of the anchor that is worth keeping.
    std::uint64_t anchor_version() const { return version_; }
    // Judgements that changed, as entries to write, numbered from 0; the newest are there.
    std::uint64_t events() const { return dropped_ + events_.size(); }
    std::uint64_t first_event() const { return dropped_; }
    const journal::ClockEvent& event(std::uint64_t number) const { return events_.at(number - dropped_); }

private:
    // Where the system clock was wrong when the ledger told the time, time goes by the boot clock.
    bool follows_system() const;
    Instant expected(const ClockReading& reading) const { return anchor_.taken + (reading.boot - anchor_.boot); }
    void doubt(std::string_view reason, const ClockReading& reading, Instant taken);
    void note(bool trusted, std::string_view reason, Instant system, Instant taken);
    void anchor(ClockAnchor anchor);

    ClockAnchor anchor_, kept_;  // kept_: as it was when the version grew last
    Instant last_{};  // nothing earlier is said
    std::uint64_t version_ = 0;
    std::deque<journal::ClockEvent> events_{};
    std::uint64_t dropped_ = 0;
};

}  // namespace obol::agent
