#pragma once
// A machine with such a disk, and the SQLite VFS "power" by which a program reaches it. Every call may
// be counted, failed, or be the one at which the power goes: then all handles fail for good.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/disk.hpp"

namespace obol::crash {

inline constexpr const char* vfs_name = "power";

enum class Call { open, read, write, truncate, sync, size, remove, exists, lock, map_memory };
std::string_view name_of(Call call);

// What becomes of one call. `half`: a write that puts half of its bytes down before it fails.
struct Verdict {
    int code = 0;  // SQLite's; 0: it goes through
    bool half = false;
};

class Machine {
public:
    explicit Machine(Image image = {}) : disk(std::move(image)) {}
    explicit Machine(Disk as_it_was) : disk(std::move(as_it_was)) {}

    // Makes it the one whose files are opened from now on.
    static void mount(std::shared_ptr<Machine> machine);
    static const std::shared_ptr<Machine>& mounted();

    // Called by the VFS. A change is applied, and told to `on_change` after it.
    Verdict judge(Call call, const std::string& name);
    void change(Op op);

    Disk disk;
    bool off = false;                                             // the power is gone
    std::function<Verdict(Call, const std::string& name)> trap{};
    std::function<void(const Op&)> on_change{};
    std::int64_t changes = 0;
    std::int64_t lose_power_after = -1;                           // so many changes; -1: never

    struct Locks;
    std::map<std::string, std::shared_ptr<Locks>> locks;          // by name, while a file is open
};

}  // namespace obol::crash
