#pragma once
// Which businesses' facts a venue sees: its own, everybody's (''), and those of businesses whose
// pools name it or one of its venues (the B2B network).

#include <string>
#include <string_view>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/sql/db.hpp"

namespace obol::ledger {

// Works `sees` out anew from the pools. Facts that came into sight are announced again, since the
// cursors of their new viewers are already past them.
void refresh_network(sql::Db& db);

bool sees(sql::Db& db, const BusinessId& viewer, std::string_view business);
// Whose venues see a change of this business.
std::vector<std::string> viewers_of(sql::Db& db, std::string_view business);

}  // namespace obol::ledger
