#include "sync/core/ensure.hpp"
#include "sync/sql/statement_cache.hpp"

namespace obol::sql {

namespace {

Slot& slot_of(void* handle) {
    ENSURE(handle != nullptr);
    return *static_cast<Slot*>(handle);
}

sqlite3_stmt* stmt_of(void* handle) { return slot_of(handle).stmt; }

// SQLite gives no value when it has no memory for it, as it does for NULL; the one is not the other.
void must_be_there(sqlite3_stmt* stmt, const void* data) {
    sqlite3* const db = sqlite3_db_handle(stmt);
    if (data == nullptr && sqlite3_errcode(db) == SQLITE_NOMEM) fail(db, SQLITE_NOMEM, sqlite3_sql(stmt));
}

void check(void* handle, int code) {
    if (code == SQLITE_OK) return;
    sqlite3_stmt* const stmt = stmt_of(handle);
    fail(sqlite3_db_handle(stmt), code, sqlite3_sql(stmt));
}

}  // namespace

Slot* Db::Impl::take(std::string_view sql) {
    auto found = statements.find(sql);
    if (found == statements.end()) found = statements.try_emplace(std::string(sql)).first;
    for (Slot& slot : found->second) {
        if (slot.in_use) continue;
        slot.in_use = true;
        return &slot;
    }
    Slot& slot = found->second.emplace_back();
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(handle(), found->first.data(), static_cast<int>(found->first.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &slot.stmt, &rest);
    if (code != SQLITE_OK) {
        found->second.pop_back();
        fail(handle(), code, sql);
    }
    ENSURE(slot.stmt != nullptr && *rest == '\0');  // one statement, nothing after it
    slot.in_use = true;
    return &slot;
}

Statement::~Statement() {
    if (handle_ == nullptr) return;
    Slot& slot = slot_of(handle_);
    sqlite3_reset(slot.stmt);  // repeats the error of the last step, which was thrown already
    sqlite3_clear_bindings(slot.stmt);
    slot.in_use = false;
}

Statement& Statement::bind(int index, std::nullptr_t) {
    check(handle_, sqlite3_bind_null(stmt_of(handle_), index));
    return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
    check(handle_, sqlite3_bind_int64(stmt_of(handle_), index, value));
    return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
    const char* data = value.data() != nullptr ? value.data() : "";  // a null pointer would bind NULL
    check(handle_, sqlite3_bind_text64(stmt_of(handle_), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int index, ByteView value) {
    const void* data = value.data() != nullptr ? static_cast<const void*>(value.data()) : "";
    check(handle_, sqlite3_bind_blob64(stmt_of(handle_), index, data, value.size(), SQLITE_TRANSIENT));
    return *this;
}

bool Statement::step() {
    sqlite3_stmt* const stmt = stmt_of(handle_);
    const int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fail(sqlite3_db_handle(stmt), code, sqlite3_sql(stmt));
}

bool Statement::null(int column) const { return sqlite3_column_type(stmt_of(handle_), column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(stmt_of(handle_), column); }

std::string_view Statement::text_view(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(stmt_of(handle_), column));
    must_be_there(stmt_of(handle_), data);
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_of(handle_), column))};
}

std::string Statement::text(int column) const { return std::string(text_view(column)); }

ByteView Statement::blob_view(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(stmt_of(handle_), column));
    must_be_there(stmt_of(handle_), data);
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_of(handle_), column))};
}

Bytes Statement::blob(int column) const {
    const ByteView view = blob_view(column);
    return {view.begin(), view.end()};
}

int Statement::columns() const { return sqlite3_column_count(stmt_of(handle_)); }
std::string Statement::column_name(int column) const { return sqlite3_column_name(stmt_of(handle_), column); }

}  // namespace obol::sql
