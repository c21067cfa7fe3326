// Memory for one thread: what is given back lies ready for the next that asks for as much. SQLite has it too. A tenth of
// a run is saved. Under a sanitizer, which watches over memory itself, nothing of this is there.

#include "tests/sim/quick_memory.hpp"

#include <sqlite3.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

struct alignas(16) Head {
    Head* next;
    std::size_t size;  // of the block behind it
};
static_assert(sizeof(Head) == 16);

constexpr std::size_t step = 16, most = 8 * 1024, chunk = 1 << 20;
constinit std::array<Head*, most / step + 1> free_blocks{};
constinit char* fresh = nullptr;
constinit std::size_t left = 0;

void* take(std::size_t wanted) noexcept {
    const std::size_t size = (wanted + step - 1) / step * step;
    if (size > most) {
        auto* const head = static_cast<Head*>(std::malloc(sizeof(Head) + size));
        if (head == nullptr) return nullptr;
        head->size = size;
        return head + 1;
    }
    if (Head*& first = free_blocks[size / step]; first != nullptr) {
        Head* const head = first;
        first = head->next;
        return head + 1;
    }
    if (left < sizeof(Head) + size) {
        fresh = static_cast<char*>(std::malloc(chunk));
        if (fresh == nullptr) return nullptr;
        left = chunk;
    }
    auto* const head = reinterpret_cast<Head*>(fresh);
    fresh += sizeof(Head) + size;
    left -= sizeof(Head) + size;
    head->size = size;
    return head + 1;
}

Head* head_of(void* block) noexcept { return static_cast<Head*>(block) - 1; }

void give_back(void* block) noexcept {
    if (block == nullptr) return;
    Head* const head = head_of(block);
    if (head->size > most) return std::free(head);
    Head*& first = free_blocks[head->size / step];
    head->next = first;
    first = head;
}

void* resized(void* block, int wanted) {
    if (head_of(block)->size >= static_cast<std::size_t>(wanted)) return block;
    void* const out = take(static_cast<std::size_t>(wanted));
    if (out == nullptr) return nullptr;
    std::memcpy(out, block, head_of(block)->size);
    give_back(block);
    return out;
}

}  // namespace

void* operator new(std::size_t size) {
    if (void* const out = take(size)) return out;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }

namespace obol::sim {

void be_quick_with_memory() {
    static const sqlite3_mem_methods methods{
        [](int size) { return take(static_cast<std::size_t>(size)); },
        give_back,
        resized,
        [](void* block) { return block == nullptr ? 0 : static_cast<int>(head_of(block)->size); },
        [](int size) { return (size + 15) / 16 * 16; },
        [](void*) { return SQLITE_OK; },
        [](void*) {},
        nullptr};
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

}  // namespace obol::sim

#else

namespace obol::sim {
void be_quick_with_memory() {}
}  // namespace obol::sim

#endif
