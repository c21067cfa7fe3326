#pragma once
// Checks a chain from outside: every place, every link, every hash, every signature. It needs nothing
// but the entries and the device's public key, so an export can be checked on any machine.
//
//   export = NDJSON: header, one line an entry, trailer
//   header = {"format": "obol-journal/1", "device": hex, "public_key": hex, "venue": text}
//   entry  = {"seq", "kind", "at", "hash": hex, "body": base64, "signature"?: base64}
//   trailer = {"head": {"seq", "hash"}}
//
// One signature covers all entries before it; the last entry must carry one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/journal/entry.hpp"

namespace obol::agent {

inline constexpr std::string_view journal_format = "obol-journal/1";

struct ListedEntry {  // one item of GET /v1/journal or line of an export
    std::int64_t seq = 0;
    std::string kind{}, at{}, hash{}, body{};
    std::optional<std::string> signature{};
};
// Fault malformed_export.
Result<ListedEntry> listed_entry_from(std::string_view json);
std::string to_line(const ListedEntry& entry);

class JournalCheck {
public:
    // Fault wrong_key: the public key is not the one that the device is named by.
    static Result<JournalCheck> start(const DeviceId& device, const Bytes& public_key);

    // The next entry. The Fault names what is wrong and where: chain_broken, malformed_entry, unbalanced,
    // hash_differs, other_device, signature_wrong, label_differs.
    Result<void> add(const ListedEntry& listed);
    // Fault unsigned_tail: entries after the last signature could have been made by anybody.
    Result<void> finish() const;

    const journal::Head& head() const { return head_; }
    std::int64_t signatures() const { return signatures_; }

private:
    JournalCheck(DeviceId device, Bytes public_key)
        : device_(std::move(device)), public_key_(std::move(public_key)) {}

    DeviceId device_;
    Bytes public_key_;
    journal::Head head_{};
    std::int64_t signed_to_ = 0;
    std::int64_t signatures_ = 0;
};

// A whole export. The first fault ends it.
struct ExportSummary {
    std::string device{}, venue{};
    journal::Head head{};
    std::int64_t signatures = 0;
};
Result<ExportSummary> check_export(std::string_view ndjson);

}  // namespace obol::agent
