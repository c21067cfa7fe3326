#include "sync/ledger/store/open.hpp"

#include <array>

#include "ledger_migrations_embedded.hpp"

namespace obol::ledger {

Result<std::unique_ptr<sql::Db>> open_ledger(const std::string& path, const std::string& vfs) {
    static const std::array migrations{
        sql::Migration{1, embedded::ledger_migrations::_001_first},
        sql::Migration{2, embedded::ledger_migrations::_002_offers},
        sql::Migration{3, embedded::ledger_migrations::_003_limits},
        sql::Migration{4, embedded::ledger_migrations::_004_passes},
        sql::Migration{5, embedded::ledger_migrations::_005_restore},
        sql::Migration{6, embedded::ledger_migrations::_006_allow},
        sql::Migration{7, embedded::ledger_migrations::_007_wire},
        sql::Migration{8, embedded::ledger_migrations::_008_compare},
        sql::Migration{9, embedded::ledger_migrations::_009_former_allowance}};
    try {
        auto db = std::make_unique<sql::Db>(path, sql::Db::Mode::writer, vfs);
        if (auto good = sql::check_header(*db, ledger_application_id); !good) return good.error();
        if (auto done = sql::migrate(*db, migrations, ledger_application_id); !done) {
            return done.error();
        }
        sql::Txn txn{*db};
        db->run(
            "INSERT OR IGNORE INTO meta (key, value) VALUES ('generation', 1), ('recovery', 0)");
        txn.commit();
        return db;
    } catch (const sql::SqlError& error) {
        return Fault{"database_damaged", path + ": " + error.what()};
    }
}

bool is_empty(sql::Db& db) {
    return !db.value<std::int64_t>("SELECT 1 WHERE EXISTS (SELECT 1 FROM fact) OR "
                                   "EXISTS (SELECT 1 FROM holder) OR EXISTS (SELECT 1 FROM admin_token)");
}

}  // namespace obol::ledger
