#pragma once
// The devices of the business as the centre tells them (facts of kind `device`): whose key signed a receipt.

#include <optional>
#include <string_view>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/journal/receipt_token.hpp"
#include "sync/sql/db.hpp"

namespace obol::agent {

struct KnownDevice {
    DeviceId id;
    BusinessId business;
    VenueId venue;
    std::string name;
    Bytes public_key;
    std::string state;  // active | quarantined | written_off | revoked
};

// nullopt: a member is missing, or the id is not that of the key.
std::optional<KnownDevice> known_device(const journal::Map& body);
// Those whose id begins so: one, unless somebody took great pains.
std::vector<KnownDevice> devices_with_key(sql::Db& db, const journal::KeyId& key);

}  // namespace obol::agent
