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
constexpr std::size_t wal_head = 32;                     // its salts change when it is begun anew
constexpr int most_tries = 20;

Fault unreadable(const std::string& path, const std::string& why) {
    return {"unreadable", path + ": " + why};
}

std::string start_of(const std::string& path, std::size_t size) {
    std::ifstream in(path, std::ios::binary);
    std::string start(size, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(in.gcount()));
    return start;
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
    if (copy_) return false;
    return stamp_of(path_) != before_ || stamp_of(path_ + "-wal") != wal_before_;
}

bool Source::seems_a_ledger(const std::string& path) {
    constexpr std::size_t application_at = 68;  // of a database's first page
    const std::string start = start_of(path, application_at + 4);
    return start.starts_with("SQLite format 3") && start.ends_with("OBLL");
}

Result<Source> Source::open(const std::string& path) {
    Source out;
    out.path_ = path;
    out.before_ = stamp_of(path);
    out.wal_before_ = stamp_of(path + "-wal");
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return unreadable(path, "no such file");
    const std::string start = start_of(path, 256);
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
            if (const Result<void> copied = take_copy(); !copied) return copied.error();
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

// The database first, then the -wal. What a checkpoint moves into the database meanwhile lies in
// the -wal too, and what is appended to it comes after the moment; only a -wal that was begun anew,
// which its head says, may lack what the database had not got yet.
bool Source::copy_once(const fs::path& to, std::string& why) const {
    const std::string wal = path_ + "-wal", head = start_of(wal, wal_head);
    std::error_code error;
    constexpr auto over = fs::copy_options::overwrite_existing;
    fs::copy_file(path_, to, over, error);
    if (!error) fs::copy_file(wal, to.string() + "-wal", over, error);
    const bool whole = !error && head.size() == wal_head && start_of(wal, wal_head) == head &&
                       start_of(to.string() + "-wal", wal_head) == head;
    if (!whole)
        why = error ? "cannot be copied: " + error.message()
                    : "is being written to; stop the program, or give a copy";
    return whole;
}

Result<void> Source::take_copy() {
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    if (error) return unreadable(path_, "no folder for a copy (TMPDIR): " + error.message());
    std::string folder = (temporary / "obol-audit-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        return unreadable(path_, "no room for a copy in " + temporary.string());
    copy_ = std::make_unique<Copy>(fs::path(folder));
    const fs::path copy = copy_->folder / "copy.db";
    std::string why;
    bool copied = false;
    for (int tried = 0; tried < most_tries && !copied; ++tried) copied = copy_once(copy, why);
    if (!copied) return unreadable(path_, why);
    db_ = std::make_unique<sql::Db>(copy.string(), sql::Db::Mode::reader);
    note_ = "a -wal of " + std::to_string(stamp_of(copy.string() + "-wal").size) +
            " bytes lies beside it: what it holds was read too, from a copy";
    return {};
}

}  // namespace obol::audit
