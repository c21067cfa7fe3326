#pragma once

#include <memory>
#include <string>

#include "sync/sql/db.hpp"

namespace obol::ledger {

inline constexpr int ledger_application_id = 0x4F424C4C;  // "OBLL"

// The ledger's one writing connection: creates the file if missing, brings the schema up to date
// and names the first generation. Fault database_damaged | schema_too_new, naming the file.
Result<std::unique_ptr<sql::Db>> open_ledger(const std::string& path, const std::string& vfs = "");

// Nothing was ever imported, enrolled or allowed into it.
bool is_empty(sql::Db& db);

}  // namespace obol::ledger
