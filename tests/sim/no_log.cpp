// What the programs log bears the real time and is of no seed; the story tells of every disk that fills up. Thousands of such lines
// would drown the one that says which seed failed. The linker leads host::log_line here (--wrap).

#include "sync/host/system.hpp"

namespace obol::host {

void log_nothing(Level level, std::string_view message)
    asm("__wrap__ZN4obol4host8log_lineENS0_5LevelESt17basic_string_viewIcSt11char_traitsIcEE");

void log_nothing(Level, std::string_view) {}

}  // namespace obol::host
