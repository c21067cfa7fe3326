#pragma once
// Where the agent stands towards the ledger, as values: the engine works on these alone.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/time.hpp"
#include "sync/journal/entry.hpp"
#include "sync/wire/messages_compare.hpp"

namespace obol::uplink {

struct Position {  // read on start and after every failure; the ledger's answer decides what is
                   // sent
    journal::Head head;
    std::int64_t acked_seq = 0;
    std::int64_t generation = 0;  // 0: none adopted yet
    std::int64_t cursor = 0;      // 0: no snapshot yet
    bool stopped = false;         // A7: pushes what it has, writes nothing
    std::string stopped_why{};
    wire::SnapshotAsk staged{};  // the page that comes next of a snapshot under way; empty: none is
};

struct Batch {
    std::int64_t from_seq = 0;
    std::vector<Bytes> entries;
    Bytes signature;  // of the head after the last entry; batches end where a signed head is, or
                      // are signed for it
    journal::Head last;
};

// Rows of one kind, in the order of their subjects; zero is left out.
struct Slice {
    std::int64_t generation = 0;
    journal::Head head;
    std::int64_t cursor = 0;
    std::vector<wire::Balance> rows;
    bool last = false;  // nothing comes behind them
};

// What both ends hold of the same rows, all of them looked at.
struct Comparison {
    struct Row {
        wire::Compared what;
        wire::Difference difference;
        bool operator==(const Row&) const = default;
    };
    std::vector<Row> different;
};

enum class LinkMode { up, down, slow, flapping };

struct LinkState {
    LinkMode mode = LinkMode::up;
    bool up = false;
    Instant since;
    std::optional<Instant> last_sync;
    std::string why{};  // of the last failure
};

}  // namespace obol::uplink
