#pragma once
// Private to this folder: the connection and its prepared statements.

#include <sqlite3.h>

#include <SQLiteCpp/Database.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sync/sql/db.hpp"

namespace obol::sql {

[[noreturn]] void fail(sqlite3* db, int code, std::string_view what);

// One prepared statement; `in_use` while a Statement looks at it.
struct Slot {
    sqlite3_stmt* stmt = nullptr;
    bool in_use = false;

    Slot() = default;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { sqlite3_finalize(stmt); }
};

struct TextHash {
    using is_transparent = void;
    // Texts are long, and those of one length differ where they begin or end.
    std::size_t operator()(std::string_view text) const {
        constexpr std::size_t part = 24;
        const std::hash<std::string_view> hash;
        if (text.size() <= 2 * part) return hash(text);
        return hash(text.substr(0, part)) * 31 + hash(text.substr(text.size() - part)) * 7 + text.size();
    }
};

struct Db::Impl {
    explicit Impl(std::unique_ptr<SQLite::Database> opened) : database(std::move(opened)) {}

    sqlite3* handle() const { return database->getHandle(); }
    // A free statement of this text; another is prepared when all are in use (a query within the rows
    // of the same query).
    Slot* take(std::string_view sql);

    std::unique_ptr<SQLite::Database> database;  // before the statements: they are finalised first
    std::unordered_map<std::string, std::deque<Slot>, TextHash, std::equal_to<>> statements;
};

}  // namespace obol::sql
