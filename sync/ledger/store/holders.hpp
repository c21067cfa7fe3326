#pragma once
// The devices that may hold authority, one row each, and the generation they have to have adopted.

#include <optional>
#include <string>
#include <string_view>

#include "sync/ledger/book/booking.hpp"
#include "sync/sql/db.hpp"
#include "sync/wire/messages.hpp"

namespace obol::ledger {

struct HolderRow {
    DeviceId h;
    VenueId venue;
    BusinessId business;
    std::string name;
    Bytes public_key;
    std::string certificate;  // PEM, the one that counts
    wire::HolderStatus status = wire::HolderStatus::active;
    journal::Head head;
    std::int64_t reported_generation = 0;
    bool revoked = false;  // the door is shut, whatever else the status says
};

std::optional<HolderRow> holder(sql::Db& db, std::string_view h);
void set_head(sql::Db& db, const DeviceId& h, const journal::Head& head);
void set_status(sql::Db& db, const DeviceId& h, wire::HolderStatus status);
void set_reported_generation(sql::Db& db, const DeviceId& h, std::int64_t generation);
void set_last_seen(sql::Db& db, const DeviceId& h, Instant at);

void set_revoked(sql::Db& db, const DeviceId& h);

wire::HolderStatus status_named(std::string_view name);
book::Standing standing_of(wire::HolderStatus status);

struct Era {
    std::int64_t generation = 1;
    bool recovery = false;  // no grants until it ends (L6, L8): store/recovery.hpp
};
Era era(sql::Db& db);

}  // namespace obol::ledger
