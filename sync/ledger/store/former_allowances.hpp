#pragma once
// An allowance that is lowered is still in force wherever nobody has heard of it: what a venue that is
// cut off may lose does not shrink by what the centre writes down.

#include <functional>
#include <map>

#include "sync/ledger/store/allowances.hpp"

namespace obol::ledger {

// The most that each device may spend at risk as the facts stand, written-off ones left out; none at zero.
std::map<DeviceId, Amount> risks_by_fact(Books& books);
// Does `change`, which may alter what a business or a venue says, and keeps what devices may go by that
// have not heard of it.
void keeping_former_allowances(Books& books, const std::function<void()>& change);
// The device has read the changes up to `cursor`. Is there anything to forget because of it?
bool has_former_allowance(sql::Db& db, const DeviceId& h, std::int64_t cursor);
void forget_former_allowances(sql::Db& db, const DeviceId& h, std::int64_t cursor);
// By a former allowance or the one of the facts, whichever is more.
Amount most_at_risk(Books& books, const HolderRow& row);
Amount most_by_former(sql::Db& db, const DeviceId& h);

}  // namespace obol::ledger
