#include "sync/sql/db.hpp"

#include <sqlite3.h>

namespace obol::sql {

namespace {

// A rollback in a destructor must not throw. What it fails to undo, SQLite has undone itself (it does so
// on a full disk), or the connection is beyond use and the next statement says it.
bool quietly(Db& db, std::string_view sql) noexcept {
    try {
        if (db.in_transaction()) db.run(sql);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

Txn::Txn(Db& db) : db_(db) { db_.run("BEGIN IMMEDIATE"); }

Txn::~Txn() {
    if (open_) quietly(db_, "ROLLBACK");
}

void Txn::commit() {
    db_.run("COMMIT");
    open_ = false;
}

ReadTxn::ReadTxn(Db& db) : db_(db), own_(!db.in_transaction()) {
    if (own_) db_.run("BEGIN DEFERRED");
}

ReadTxn::~ReadTxn() {
    if (own_) quietly(db_, "ROLLBACK");
}

Savepoint::Savepoint(Db& db) : db_(db) { db_.run("SAVEPOINT job"); }

// What cannot be undone alone must not be kept by the commit of the others.
Savepoint::~Savepoint() {
    if (!open_) return;
    if (!quietly(db_, "ROLLBACK TO job") || !quietly(db_, "RELEASE job")) quietly(db_, "ROLLBACK");
}

void Savepoint::undo() {
    db_.run("ROLLBACK TO job");
    db_.run("RELEASE job");
    open_ = false;
}

void Savepoint::release() {
    db_.run("RELEASE job");
    open_ = false;
}

}  // namespace obol::sql
