#include "sync/ledger/record_file.hpp"

#include "sync/host/append.hpp"
#include "sync/host/system.hpp"

namespace obol::ledger {

namespace {

constexpr unsigned owner_only = 0600;

}  // namespace

Result<std::string> RecordFile::read() {
    if (!host::file_exists(path_)) return std::string();
    return host::read_file(path_);
}

Result<void> RecordFile::append(std::string_view text) {
    if (auto there = make_folder(); !there) return there;
    return host::append_durably(path_, text, owner_only);
}

Result<void> RecordFile::replace(std::string_view text) {
    if (auto there = make_folder(); !there) return there;
    return host::write_file_atomically(path_, text, owner_only);
}

Result<void> RecordFile::set_aside() {
    const Result<std::string> text = read();
    if (!text || text->empty()) return {};
    if (auto kept = host::write_file_atomically(path_ + ".set-aside", *text, owner_only); !kept) return kept;
    return host::write_file_atomically(path_, "", owner_only);
}

Result<void> RecordFile::make_folder() {
    const std::size_t slash = path_.rfind('/');
    if (slash == std::string::npos || slash == 0) return {};
    return host::make_directories(path_.substr(0, slash), 0700);
}

}  // namespace obol::ledger
