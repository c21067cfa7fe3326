#include "agent/credentials.hpp"

#include <nlohmann/json.hpp>

#include "sync/host/system.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

namespace {

constexpr unsigned owner_only = 0600;

Fault damaged(const std::string& path, const std::string& what) {
    return {"credential_damaged", path + ": " + what};
}

Result<std::string> read_credential(const std::string& directory, std::string_view name) {
    const std::string path = directory + "/" + std::string(name);
    if (!host::file_exists(path)) {
        return Fault{"credential_missing", path + " is missing; enrol this device, or put the file back"};
    }
    Result<std::string> text = host::read_file(path);
    if (!text) return damaged(path, text.error().detail);
    return std::move(*text);
}

Result<Bytes> read_key32(const std::string& directory, std::string_view name) {
    const Result<std::string> text = read_credential(directory, name);
    if (!text) return text.error();
    const std::string_view hex = std::string_view(*text).substr(0, text->find_last_not_of(" \r\n\t") + 1);
    Result<Bytes> bytes = from_hex(hex);
    if (!bytes || bytes->size() != 32) return damaged(directory + "/" + std::string(name), "32 bytes in hex are expected");
    return std::move(*bytes);
}

Result<void> read_enrolment(const std::string& directory, Here& here, std::string& sync_url) {
    const Result<std::string> text = read_credential(directory, "enrolment.json");
    if (!text) return text.error();
    const std::variant<wire::Json, wire::JsonFaults> parsed = wire::parse_json(*text);
    wire::JsonFaults faults;
    if (const auto* json = std::get_if<wire::Json>(&parsed)) {
        wire::ObjectReader reader(*json, "", faults);
        here.venue = VenueId{reader.required_id("venue")};
        here.business = BusinessId{reader.required_id("business")};
        here.device_name = reader.required_text("device_name", 1, 32);
        sync_url = reader.required_text("sync_url", 1, 1024);
        reader.done();
    } else {
        faults = std::get<wire::JsonFaults>(parsed);
    }
    if (faults.empty()) return {};
    return damaged(directory + "/enrolment.json", faults.front().pointer + " " + faults.front().detail);
}

}  // namespace

Result<Credentials> load_credentials(const std::string& directory) {
    const Result<std::string> pem = read_credential(directory, "device.pem");
    if (!pem) return pem.error();
    Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(Secret(*pem));
    if (!key) return damaged(directory + "/device.pem", key.error().detail);

    Credentials out{std::move(*key), {}, {}, {}, {}, {}, {}};
    for (const auto& [name, into] : {std::pair{"device.crt", &out.certificate}, std::pair{"ca.pem", &out.ca}}) {
        Result<std::string> text = read_credential(directory, name);
        if (!text) return text.error();
        *into = std::move(*text);
    }
    for (const auto& [name, into] : {std::pair{"cache.key", &out.cache_key}, std::pair{"fingerprint.key", &out.fingerprint_key}}) {
        Result<Bytes> bytes = read_key32(directory, name);
        if (!bytes) return bytes.error();
        *into = std::move(*bytes);
    }
    if (const Result<void> read = read_enrolment(directory, out.here, out.sync_url); !read) return read.error();

    const Result<crypto::Identity> identity = crypto::read_identity(out.certificate);
    if (!identity) return damaged(directory + "/device.crt", identity.error().detail);
    if (identity->device != crypto::device_id_of(out.key.public_key())) {
        return damaged(directory + "/device.crt", "the certificate belongs to another key than device.pem");
    }
    return out;
}

bool is_enrolled(const std::string& directory) { return host::file_exists(directory + "/device.crt"); }

Result<void> save_credentials(const std::string& directory, const crypto::SigningKey& key,
                              const wire::Enrolled& enrolled, Random& random) {
    if (const Result<void> made = host::make_directories(directory, 0700); !made) return made;
    nlohmann::ordered_json enrolment;
    enrolment["venue"] = enrolled.venue.text;
    enrolment["business"] = enrolled.business.text;
    enrolment["device_name"] = enrolled.device_name;
    enrolment["sync_url"] = enrolled.sync_url;

    const std::vector<std::pair<std::string_view, Secret>> files{
        {"device.pem", key.to_pem()},
        {"ca.pem", Secret(enrolled.ca)},
        {"cache.key", Secret(to_hex(enrolled.cache_key) + "\n")},
        {"fingerprint.key", Secret(to_hex(crypto::make_key(random)) + "\n")},
        {"enrolment.json", Secret(enrolment.dump(2) + "\n")},
        {"device.crt", Secret(enrolled.certificate)},
    };
    for (const auto& [name, content] : files) {
        const std::string path = directory + "/" + std::string(name);
        if (const auto done = host::write_file_atomically(path, content.reveal(), owner_only); !done) return done;
    }
    return {};
}

}  // namespace obol::agent
