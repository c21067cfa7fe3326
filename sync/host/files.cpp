#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sync/host/append.hpp"
#include "sync/host/reserve.hpp"
#include "sync/host/system.hpp"

namespace obol::host {

namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    bool close() { return ::close(release()) == 0; }

private:
    int fd_;
};

Fault because(const char* code, const std::string& path) { return {code, path + ": " + std::strerror(errno)}; }

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool sync_directory(const std::string& path) {
    Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return directory && ::fsync(directory.get()) == 0;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return because("file_unreadable", path);
    std::string out;
    char block[16384];
    for (;;) {
        const ssize_t n = ::read(file.get(), block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return because("file_unreadable", path);
        if (n == 0) return out;
        out.append(block, static_cast<std::size_t>(n));
    }
}

Result<void> write_file_atomically(const std::string& path, std::string_view content, unsigned mode) {
    const std::string beside = path + ".new";
    ::unlink(beside.c_str());  // left over from a crash
    Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
    if (!file) return because("file_unwritable", beside);
    // fchmod, because the umask may have taken bits from the mode of open.
    if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), content) || ::fsync(file.get()) != 0 ||
        !file.close() || ::rename(beside.c_str(), path.c_str()) != 0) {
        const Fault fault = because("file_unwritable", path);
        ::unlink(beside.c_str());
        return fault;
    }
    if (!sync_directory(directory_of(path))) return because("file_unwritable", directory_of(path));
    return {};
}

Result<void> append_durably(const std::string& path, std::string_view text, unsigned mode) {
    const bool is_new = !file_exists(path);
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode)};
    struct stat before {};
    if (!file || ::fstat(file.get(), &before) != 0) return because("file_unwritable", path);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) {
        const Fault fault = because("file_unwritable", path);
        [[maybe_unused]] const int undone = ::ftruncate(file.get(), before.st_size);
        return fault;
    }
    if (is_new && !sync_directory(directory_of(path))) return because("file_unwritable", directory_of(path));
    return {};
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t at = 1; at <= path.size(); ++at) {
        if (at != path.size() && path[at] != '/') continue;
        const std::string part = path.substr(0, at);
        if (::mkdir(part.c_str(), mode) == 0 || errno == EEXIST) continue;
        return because("file_unwritable", part);
    }
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return because("file_unwritable", path);
    if (!S_ISDIR(found.st_mode)) return Fault{"file_unwritable", path + ": not a directory"};
    return {};
}

std::uint64_t free_space(const std::string& path) {
    struct statvfs found {};
    if (::statvfs(directory_of(path).c_str(), &found) != 0) return 0;
    return std::uint64_t{found.f_bavail} * found.f_frsize;
}

// access() asks the mount and the file system, and says EROFS before it looks at anybody's rights.
bool read_only(const std::string& path) {
    std::string at = path;
    for (;;) {
        if (::access(at.c_str(), W_OK) == 0) return false;
        if (errno == EROFS) return true;
        const std::string above = directory_of(at);
        if ((errno != ENOENT && errno != ENOTDIR) || above == at) return false;
        at = above;
    }
}

ReserveFile::ReserveFile(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {
    struct stat found {};
    held_ = ::stat(path_.c_str(), &found) == 0 && static_cast<std::uint64_t>(found.st_blocks) * 512 >= bytes_;
}

Result<void> ReserveFile::take() {
    if (held_) return {};
    Descriptor file{::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return because("file_unwritable", path_);
    errno = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes_));
    if (errno != 0) {
        const Fault fault = because("file_unwritable", path_);
        ::unlink(path_.c_str());
        return fault;
    }
    held_ = true;
    return {};
}

void ReserveFile::give_up() {
    ::unlink(path_.c_str());
    held_ = false;
}

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& path) {
    Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return because("file_unwritable", path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return because("file_unwritable", path);
        return Fault{"already_running", path + ": another process holds it"};
    }
    return std::unique_ptr<FileLock>(new FileLock(file.release()));
}

// The file stays: removing it would let a third process lock a new file while a second holds the old.
FileLock::~FileLock() { ::close(fd_); }

}  // namespace obol::host
