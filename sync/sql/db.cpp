#include "sync/sql/db.hpp"

#include <sqlite3.h>

#include <SQLiteCpp/Exception.h>


#include "sync/core/ensure.hpp"
#include "sync/sql/statement_cache.hpp"

namespace obol::sql {

bool SqlError::disk_full() const { return (code_ & 0xff) == SQLITE_FULL; }
bool SqlError::constraint() const { return (code_ & 0xff) == SQLITE_CONSTRAINT; }
bool SqlError::damaged() const { return (code_ & 0xff) == SQLITE_CORRUPT || (code_ & 0xff) == SQLITE_NOTADB; }

void fail(sqlite3* db, int code, std::string_view what) {
    const int extended = db != nullptr && sqlite3_errcode(db) != SQLITE_OK ? sqlite3_extended_errcode(db) : code;
    const std::string text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    throw SqlError(extended, std::string(what) + ": " + text);
}

namespace {

constexpr int busy_timeout_ms = 5000;

// Only as a URI can a file be called immutable; what means something in a URI stands for itself.
std::string immutable_uri(const std::string& path) {
    std::string out = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            out += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        } else {
            out += c;
        }
    }
    return out + "?immutable=1";
}

std::unique_ptr<SQLite::Database> open_file(const std::string& path, Db::Mode mode, const std::string& vfs) {
    const int flags = mode == Db::Mode::writer      ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                      : mode == Db::Mode::immutable ? SQLite::OPEN_READONLY | SQLITE_OPEN_URI
                                                    : SQLite::OPEN_READONLY;
    const std::string name = mode == Db::Mode::immutable ? immutable_uri(path) : path;
    try {
        return std::make_unique<SQLite::Database>(name, flags, busy_timeout_ms, vfs);
    } catch (const SQLite::Exception& error) {
        throw SqlError(error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode(),
                       path + ": " + error.what());
    }
}

// Durability is read back: a file system without shared memory keeps another journal mode silently.
void make_durable(Db& db) {
    const auto mode = db.value<std::string>("PRAGMA journal_mode=WAL");
    if (mode != "wal") throw SqlError(SQLITE_CANTOPEN, "journal mode is " + mode.value_or("none") + ", not wal");
    db.exec("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
    constexpr std::int64_t full = 2;
    if (db.value<std::int64_t>("PRAGMA synchronous") != full) throw SqlError(SQLITE_CANTOPEN, "synchronous is not full");
    if (db.value<std::int64_t>("PRAGMA foreign_keys") != 1) throw SqlError(SQLITE_CANTOPEN, "foreign keys are off");
    // A process that ended between the write of a commit and its sync left a commit that is only in the
    // system's cache. It is found now, and answers will be given by it, so it is made to last first.
    try {
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (const SqlError& error) {
        // The log is synced before its pages are copied, so it lasts; a full disk must still be opened.
        if (!error.disk_full()) throw;
    }
}

}  // namespace

Db::Db(const std::string& path, Mode mode, const std::string& vfs)
    : impl_(std::make_unique<Impl>(open_file(path, mode, vfs))) {
    sqlite3* const handle = impl_->handle();
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    exec("PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY");
    if (mode == Mode::writer) make_durable(*this);
    else exec("PRAGMA query_only=ON");
    // To undo must not need memory that is not there any more.
    for (const char* undo : {"ROLLBACK", "ROLLBACK TO job", "RELEASE job"}) prepare(undo);
}

Db::~Db() = default;

void Db::exec(std::string_view sql) {
    const int code = sqlite3_exec(impl_->handle(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(impl_->handle(), code, sql);
}

void Db::stop_when(const std::atomic<bool>& stop) {
    constexpr int steps = 1000;
    const auto asked = [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; };
    sqlite3_progress_handler(impl_->handle(), steps, asked, const_cast<std::atomic<bool>*>(&stop));
}

std::int64_t Db::changes() const { return sqlite3_changes64(impl_->handle()); }
std::int64_t Db::last_insert_rowid() const { return sqlite3_last_insert_rowid(impl_->handle()); }
bool Db::in_transaction() const { return sqlite3_get_autocommit(impl_->handle()) == 0; }

std::string Db::path() const {
    const char* name = sqlite3_db_filename(impl_->handle(), "main");
    return name != nullptr ? name : "";
}

std::unique_ptr<Db> Db::another_reader() const {
    sqlite3_vfs* vfs = nullptr;
    sqlite3_file_control(impl_->handle(), "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
    return std::make_unique<Db>(path(), Mode::reader, vfs != nullptr ? vfs->zName : "");
}

Statement Db::prepare(std::string_view sql) { return Statement{impl_->take(sql)}; }

}  // namespace obol::sql
