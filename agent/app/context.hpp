#pragma once
// What every use case gets, and what it gives back. A use case loads facts, lets the domain decide and
// commits entry, effect and answer in one job of the writer.

#include <memory>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/store.hpp"
#include "sync/uplink/ports.hpp"

namespace obol::agent {

enum class Role { pos, cashier, manager };
std::string_view name_of(Role role);
std::optional<Role> role_named(std::string_view name);

struct Caller {
    TerminalId terminal;
    Role role = Role::pos;
    std::string language = "en";
};

// Present for every call that moves something (API.md). The fingerprint covers method, path and the
// canonical body, as an HMAC under a key outside the database, since bodies carry PINs.
struct Idempotency {
    std::string key;
    Bytes fingerprint;
};

// A worded answer: what is stored and sent, byte for byte.
struct Answer {
    int status = 200;
    std::string body;
    bool problem = false;    // application/problem+json
    std::string code{};      // of a problem
    bool replayed = false;   // Idempotency-Replayed: true
    int retry_after_s = 0;   // Retry-After
    std::optional<std::int64_t> seq{};     // the entry it belongs to
    // What is stored instead of `body` where that shows a code, PIN or token once: null stands there.
    std::optional<std::string> stored{};
};

// The own place, fixed at enrolment.
struct Here {
    VenueId venue;
    BusinessId business;
    std::string zone;
    std::string device_name;
};

class Acquire;    // agent/app/acquire.hpp: authority within a time budget
class PinCheck;   // agent/app/pin_check.hpp: Argon2id in a bounded pool, tries counted first
class Throttle;   // agent/app/throttle.hpp: unknown codes per terminal and venue
class DeviceSet;   // agent/devices.hpp: what stands on the counter
class PrintQueue;  // agent/app/print_queue.hpp: follows the print jobs
class Once;       // agent/app/idempotent.hpp: one effect and one answer per idempotency key

// How the own certificate stands.
struct CertificateNow {
    Instant valid_until;
    bool ending = false;  // within a fortnight, and not renewed: somebody has to look
    std::string why{};    // the last renewal failed
};

struct Context {
    Store& store;
    uplink::Link& link;
    Acquire& acquire;
    PinCheck& pins;
    Throttle& throttle;
    Once& once;
    WallClock& wall;
    BootClock& boot;
    Random& random;
    Here here;
    std::string damage{};  // what is wrong with the database, once it is known; then no value moves
    std::function<CertificateNow()> certificate{};
    // Both there wherever a route may ask for them.
    DeviceSet* devices = nullptr;
    PrintQueue* printing = nullptr;
};

}  // namespace obol::agent
