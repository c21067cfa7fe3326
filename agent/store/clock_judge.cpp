#include "agent/store/clock_judge.hpp"

#include <algorithm>

namespace obol::agent {

namespace {

constexpr std::size_t most_events = 1000;  // a disk that is full for years takes no more of them
constexpr Millis worth_keeping{1000};

bool is_near(Millis difference) { return difference >= -clock_back_at_most && difference <= clock_back_at_most; }
Millis magnitude(Millis difference) { return std::max(difference, -difference); }

}  // namespace

ClockJudge::ClockJudge(const ClockPast& past, const ClockReading& first) {
    if (past.floor) last_ = *past.floor;
    if (past.this_boot) {
        anchor_ = kept_ = *past.this_boot;
        version_ = 1;
        at(first);
        return;
    }
    anchor({first.wall, first.wall, first.boot, true});
    if (!past.floor) return;
    const Instant floor = *past.floor;
    if (past.untrusted) {  // starting anew makes nothing better
        anchor({first.wall, floor, first.boot, false});
    } else if (first.wall < floor - clock_back_at_most) {
        doubt("behind_journal", first, floor);
    } else if (first.wall > floor + clock_off_at_most) {
        doubt("far_ahead", first, floor);
    }
}

ClockNow ClockJudge::at(const ClockReading& reading) {
    const Instant taken = expected(reading);
    Instant now = taken;
    if (anchor_.trusted) {
        const Millis off = reading.wall - (anchor_.system + (reading.boot - anchor_.boot));
        if (off >= -clock_back_at_most && off <= clock_ahead_at_most) {
            if (follows_system()) now = reading.wall;
        } else if (is_near(reading.wall - taken)) {  // it was put right
            anchor({reading.wall, reading.wall, reading.boot, true});
            now = reading.wall;
        } else {
            doubt(off < Millis{0} ? "went_back" : "went_ahead", reading, taken);
        }
    }
    last_ = std::max(last_, now);
    return {last_, anchor_.trusted};
}

// The ledger wrote its time down while the request was under way, so that it is at least `time` now and at
// most the round trip more.
void ClockJudge::told(Instant time, const ClockReading& came, Millis round_trip) {
    const Instant latest = time + round_trip;
    // Once found off it has to come nearer before it is followed again: at the edge of the bounds it would be
    // right by one answer and wrong by the next.
    const Millis slack = follows_system() ? clock_back_at_most : clock_back_at_most / 2;
    const bool right = came.wall >= time - slack && came.wall <= latest + slack;
    const Instant taken = right ? came.wall : time;
    const bool was_trusted = anchor_.trusted;
    const Millis was_off = follows_system() ? Millis{0} : anchor_.taken - anchor_.system;
    const Millis off = taken - came.wall;
    anchor({came.wall, taken, came.boot, true});

    const bool rebased = last_ > latest + clock_back_at_most;
    if (rebased) last_ = taken;
    if (!was_trusted || rebased || magnitude(off - was_off) > clock_back_at_most + round_trip) {
        note(true, "ledger_time", came.wall, taken);
    }
}

void ClockJudge::confirmed(const ClockReading& reading) {
    anchor({reading.wall, reading.wall, reading.boot, true});
    if (last_ > reading.wall + clock_back_at_most) last_ = reading.wall;
}

bool ClockJudge::follows_system() const { return anchor_.taken == anchor_.system; }

void ClockJudge::doubt(std::string_view reason, const ClockReading& reading, Instant taken) {
    anchor({reading.wall, taken, reading.boot, false});
    note(false, reason, reading.wall, std::max(taken, last_));
}

void ClockJudge::note(bool trusted, std::string_view reason, Instant system, Instant taken) {
    journal::ClockEvent event;
    event.trusted = trusted;
    event.reason = reason;
    event.system = system;
    event.taken = taken;
    events_.push_back(std::move(event));
    if (events_.size() <= most_events) return;
    events_.pop_front();
    ++dropped_;
}

// Every answer of the ledger moves the anchor a little; what is kept follows when it has come to something.
void ClockJudge::anchor(ClockAnchor next) {
    anchor_ = next;
    const Millis since = next.boot - kept_.boot;
    const bool moved = version_ == 0 || next.trusted != kept_.trusted ||
                       magnitude(next.system - (kept_.system + since)) > worth_keeping ||
                       magnitude(next.taken - (kept_.taken + since)) > worth_keeping;
    if (!moved) return;
    kept_ = next;
    ++version_;
}

}  // namespace obol::agent
