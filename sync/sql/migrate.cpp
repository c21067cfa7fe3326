#include <algorithm>

#include "sync/core/ensure.hpp"
#include "sync/sql/db.hpp"

namespace obol::sql {

namespace {

std::int64_t number(Db& db, std::string_view pragma) { return db.value<std::int64_t>(pragma).value(); }

bool is_new(Db& db) {
    return number(db, "PRAGMA application_id") == 0 && number(db, "PRAGMA user_version") == 0 &&
           number(db, "SELECT count(*) FROM sqlite_schema") == 0;
}

}  // namespace

Result<void> check_header(Db& db, int application_id) {
    try {
        if (is_new(db) || number(db, "PRAGMA application_id") == application_id) return {};
        return Fault{"database_damaged", db.path() + ": not a database of this program"};
    } catch (const SqlError& error) {
        return Fault{"database_damaged", db.path() + ": " + error.what()};
    }
}

Result<void> migrate(Db& db, std::span<const Migration> migrations, int application_id) {
    ENSURE(std::is_sorted(migrations.begin(), migrations.end(),
                          [](const Migration& a, const Migration& b) { return a.number < b.number; }));
    const Result<void> header = check_header(db, application_id);
    if (!header) return header;
    const std::int64_t at = number(db, "PRAGMA user_version");
    const int newest = migrations.empty() ? 0 : migrations.back().number;
    if (at > newest) {
        return Fault{"schema_too_new", db.path() + ": schema " + std::to_string(at) + ", this program knows " +
                                           std::to_string(newest)};
    }
    for (const Migration& migration : migrations) {
        if (migration.number <= at) continue;
        Txn txn{db};
        db.exec(migration.sql);
        // Pragmas take no parameters; these are numbers of our own.
        db.exec("PRAGMA application_id=" + std::to_string(application_id));
        db.exec("PRAGMA user_version=" + std::to_string(migration.number));
        txn.commit();
    }
    return {};
}

}  // namespace obol::sql
