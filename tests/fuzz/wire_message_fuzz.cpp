// A message of the other end: the strict JSON decoder, and what reads messages of its tree.

#include <cstdint>
#include <string_view>

#include "sync/core/ensure.hpp"
#include "sync/wire/json.hpp"
#include "sync/wire/messages.hpp"
#include "sync/wire/messages_compare.hpp"

using namespace obol;

namespace {

// What is read is written so that it is read the same.
template <class Message>
void check(std::string_view text) {
    const Result<Message> got = wire::decode<Message>(text);
    if (!got) return;
    const std::string said = wire::encode(*got);
    const Result<Message> again = wire::decode<Message>(said);
    ENSURE(again);
    ENSURE(wire::encode(*again) == said);
}

void check_tree(std::string_view text) {
    const auto parsed = wire::parse_json(text);
    if (const auto* const faults = std::get_if<wire::JsonFaults>(&parsed)) {
        ENSURE(!faults->empty() && faults->size() <= wire::most_json_faults);
        return;
    }
    const std::string canonical = wire::canonical_text(std::get<wire::Json>(parsed));
    const auto again = wire::parse_json(canonical);
    ENSURE(std::holds_alternative<wire::Json>(again));
    ENSURE(wire::canonical_text(std::get<wire::Json>(again)) == canonical);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_tree(text);
    check<wire::Hello>(text);
    check<wire::Welcome>(text);
    check<wire::Push>(text);
    check<wire::Receipt>(text);
    check<wire::FeedAsk>(text);
    check<wire::Page>(text);
    check<wire::SnapshotPage>(text);
    check<wire::PassAsk>(text);
    check<wire::PassAnswer>(text);
    check<wire::PurchaseAsk>(text);
    check<wire::PurchaseAnswer>(text);
    check<wire::Enrol>(text);
    check<wire::CompareAsk>(text);
    return 0;
}
