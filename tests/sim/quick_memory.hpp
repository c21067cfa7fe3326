#pragma once
// See quick_memory.cpp; before SQLite is used for the first time.

namespace obol::sim {
void be_quick_with_memory();
}
