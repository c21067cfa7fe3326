#pragma once
// The pieces that messages share, each written and read in one place. Private to sync/wire.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/wire/json.hpp"
#include "sync/wire/json_writer.hpp"
#include "sync/wire/messages.hpp"

namespace obol::wire {

// Limits of what a peer may send, so that no decoder buys unbounded work.
inline constexpr std::size_t most_lines =
    100'000;  // of a grant: a placement has its own, lower cap
inline constexpr std::size_t most_grants = 10'000;
inline constexpr std::size_t most_facts = 2'000'000;
inline constexpr std::size_t longest_blob = 8 << 20;  // base64 of one entry or fact
inline constexpr std::size_t longest_subject = 160;

// {"seq": int, "hash": hex}
void write(JsonWriter& out, std::string_view key, const journal::Head& head);
journal::Head read_head(ObjectReader& in, std::string_view key, JsonFaults& faults);

void write_hash(JsonWriter& out, std::string_view key, const journal::Hash& hash);
journal::Hash read_hash(ObjectReader& in, std::string_view key);

void write_bytes(JsonWriter& out, std::string_view key, ByteView bytes);  // base64
Bytes read_bytes(ObjectReader& in, std::string_view key, std::size_t least, std::size_t most);

void write_instant(JsonWriter& out, std::string_view key, Instant at);
Instant read_instant(ObjectReader& in, std::string_view key);
std::optional<Instant> read_optional_instant(ObjectReader& in, std::string_view key);

void write_status(JsonWriter& out, HolderStatus status);
HolderStatus read_status(ObjectReader& in);

Currency read_currency(ObjectReader& in, std::string_view key);
std::string read_subject(ObjectReader& in);

// A document as base64 of its canonical bytes.
void write_document(JsonWriter& out, std::string_view key, const journal::Map& map);
std::optional<journal::Map> read_document(ObjectReader& in, std::string_view key);

void write(JsonWriter& out, const std::vector<Grant>& grants);
std::vector<Grant> read_grants(ObjectReader& in, JsonFaults& faults);
void write(JsonWriter& out, const std::vector<Fact>& facts);
std::vector<Fact> read_facts(ObjectReader& in, JsonFaults& faults);
void write(JsonWriter& out, const std::vector<Balance>& balances);
std::vector<Balance> read_balances(ObjectReader& in, JsonFaults& faults);

std::int64_t read_count(ObjectReader& in, std::string_view key);  // 0 to 2^53-1
Amount read_amount(ObjectReader& in, std::string_view key);       // either sign

// `version`: in which the message took the form that is written.
inline JsonWriter begin_message(int version = 1) {
    JsonWriter out;
    out.begin_object().member("v", std::int64_t{version});
    return out;
}
// Forms from `least` to `most` are known; returns which one this is.
int read_version(ObjectReader& in, int least = 1, int most = 1);
void write(JsonWriter& out, const Versions& versions);
Versions read_versions(ObjectReader& in, JsonFaults& faults);
inline constexpr std::size_t longest_pem = 64 << 10;

// "malformed_message: /entries/3: not base64; /x: unknown member"
Fault malformed(const JsonFaults& faults);

// The one way from text to a message: `read` takes the members, what it leaves is unknown.
template <class Message>
Result<Message> decode_with(std::string_view json,
                            void (*read)(ObjectReader&, Message&, JsonFaults&)) {
    auto parsed = parse_json(json);
    if (const auto* faults = std::get_if<JsonFaults>(&parsed)) return malformed(*faults);
    JsonFaults faults;
    ObjectReader in(std::get<Json>(parsed), "", faults);
    Message message;
    read(in, message, faults);
    in.done();
    if (!faults.empty()) return malformed(faults);
    return message;
}

}  // namespace obol::wire
