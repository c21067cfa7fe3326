#pragma once
// A witness of the journal outside the state directory (PROTOCOL.md A7, W7d, M12): which device, how
// many entries, and the last one's hash. A state that was put back from a backup or copied to another
// machine cannot know what it has forgotten; the witness does, with or without a link.
//
// The file has two slots of 512 bytes, written in turn, so that one always stands:
//   "OBOLWIT1" | seq, 8 bytes, big-endian | hash, 32 | device, 64 hex digits | SHA-256 of all before
// It is written after a commit and not synced then: after a loss of power it may lag behind the state
// by what the system had not written back yet (some 30 s), and it never leads.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "sync/core/ids.hpp"
#include "sync/core/result.hpp"
#include "sync/host/pool.hpp"
#include "sync/journal/entry.hpp"

namespace obol::agent {

struct Witnessed {
    DeviceId device;
    journal::Head head;
    bool operator==(const Witnessed&) const = default;
};

class Witness {
public:
    // What the file says; nullopt: it is not there, or neither slot can be read.
    static std::optional<Witnessed> read(const std::string& path);
    // For writing; made with its directory where it is not there. Fault file_unwritable.
    static Result<std::unique_ptr<Witness>> open(const std::string& path);
    ~Witness();
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

    // False: it could not be written; what stands there lags, which hides a fall-back and never invents one.
    bool write(const Witnessed& now);
    bool sync();

private:
    explicit Witness(int fd) : fd_(fd) {}
    int fd_;
    int slot_ = 0;  // the next one to write
};

// Writes on a thread of its own: nobody waits for the disk, and of what comes meanwhile the newest counts.
class WitnessThread {
public:
    explicit WitnessThread(Witness& witness) : witness_(witness) {}
    // `now` stands in the state, durably.
    void follow(const Witnessed& now);

private:
    void write_newest();
    Witness& witness_;
    std::mutex mutex_;
    std::optional<Witnessed> newest_;
    host::Pool pool_{"obol-witness", 1, 1};  // last: it uses the rest
};

// A7: why this state must not go on, or nullopt. `hash_at` tells the state's own hash at the witness's
// place. "rollback: …" is for good; "witness_missing: …" until somebody answers for the state.
std::optional<std::string> doubt_of(const std::optional<Witnessed>& seen, const Witnessed& state,
                                    const std::optional<journal::Hash>& hash_at);
inline constexpr std::string_view witness_missing = "witness_missing";

}  // namespace obol::agent
