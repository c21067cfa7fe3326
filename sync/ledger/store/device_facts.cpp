#include "sync/ledger/store/device_facts.hpp"

#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {
namespace {

bool tell(Books& books, const HolderRow& holder) {
    const journal::Map body{
        {"id", holder.h.text},
        {"business", holder.business.text},
        {"venue", holder.venue.text},
        {"name", holder.name},
        {"public_key", holder.public_key},
        {"state", wire::name_of(holder.revoked ? wire::HolderStatus::revoked : holder.status)}};
    return books.put_fact("device", holder.h.text, holder.business, body);
}

}  // namespace

void tell_device(Books& books, const DeviceId& device) {
    if (const auto row = holder(books.db(), device.text)) tell(books, *row);
}

bool tell_devices(Books& books) {
    std::vector<std::string> all;
    books.db().each("SELECT h FROM holder ORDER BY h", [&](sql::Statement& row) { all.push_back(row.text(0)); });
    bool told = false;
    for (const std::string& h : all) {
        if (const auto row = holder(books.db(), h)) told = tell(books, *row) || told;
    }
    return told;
}

}  // namespace obol::ledger
