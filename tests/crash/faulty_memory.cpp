#include "tests/crash/faulty_memory.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <new>

namespace obol::crash {

namespace {

thread_local bool watching = false;
thread_local bool sticky = false;
thread_local bool any_refused = false;
thread_local std::int64_t fail_at = -1;
thread_local std::int64_t seen = 0;

bool refuse() noexcept {
    if (!watching) return false;
    const std::int64_t now = seen++;
    const bool no = fail_at >= 0 && (sticky ? now >= fail_at : now == fail_at);
    any_refused = any_refused || no;
    return no;
}

sqlite3_mem_methods usual;

void* sqlite_malloc(int size) { return refuse() ? nullptr : usual.xMalloc(size); }
void* sqlite_realloc(void* old, int size) { return refuse() ? nullptr : usual.xRealloc(old, size); }

}  // namespace

void watch_sqlite_memory() {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual);
    sqlite3_mem_methods ours = usual;
    ours.xMalloc = sqlite_malloc;
    ours.xRealloc = sqlite_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
    // Small allocations would come from a pool that was filled before, and never fail.
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

FaultyMemory::FaultyMemory(std::int64_t at, bool for_good) {
    fail_at = at;
    sticky = for_good;
    seen = 0;
    any_refused = false;
    watching = true;
}

FaultyMemory::~FaultyMemory() { watching = false; }

std::int64_t FaultyMemory::counted() { return seen; }
bool FaultyMemory::refused() { return any_refused; }

UnwatchedMemory::UnwatchedMemory() : before_(watching) { watching = false; }
UnwatchedMemory::~UnwatchedMemory() { watching = before_; }

}  // namespace obol::crash

// The tests' own program alone is built with these.
void* operator new(std::size_t size) {
    void* const out = obol::crash::refuse() ? nullptr : std::malloc(size > 0 ? size : 1);
    if (out == nullptr) throw std::bad_alloc();
    return out;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return obol::crash::refuse() ? nullptr : std::malloc(size > 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& not_thrown) noexcept { return operator new(size, not_thrown); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
