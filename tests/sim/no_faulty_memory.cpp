// The disk's machine excuses itself from faults of memory (tests/crash/faulty_memory.hpp); here there are none.

#include "tests/crash/faulty_memory.hpp"

namespace obol::crash {

UnwatchedMemory::UnwatchedMemory() : before_(false) {}
UnwatchedMemory::~UnwatchedMemory() = default;

}  // namespace obol::crash
