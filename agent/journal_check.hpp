#pragma once
// Checks a chain from outside: every place, every link, every hash, every signature. It needs nothing
// but the entries and the device's public key, so an export can be checked on any machine.
//
//   entry  = {"seq", "kind", "at", "hash": hex, "body": base64, "signature"?: base64}
//
// One signature covers all entries before it; the last entry must carry one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/journal/entry.hpp"

namespace obol::agent {

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
    // Begins behind `after`, which is believed.
    static Result<JournalCheck> start(const DeviceId& device, const Bytes& public_key,
                                      const journal::Head& after = {});

    // The next entry. The Fault names what is wrong and where: chain_broken, malformed_entry, unbalanced,
    // hash_differs, other_device, signature_wrong, label_differs.
    Result<void> add(const ListedEntry& listed);
    // Fault unsigned_tail: entries after the last signature could have been made by anybody.
    Result<void> finish() const;

    const journal::Head& head() const { return head_; }
    std::int64_t signatures() const { return signatures_; }

private:
    JournalCheck(DeviceId device, Bytes public_key, const journal::Head& after)
        : device_(std::move(device)), public_key_(std::move(public_key)), head_(after), signed_to_(after.seq) {}

    DeviceId device_;
    Bytes public_key_;
    journal::Head head_;
    std::int64_t signed_to_;
    std::int64_t signatures_ = 0;
};

}  // namespace obol::agent
