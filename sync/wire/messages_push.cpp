// Hello, Welcome, Push, Receipt: where the two ends stand, and the journal on its way up.

#include <algorithm>

#include "sync/core/bytes.hpp"
#include "sync/wire/parts.hpp"

namespace obol::wire {

namespace {
constexpr std::size_t most_cas = 16;
}  // namespace

std::string encode(const Hello& hello) {
    JsonWriter out = begin_message(hello.speaks ? 2 : 1);
    write(out, "head", hello.head);
    out.member("acked_seq", hello.acked_seq).member("generation", hello.generation);
    if (hello.speaks) write(out, *hello.speaks);
    out.end_object();
    return out.take();
}

template <>
Result<Hello> decode<Hello>(std::string_view json) {
    return decode_with<Hello>(json, [](ObjectReader& in, Hello& hello, JsonFaults& faults) {
        const int version = read_version(in, 1, 2);
        hello.head = read_head(in, "head", faults);
        hello.acked_seq = read_count(in, "acked_seq");
        hello.generation = read_count(in, "generation");
        if (version >= 2) hello.speaks = read_versions(in, faults);
    });
}

std::string encode(const Welcome& welcome) {
    JsonWriter out = begin_message(welcome.speaks ? 2 : 1);
    out.member("generation", welcome.generation);
    write(out, "head", welcome.head);
    write_status(out, welcome.status);
    write_instant(out, "now", welcome.now);
    if (welcome.speaks) {
        write(out, *welcome.speaks);
        out.key("cas").begin_array();
        for (const std::string& ca : welcome.cas) out.text(ca);
        out.end_array();
    }
    out.end_object();
    return out.take();
}

template <>
Result<Welcome> decode<Welcome>(std::string_view json) {
    return decode_with<Welcome>(json, [](ObjectReader& in, Welcome& welcome, JsonFaults& faults) {
        const int version = read_version(in, 1, 2);
        welcome.generation = in.required_integer("generation", 1, largest_amount);
        welcome.head = read_head(in, "head", faults);
        welcome.status = read_status(in);
        welcome.now = read_instant(in, "now");
        if (version < 2) return;
        welcome.speaks = read_versions(in, faults);
        in.required_array("cas", 0, most_cas, [&](const Json& item, const std::string& at) {
            const auto* text = std::get_if<std::string>(&item.value);
            if (text != nullptr && text->size() == 64) return welcome.cas.push_back(*text);
            faults.push_back({at, "must be a fingerprint"});
        });
    });
}

std::string encode(const Push& push) {
    JsonWriter out = begin_message();
    out.member("from_seq", push.from_seq).key("entries").begin_array();
    for (const Bytes& entry : push.entries) out.text(to_base64(entry));
    out.end_array();
    write_bytes(out, "signature", push.signature);
    out.end_object();
    return out.take();
}

template <>
Result<Push> decode<Push>(std::string_view json) {
    return decode_with<Push>(json, [](ObjectReader& in, Push& push, JsonFaults& faults) {
        read_version(in);
        push.from_seq = in.required_integer("from_seq", 1, largest_amount);
        std::size_t bytes_left = most_bytes_a_push;
        in.required_array(
            "entries", 1, most_entries_a_push, [&](const Json& json_entry, const std::string& at) {
                const auto* text = std::get_if<std::string>(&json_entry.value);
                Result<Bytes> entry = text != nullptr ? from_base64(*text) : Fault{"not_text", ""};
                if (!entry || entry->empty()) {
                    faults.push_back({at, "must be base64"});
                    return;
                }
                if (entry->size() > bytes_left) {
                    faults.push_back({at, "is more than fits a push"});
                    return;
                }
                bytes_left -= entry->size();
                push.entries.push_back(std::move(*entry));
            });
        push.signature = read_bytes(in, "signature", 64, 64);
    });
}

std::string encode(const Receipt& receipt) {
    JsonWriter out = begin_message();
    write(out, "head", receipt.head);
    out.key("results").begin_array();
    for (const EntryResult result : receipt.results) out.text(name_of(result));
    out.end_array();
    write(out, receipt.grants);
    write_status(out, receipt.status);
    out.end_object();
    return out.take();
}

namespace {

std::optional<EntryResult> result_of(const Json& json) {
    const auto* text = std::get_if<std::string>(&json.value);
    for (const EntryResult result : {EntryResult::accepted, EntryResult::duplicate,
                                     EntryResult::accepted_with_exception, EntryResult::refused}) {
        if (text != nullptr && *text == name_of(result)) return result;
    }
    return std::nullopt;
}

}  // namespace

template <>
Result<Receipt> decode<Receipt>(std::string_view json) {
    return decode_with<Receipt>(json, [](ObjectReader& in, Receipt& receipt, JsonFaults& faults) {
        read_version(in);
        receipt.head = read_head(in, "head", faults);
        in.required_array("results", 0, most_entries_a_push,
                          [&](const Json& element, const std::string& at) {
                              const auto result = result_of(element);
                              if (!result) faults.push_back({at, "is not a result"});
                              receipt.results.push_back(result.value_or(EntryResult::refused));
                          });
        receipt.grants = read_grants(in, faults);
        receipt.status = read_status(in);
    });
}

}  // namespace obol::wire
