#include "agent/journal_check.hpp"

#include <nlohmann/json.hpp>

#include "sync/crypto/crypto.hpp"

namespace obol::agent {
namespace {

using Json = nlohmann::ordered_json;

Json parse(std::string_view text) { return Json::parse(text, nullptr, false); }

std::optional<std::string> text_of(const Json& json, const char* key) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return std::nullopt;
    return json[key].get<std::string>();
}

Fault at(std::int64_t seq, std::string code, const std::string& detail) {
    return Fault{std::move(code), "entry " + std::to_string(seq) + ": " + detail};
}

}  // namespace

Result<ListedEntry> listed_entry_from(std::string_view text) {
    const Json json = parse(text);
    const bool whole = json.is_object() && json.contains("seq") && json["seq"].is_number_integer();
    const auto body = text_of(json, "body");
    if (!whole || !body) return Fault{"malformed_export", "this is no entry"};
    ListedEntry entry;
    entry.seq = json["seq"].get<std::int64_t>();
    entry.kind = text_of(json, "kind").value_or("");
    entry.at = text_of(json, "at").value_or("");
    entry.hash = text_of(json, "hash").value_or("");
    entry.body = *body;
    entry.signature = text_of(json, "signature");
    return entry;
}

std::string to_line(const ListedEntry& entry) {
    Json json;
    json["seq"] = entry.seq;
    json["kind"] = entry.kind;
    json["at"] = entry.at;
    json["hash"] = entry.hash;
    json["body"] = entry.body;
    if (entry.signature) json["signature"] = *entry.signature;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<JournalCheck> JournalCheck::start(const DeviceId& device, const Bytes& public_key,
                                         const journal::Head& after) {
    constexpr std::size_t key_size = 32;
    if (public_key.size() != key_size || crypto::device_id_of(public_key) != device.text) {
        return Fault{"wrong_key", "the public key is not the one that device " + device.text + " is named by"};
    }
    return JournalCheck(device, public_key, after);
}

Result<void> JournalCheck::add(const ListedEntry& listed) {
    const std::int64_t seq = head_.seq + 1;
    if (listed.seq != seq) {
        return at(seq, "chain_broken", "is missing; " + std::to_string(listed.seq) + " stands in its place");
    }
    const Result<Bytes> body = from_base64(listed.body);
    if (!body) return at(seq, "malformed_entry", "the body is not base64");
    const Result<journal::Entry> entry = journal::follow(head_, *body);
    if (!entry) return at(seq, entry.error().code, entry.error().detail);
    if (entry->device != device_) return at(seq, "other_device", "was written by device " + entry->device.text);
    const journal::Hash hash = journal::hash_of(*body);
    if (listed.hash != to_hex(hash)) return at(seq, "hash_differs", "the hash stated is not that of the body");
    if (listed.kind != entry->kind || listed.at != to_rfc3339(entry->wall)) {
        return at(seq, "label_differs", "kind or moment stated is not that of the body");
    }
    head_ = {seq, hash};
    if (!listed.signature) return {};
    const Result<Bytes> signature = from_base64(*listed.signature);
    if (!signature || !crypto::verify(public_key_, journal::signed_text(device_, head_), *signature)) {
        return at(seq, "signature_wrong", "the signature is not of this device and this head");
    }
    signed_to_ = seq;
    ++signatures_;
    return {};
}

Result<void> JournalCheck::finish() const {
    if (signed_to_ == head_.seq) return {};
    return Fault{"unsigned_tail", "entries " + std::to_string(signed_to_ + 1) + " to " +
                                      std::to_string(head_.seq) + ": no signature covers them"};
}

}  // namespace obol::agent
