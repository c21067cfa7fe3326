#include "tests/crash/machine.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <set>
#include <utility>

#include "tests/crash/faulty_memory.hpp"

namespace obol::crash {

namespace {

struct File;
std::shared_ptr<Machine> machine_mounted;

}  // namespace

// The locks of one database among the connections of this process, and its shared memory.
struct Machine::Locks {
    std::map<const void*, int> level;  // of each connection
    struct Slot {
        std::set<const void*> shared;
        const void* exclusive = nullptr;
    };
    std::array<Slot, SQLITE_SHM_NLOCK> slots;
    std::deque<std::vector<char>> memory;

    int highest_but(const void* who) const {
        int out = SQLITE_LOCK_NONE;
        for (const auto& [each, has] : level) {
            if (each != who) out = std::max(out, has);
        }
        return out;
    }
};

namespace {

// As SQLite lays it out: our part behind its own.
struct File {
    sqlite3_file base;
    struct Body {
        std::shared_ptr<Machine> machine;
        std::string name{};  // empty: a temporary one, which no crash leaves behind
        int number = -1;
        std::string temporary{};
        bool sync_directory = false;
        std::shared_ptr<Machine::Locks> locks{};
    }* body;
};

File::Body& body_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->body; }

const std::string& content_of(File::Body& body) {
    return body.name.empty() ? body.temporary : body.machine->disk.content(body.number);
}

int close_file(sqlite3_file* file) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (body.locks) body.locks->level.erase(file);
    delete &body;
    file->pMethods = nullptr;
    return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (const Verdict no = body.machine->judge(Call::read, body.name); no.code) return no.code;
    const std::string& text = content_of(body);
    const auto length = static_cast<sqlite3_int64>(text.size());
    const auto there = static_cast<std::size_t>(std::clamp<sqlite3_int64>(length - at, 0, size));
    if (there > 0) std::memcpy(out, text.data() + at, there);
    if (there == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + there, 0, static_cast<std::size_t>(size) - there);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (body.name.empty()) {
        const auto end = static_cast<std::size_t>(at + size);
        if (body.temporary.size() < end) body.temporary.resize(end);
        std::memcpy(body.temporary.data() + at, data, static_cast<std::size_t>(size));
        return SQLITE_OK;
    }
    const Verdict verdict = body.machine->judge(Call::write, body.name);
    if (verdict.code && !verdict.half) return verdict.code;
    const int length = verdict.half ? size / 2 : size;
    body.machine->change({Op::Kind::write, body.number, {}, at,
                          std::string(static_cast<const char*>(data), static_cast<std::size_t>(length))});
    return verdict.code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (body.name.empty()) {
        body.temporary.resize(static_cast<std::size_t>(size));
        return SQLITE_OK;
    }
    if (const Verdict no = body.machine->judge(Call::truncate, body.name); no.code) return no.code;
    body.machine->change({Op::Kind::truncate, body.number, {}, size, {}});
    return SQLITE_OK;
}

// The directory goes with the first sync of a journal or WAL that was made, as SQLite's own VFS has it.
int sync_file(sqlite3_file* file, int) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (body.name.empty()) return SQLITE_OK;
    if (const Verdict no = body.machine->judge(Call::sync, body.name); no.code) return no.code;
    body.machine->change({Op::Kind::sync, body.number, {}, 0, {}});
    if (std::exchange(body.sync_directory, false)) body.machine->change({Op::Kind::sync_directory, 0, {}, 0, {}});
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (const Verdict no = body.machine->judge(Call::size, body.name); no.code) return no.code;
    *out = static_cast<sqlite3_int64>(content_of(body).size());
    return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int wanted) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (const Verdict no = body.machine->judge(Call::lock, body.name); no.code) return no.code;
    int& has = body.locks->level[file];
    if (has >= wanted) return SQLITE_OK;
    const int others = body.locks->highest_but(file);
    if (wanted == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    if (wanted == SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
    if (wanted == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
        if (others < SQLITE_LOCK_PENDING) has = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    has = wanted;
    return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int wanted) {
    const UnwatchedMemory own;
    int& has = body_of(file).locks->level[file];
    has = std::min(has, wanted);
    return SQLITE_OK;
}

int is_reserved(sqlite3_file* file, int* out) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    if (const Verdict no = body.machine->judge(Call::lock, body.name); no.code) return no.code;
    *out = body.locks->highest_but(nullptr) >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_memory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    *out = nullptr;
    if (const Verdict no = body.machine->judge(Call::map_memory, body.name); no.code) return no.code;
    auto& memory = body.locks->memory;
    if (memory.size() <= static_cast<std::size_t>(region)) {
        if (!extend) return SQLITE_OK;
        while (memory.size() <= static_cast<std::size_t>(region)) memory.emplace_back(static_cast<std::size_t>(size));
    }
    *out = memory[static_cast<std::size_t>(region)].data();
    return SQLITE_OK;
}

int lock_memory(sqlite3_file* file, int from, int count, int flags) {
    const UnwatchedMemory own;
    File::Body& body = body_of(file);
    auto& slots = body.locks->slots;
    const bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (int i = from; i < from + count; ++i) {
            auto& slot = slots[static_cast<std::size_t>(i)];
            if (exclusive && slot.exclusive == file) slot.exclusive = nullptr;
            if (!exclusive) slot.shared.erase(file);
        }
        return SQLITE_OK;
    }
    if (const Verdict no = body.machine->judge(Call::lock, body.name); no.code) return no.code;
    for (int i = from; i < from + count; ++i) {
        const auto& slot = slots[static_cast<std::size_t>(i)];
        if (slot.exclusive != nullptr && slot.exclusive != file) return SQLITE_BUSY;
        if (exclusive && slot.shared.size() > slot.shared.count(file)) return SQLITE_BUSY;
    }
    for (int i = from; i < from + count; ++i) {
        auto& slot = slots[static_cast<std::size_t>(i)];
        if (exclusive) slot.exclusive = file;
        else slot.shared.insert(file);
    }
    return SQLITE_OK;
}

