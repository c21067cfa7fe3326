#pragma once
// Instants are UTC with millisecond grain. No code outside the port layer reads a clock itself.

#include <chrono>
#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

class WallClock {
public:
    virtual ~WallClock() = default;
    virtual Instant now() = 0;
};

// Counts through suspend and is never set. `boot_id` changes with every boot of the machine.
class BootClock {
public:
    virtual ~BootClock() = default;
    virtual Millis since_boot() = 0;
    virtual std::string boot_id() = 0;
};

// "2026-11-21T18:00:00Z", with ".123" only where milliseconds are not zero.
std::string to_rfc3339(Instant at);
// The same instant as a wall clock shows it that is `offset` ahead: "2026-11-21T20:00:00+02:00".
std::string to_rfc3339(Instant at, std::chrono::minutes offset);
std::string to_offset_text(std::chrono::minutes offset);  // "+02:00"
// Accepts any offset and up to nine fractional digits (cut to milliseconds); second 60 reads as 59.
Result<Instant> parse_rfc3339(std::string_view text);

inline std::int64_t to_millis(Instant at) { return at.time_since_epoch().count(); }
inline Instant from_millis(std::int64_t ms) { return Instant{Millis{ms}}; }

}  // namespace obol
