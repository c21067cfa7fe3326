#pragma once
// The machine behind the ports: clocks, files, environment, threads, signals. With crypto's
// SystemRandom, sql's VFS and net's sockets, the only code that touches the real world.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/bytes.hpp"
#include "sync/core/result.hpp"
#include "sync/core/secret.hpp"
#include "sync/core/time.hpp"

namespace obol::host {

class SystemWallClock final : public WallClock {
public:
    Instant now() override;
};

class SystemBootClock final : public BootClock {  // CLOCK_BOOTTIME, /proc/sys/kernel/random/boot_id
public:
    Millis since_boot() override;
    std::string boot_id() override;
};

Result<std::string> read_file(const std::string& path);   // Fault file_unreadable
// Writes beside it, fsyncs file and directory, renames. Fault file_unwritable.
Result<void> write_file_atomically(const std::string& path, std::string_view content, unsigned mode);
bool file_exists(const std::string& path);
Result<void> make_directories(const std::string& path, unsigned mode);
// Bytes that an ordinary user may still write beside `path`; 0 when it cannot be told.
std::uint64_t free_space(const std::string& path);

// Is the file system that holds `path`, or would hold it, mounted read-only or gone read-only?
bool read_only(const std::string& path);

// Holds an exclusive lock on `path` while it lives: a second process on the same state is refused.
class FileLock {
public:
    static Result<std::unique_ptr<FileLock>> take(const std::string& path);  // Fault already_running
    ~FileLock();

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_;
};

// JSON with // comments, for configuration: comments become spaces so that line numbers stay right.
std::string without_comments(std::string_view text);

// A thread with a name; joined by the destructor. Throws std::runtime_error where the system gives none.
class Worker {
public:
    Worker(std::string_view name, std::function<void()> body);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// sd_notify READY=1 / STOPPING=1 / WATCHDOG=1; nothing outside systemd.
void notify_service_manager(std::string_view state);

// Core dumps off, dumpable off: no memory image holds codes.
void forbid_core_dumps();

// One line to standard error: time, level, message. Rate-limiting is the caller's.
enum class Level { debug, info, warning, error };
void log_line(Level level, std::string_view message);

}  // namespace obol::host