void barrier(sqlite3_file*) {}

int unmap_memory(sqlite3_file* file, int drop) {
    const UnwatchedMemory own;
    auto& locks = *body_of(file).locks;
    for (auto& slot : locks.slots) {
        slot.shared.erase(file);
        if (slot.exclusive == file) slot.exclusive = nullptr;
    }
    if (drop) locks.memory.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    2, close_file, read_file, write_file, truncate_file, sync_file, file_size, lock_file, unlock_file, is_reserved,
    control, sector_size, characteristics, map_memory, lock_memory, barrier, unmap_memory, nullptr, nullptr};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    const UnwatchedMemory own;
    file->pMethods = nullptr;
    auto body = std::make_unique<File::Body>();
    body->machine = machine_mounted;
    if (path != nullptr) {
        body->name = path;
        if (const Verdict no = body->machine->judge(Call::open, body->name); no.code) return no.code;
        Disk& disk = body->machine->disk;
        if (const int* found = disk.find(body->name)) {
            body->number = *found;
        } else {
            if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
            body->number = disk.next_file();
            body->machine->change({Op::Kind::create, body->number, body->name, 0, {}});
        }
        // Of one that is there already too: a process that ended may have made it without a sync.
        if (flags & SQLITE_OPEN_CREATE) {
            body->sync_directory = flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL);
        }
        auto& locks = body->machine->locks[body->name];
        if (!locks) locks = std::make_shared<Machine::Locks>();
        body->locks = locks;
    }
    reinterpret_cast<File*>(file)->body = body.release();
    file->pMethods = &methods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char* path, int sync_directory) {
    const UnwatchedMemory own;
    Machine& machine = *machine_mounted;
    if (const Verdict no = machine.judge(Call::remove, path); no.code) return no.code;
    const int* found = machine.disk.find(path);
    if (found == nullptr) return SQLITE_IOERR_DELETE_NOENT;
    machine.change({Op::Kind::remove, *found, path, 0, {}});
    if (sync_directory) machine.change({Op::Kind::sync_directory, 0, {}, 0, {}});
    return SQLITE_OK;
}

// SQLite's own VFS holds an empty file for none too.
int exists(sqlite3_vfs*, const char* path, int flags, int* out) {
    const UnwatchedMemory own;
    Machine& machine = *machine_mounted;
    if (const Verdict no = machine.judge(Call::exists, path); no.code) return no.code;
    const int* found = machine.disk.find(path);
    *out = found != nullptr && (flags != SQLITE_ACCESS_EXISTS || !machine.disk.content(*found).empty());
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}

struct Registered {
    Registered() {
        sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
        vfs = *usual;
        vfs.iVersion = 2;
        vfs.szOsFile = sizeof(File);
        vfs.pNext = nullptr;
        vfs.zName = vfs_name;
        vfs.xOpen = open_file;
        vfs.xDelete = remove_file;
        vfs.xAccess = exists;
        vfs.xFullPathname = full_path;
        sqlite3_vfs_register(&vfs, 0);
    }
    sqlite3_vfs vfs{};
};

}  // namespace

std::string_view name_of(Call call) {
    constexpr std::string_view names[] = {"open", "read", "write", "truncate", "sync",
                                          "size", "remove", "exists", "lock", "map_memory"};
    return names[static_cast<int>(call)];
}

void Machine::mount(std::shared_ptr<Machine> machine) {
    static const Registered registered;
    machine_mounted = std::move(machine);
}

const std::shared_ptr<Machine>& Machine::mounted() { return machine_mounted; }

Verdict Machine::judge(Call call, const std::string& name) {
    if (!off && lose_power_after >= 0 && changes >= lose_power_after && call != Call::read && call != Call::lock &&
        call != Call::size && call != Call::exists && call != Call::map_memory) {
        off = true;
    }
    if (off) return {SQLITE_IOERR, false};
    return trap ? trap(call, name) : Verdict{};
}

void Machine::change(Op op) {
    disk.apply(op);
    ++changes;
    if (on_change) on_change(op);
}

}  // namespace obol::crash
