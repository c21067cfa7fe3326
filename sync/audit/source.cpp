#include "sync/audit/source.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "sync/audit/export_file.hpp"

namespace obol::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t agent_application = 0x4f424f41;   // "OBOA"
constexpr std::int64_t ledger_application = 0x4f424c4c;  // "OBLL"

Fault unreadable(const std::string& path, const std::string& why) {
    return {"unreadable", path + ": " + why};
}

}  // namespace

Source::~Source() = default;

std::unique_ptr<std::istream> Source::stream() const {
    return std::make_unique<std::ifstream>(path_, std::ios::binary);
}

std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Source::Copy::~Copy() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}

Source::Stamp Source::stamp_of(const fs::path& path) {
    std::error_code error;
    Stamp out;
    out.size = fs::file_size(path, error);
    if (error) return {};
    out.written = fs::last_write_time(path, error);
    return out;
}

bool Source::changed() const {
    return stamp_of(path_) != before_ || stamp_of(path_ + "-wal") != wal_before_;
}

Result<Source> Source::open(const std::string& path) {
    Source out;
    out.path_ = path;
    out.before_ = stamp_of(path);
    out.wal_before_ = stamp_of(path + "-wal");
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return unreadable(path, "no such file");
    std::ifstream in(path, std::ios::binary);
    std::string start(256, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(in.gcount()));
    if (start.starts_with(std::string_view("SQLite format 3\0", 16))) {
        if (const Result<void> done = out.open_database(); !done) return done.error();
        return out;
    }
    const bool is_export =
        start.starts_with('{') &&
        start.substr(0, start.find('\n')).find(export_format) != std::string::npos;
    if (!is_export) return unreadable(path, "neither a database nor a journal's export");
    out.kind_ = Kind::journal_export;
    return out;
}

// Without a -wal beside it nobody has it open, and nothing is missing from it: it can be read as a
// file that never changes. SQLite would write to the -shm of any other, so that one is read as a
// copy.
Result<void> Source::open_database() {
    try {
        if (wal_before_.size > 0) {
            if (const Result<void> copied = take_copy(path_ + "-wal"); !copied)
                return copied.error();
        } else {
            db_ = std::make_unique<sql::Db>(path_, sql::Db::Mode::immutable);
        }
        const auto application = db_->value<std::int64_t>("PRAGMA application_id").value_or(0);
        if (application != agent_application && application != ledger_application) {
            return unreadable(path_, "a database of another program");
        }
        kind_ = application == agent_application ? Kind::agent : Kind::ledger;
    } catch (const sql::SqlError& error) {
        return unreadable(path_, error.what());
    }
    return {};
}

Result<void> Source::take_copy(const std::string& wal) {
    std::error_code error;
    std::string folder = (fs::temp_directory_path() / "obol-audit-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        return unreadable(path_, "no room for a copy in " + folder);
    copy_ = std::make_unique<Copy>(fs::path(folder));
    const fs::path copy = copy_->folder / "copy.db";
    fs::copy_file(path_, copy, error);
    if (!error) fs::copy_file(wal, copy.string() + "-wal", error);
    if (error) return unreadable(path_, "cannot be copied: " + error.message());
    if (changed())
        return unreadable(path_, "is being written to; stop the program, or give a copy");
    db_ = std::make_unique<sql::Db>(copy.string(), sql::Db::Mode::reader);
    note_ = "a -wal of " + std::to_string(wal_before_.size) +
            " bytes lies beside it: what it holds was read too, from a copy";
    return {};
}

}  // namespace obol::audit
