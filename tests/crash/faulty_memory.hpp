#pragma once
// Memory that runs out on demand: the n-th allocation fails, that one alone or all from then on. Counts
// operator new and SQLite's own allocator together, of this thread alone.

#include <cstdint>

namespace obol::crash {

// Puts itself between SQLite and its allocator.
void watch_sqlite_memory();

class FaultyMemory {
public:
    // at < 0: count only.
    FaultyMemory(std::int64_t at, bool for_good);
    ~FaultyMemory();
    FaultyMemory(const FaultyMemory&) = delete;
    FaultyMemory& operator=(const FaultyMemory&) = delete;

    static std::int64_t counted();  // allocations since the last one began
    static bool refused();          // one of them at least
};

// Within its life nothing is refused or counted: for the tests' own parts, as the VFS.
class UnwatchedMemory {
public:
    UnwatchedMemory();
    ~UnwatchedMemory();
    UnwatchedMemory(const UnwatchedMemory&) = delete;
    UnwatchedMemory& operator=(const UnwatchedMemory&) = delete;

private:
    bool before_;
};

}  // namespace obol::crash
