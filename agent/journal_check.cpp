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

std::string_view next_line(std::string_view& rest) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return line;
}

struct Header {
    DeviceId device;
    Bytes public_key;
    std::string venue;
};

Result<Header> header_from(std::string_view line) {
    const Json json = parse(line);
    if (text_of(json, "format") != journal_format) {
        return Fault{"malformed_export", "line 1 is no header of " + std::string(journal_format)};
    }
    const Result<Bytes> key = from_hex(text_of(json, "public_key").value_or(""));
    if (!key) return Fault{"malformed_export", "line 1 has no public_key"};
    return Header{DeviceId{text_of(json, "device").value_or("")}, *key, text_of(json, "venue").value_or("")};
}

Result<void> check_trailer(const Json& json, const journal::Head& head) {
    const Json& stated = json["head"];
    const bool same = stated.is_object() && stated.contains("seq") && stated["seq"].is_number_integer() &&
                      stated["seq"].get<std::int64_t>() == head.seq &&
                      text_of(stated, "hash") == to_hex(head.hash);
    if (same) return {};
    return Fault{"head_differs", "the trailer names another head than entry " + std::to_string(head.seq)};
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

Result<JournalCheck> JournalCheck::start(const DeviceId& device, const Bytes& public_key) {
    if (crypto::device_id_of(public_key) != device.text) {
        return Fault{"wrong_key", "the public key is not the one that device " + device.text + " is named by"};
    }
    return JournalCheck(device, public_key);
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

Result<ExportSummary> check_export(std::string_view ndjson) {
    std::string_view rest = ndjson;
    const Result<Header> header = header_from(next_line(rest));
    if (!header) return header.error();
    Result<JournalCheck> check = JournalCheck::start(header->device, header->public_key);
    if (!check) return check.error();

    bool ended = false;
    for (std::int64_t number = 2; !rest.empty(); ++number) {
        const std::string_view line = next_line(rest);
        const Json json = parse(line);
        if (ended) return Fault{"malformed_export", "line " + std::to_string(number) + " follows the trailer"};
        if (json.is_object() && json.contains("head")) {
            if (const auto same = check_trailer(json, check->head()); !same) return same.error();
            ended = true;
            continue;
        }
        const Result<ListedEntry> entry = listed_entry_from(line);
        if (!entry) return Fault{entry.error().code, "line " + std::to_string(number) + ": " + entry.error().detail};
        if (const auto added = check->add(*entry); !added) return added.error();
    }
    if (!ended) return Fault{"cut_short", "the export ends after entry " + std::to_string(check->head().seq) +
                                              " without a trailer"};
    if (const auto done = check->finish(); !done) return done.error();
    return ExportSummary{header->device.text, header->venue, check->head(), check->signatures()};
}

}  // namespace obol::agent
