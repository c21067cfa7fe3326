#include "sync/host/input.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace obol::host {

Result<std::unique_ptr<std::istream>> open_input(const std::string& path) {
    errno = 0;
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    // A directory opens, but nothing can be read from it.
    if (file->is_open()) file->peek();
    if (!file->is_open() || file->bad()) return Fault{"file_unreadable", path + ": " + std::strerror(errno)};
    file->clear();
    return std::unique_ptr<std::istream>(std::move(file));
}

}  // namespace obol::host
