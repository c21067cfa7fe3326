#pragma once
// SQLite behind a small door. The only folder that includes SQLiteCpp and sqlite3.h.
//
// One connection per file writes and checkpoints; every other is opened read-only with mmap_size=0
// (DESIGN section 4). Strings and blobs are bound, never spliced.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <array>
#include <tuple>
#include <utility>
#include <variant>
#include <type_traits>
#include <vector>

#include "sync/core/bytes.hpp"
#include "sync/core/result.hpp"

namespace obol::sql {

// Disk, corruption, constraint that our code should have kept: not foreseen, so an exception.
class SqlError : public std::runtime_error {
public:
    SqlError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
    int code() const { return code_; }  // SQLite's extended result code
    bool disk_full() const;
    bool constraint() const;
    bool damaged() const;  // corrupt, or no database at all

private:
    int code_;
};

// A column or parameter.
using Cell = std::variant<std::monostate, std::int64_t, std::string, Bytes>;

class Statement;

class Db {
public:
    enum class Mode { writer, reader, immutable };
    // Writer: creates the file if missing, WAL, synchronous=FULL (both read back and asserted),
    // foreign_keys=ON, trusted_schema=OFF, cell_size_check=ON; a commit that an earlier process left lasts.
    // Immutable: a reader that takes no lock and makes no file, for a file that nobody writes to meanwhile and
    // that has no -wal beside it.
    // `vfs` names a registered SQLite VFS ("" = default): the storage port.
    Db(const std::string& path, Mode mode, const std::string& vfs = "");
    ~Db();
    Db(const Db&) = delete;
    Db& operator=(const Db&) = delete;

    // Prepared once per text and connection, then reused; returned reset and with no bindings.
    Statement prepare(std::string_view sql);
    void exec(std::string_view sql);  // no parameters, several statements allowed
    // What runs while `stop` is true ends with an SqlError; the flag must outlive this.
    void stop_when(const std::atomic<bool>& stop);
    std::int64_t changes() const;
    std::int64_t last_insert_rowid() const;
    bool in_transaction() const;
    std::string path() const;
    // Another connection to the same file, over the same VFS, that only reads.
    std::unique_ptr<Db> another_reader() const;
    // Binds all, steps to the end, returns changes().
    template <class... A>
    std::int64_t run(std::string_view sql, const A&... args);
    // First column of the first row, if any.
    template <class T, class... A>
    std::optional<T> value(std::string_view sql, const A&... args);
    // Calls row(Statement&) for each row.
    template <class Row, class... A>
    void each(std::string_view sql, Row&& row, const A&... args);

    struct Impl;
    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

// A view on a cached prepared statement; on destruction it is reset for the next user.
class Statement {
public:
    explicit Statement(void* handle) : handle_(handle) {}
    Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(int index, std::nullptr_t);
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view value);
    Statement& bind(int index, ByteView value);
    template <class T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, nullptr);
    }
    Statement& bind(int index, int value) { return bind(index, std::int64_t{value}); }
    Statement& bind(int index, bool value) { return bind(index, std::int64_t{value ? 1 : 0}); }
    Statement& bind(int index, const std::string& value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, const Bytes& value) { return bind(index, ByteView(value)); }
    template <std::size_t N>
    Statement& bind(int index, const std::array<std::uint8_t, N>& value) {
        return bind(index, ByteView(value));
    }
    template <class... A>
    Statement& bind_all(const A&... args) {
        int i = 0;
        (bind(++i, args), ...);
        return *this;
    }

    bool step();  // true: a row is there
    bool null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::string_view text_view(int column) const;  // until the next step
    Bytes blob(int column) const;
    ByteView blob_view(int column) const;
    int columns() const;
    std::string column_name(int column) const;

private:
    void* handle_;
};

// BEGIN IMMEDIATE … COMMIT; only the destructor rolls back, so no path can forget to.
class Txn {
public:
    explicit Txn(Db& db);
    ~Txn();
    Txn(const Txn&) = delete;
    Txn& operator=(const Txn&) = delete;
    Db& db() { return db_; }
    void commit();

private:
    Db& db_;
    bool open_ = true;
};

// A deferred read transaction: all reads within see one snapshot. Within another transaction it is part
// of that one.
class ReadTxn {
public:
    explicit ReadTxn(Db& db);
    ~ReadTxn();
    ReadTxn(const ReadTxn&) = delete;
    ReadTxn& operator=(const ReadTxn&) = delete;

private:
    Db& db_;
    bool own_;
};

class Savepoint {
public:
    explicit Savepoint(Db& db);
    ~Savepoint();  // rolls back to it unless released; where that fails, the whole transaction
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    void release();
    void undo();  // rolls back to it and says if that fails: then the transaction must not commit

private:
    Db& db_;
    bool open_ = true;
};

// Numbered migrations, never edited. `user_version` holds the last one applied; a newer database than
// the program knows is refused (Fault schema_too_new) and untouched. Each runs in one transaction.
struct Migration {
    int number;
    std::string_view sql;
};
Result<void> migrate(Db& db, std::span<const Migration> migrations, int application_id);

// Cheap checks at start: header, application_id, schema; Fault database_damaged naming the file. A new,
// empty file passes.
Result<void> check_header(Db& db, int application_id);

}  // namespace obol::sql

#include "sync/sql/db_inline.hpp"
