#include "agent/store/known_devices.hpp"

#include "agent/store/documents.hpp"

namespace obol::agent {

std::optional<KnownDevice> known_device(const journal::Map& body) {
    KnownDevice out;
    out.id = DeviceId{documents::text(body, "id")};
    out.business = BusinessId{documents::text(body, "business")};
    out.venue = VenueId{documents::text(body, "venue")};
    out.name = documents::text(body, "name");
    out.state = documents::text(body, "state");
    const auto key = body.find("public_key");
    if (key == body.end() || key->second.bytes() == nullptr || out.state.empty()) return std::nullopt;
    out.public_key = *key->second.bytes();
    if (out.public_key.size() != 32 || crypto::device_id_of(out.public_key) != out.id.text) return std::nullopt;
    return out;
}

std::vector<KnownDevice> devices_with_key(sql::Db& db, const journal::KeyId& key) {
    const std::string first = to_hex(key), behind = first + "g";  // 'g' follows all hexadecimal digits
    std::vector<KnownDevice> out;
    db.each(
        "SELECT body FROM fact WHERE kind = 'device' AND id >= ? AND id < ?",
        [&out](sql::Statement& row) {
            if (auto device = known_device(documents::map_of(row.blob(0)))) out.push_back(std::move(*device));
        },
        first, behind);
    return out;
}

}  // namespace obol::agent
