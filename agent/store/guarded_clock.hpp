#pragma once
// The clock that all rules go by: the system clock as far as the boot clock, the journal and the ledger
// bear it out (clock_judge.hpp). From any thread. The system clock itself is never set.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "agent/store/clock_judge.hpp"

namespace obol::agent {

class GuardedClock final : public WallClock {
public:
    GuardedClock(WallClock& wall, BootClock& boot, const ClockPast& past);

    Instant now() override { return judged().now; }
    ClockNow judged();

    // Of an exchange with the ledger: take `begun` before the request is sent.
    Millis since_boot() { return boot_.since_boot(); }
    void ledger_told(Instant time, Millis begun);
    // A manager confirms what the system clock shows: `read`, write the entry, then `confirmed`.
    ClockReading read();
    void confirmed(const ClockReading& reading);

    // What the journal has not been told yet, after so many events and that version of the anchor.
    struct News {
        std::vector<journal::ClockEvent> events{};
        std::uint64_t told = 0;
        std::optional<ClockAnchor> anchor{};
        std::uint64_t version = 0;
    };
    News news(std::uint64_t told, std::uint64_t version);
    // Why it is not trusted; empty while it is.
    std::string why();
    // Each is called, on whatever thread found out, when there is an event to write.
    void on_event(std::function<void()> callback);

private:
    template <class Judge>
    void judge(Judge change);

    WallClock& wall_;
    BootClock& boot_;
    std::mutex mutex_{};
    ClockJudge judge_;
    std::string why_{};
    std::vector<std::function<void()>> on_event_{};
};

}  // namespace obol::agent
