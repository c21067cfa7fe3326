#include "agent/store/documents.hpp"

#include <charconv>
#include <stdexcept>

namespace obol::agent::documents {

using journal::Map;
using journal::Value;

namespace {

const Value* member(const Map& body, std::string_view key) {
    const auto found = body.find(key);
    return found == body.end() || found->second.is_null() ? nullptr : &found->second;
}

// "04:00" → 240
std::optional<int> minute_of_day(std::string_view text) {
    int hour = 0, minute = 0;
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    if (std::from_chars(text.data(), text.data() + 2, hour).ptr != text.data() + 2) return std::nullopt;
    if (std::from_chars(text.data() + 3, text.data() + 5, minute).ptr != text.data() + 5) return std::nullopt;
    if (hour > 23 || minute > 59) return std::nullopt;
    return hour * 60 + minute;
}

// One that cannot be read allows nothing.
std::optional<Allowance> allowance(const Map& body) {
    const Value* value = member(body, "allowance");
    if (value == nullptr) return std::nullopt;
    const Result<Allowance> read = journal::allowance_from(*value);
    return read ? *read : Allowance{};
}

}  // namespace

std::string text(const Map& body, std::string_view key) {
    const Value* value = member(body, key);
    const std::string* found = value != nullptr ? value->text() : nullptr;
    return found != nullptr ? *found : std::string{};
}

std::optional<std::int64_t> integer(const Map& body, std::string_view key) {
    const Value* value = member(body, key);
    const std::int64_t* found = value != nullptr ? value->integer() : nullptr;
    return found != nullptr ? std::optional(*found) : std::nullopt;
}

bool flag(const Map& body, std::string_view key) {
    const Value* value = member(body, key);
    const bool* found = value != nullptr ? value->boolean() : nullptr;
    return found != nullptr && *found;
}

std::optional<Instant> instant(const Map& body, std::string_view key) {
    const auto ms = integer(body, key);
    return ms ? std::optional(from_millis(*ms)) : std::nullopt;
}

Map map_of(ByteView stored) {
    Result<Value> value = journal::decode(stored);
    if (!value || value->map() == nullptr) throw std::runtime_error("the fact cache is damaged");
    return std::move(*value->map());
}

std::optional<Business> business(const Map& body) {
    Business out;
    out.id = BusinessId{text(body, "id")};
    out.name = text(body, "name");
    out.zone = text(body, "zone");
    const Result<Currency> currency = Currency::parse(text(body, "currency"));
    if (out.id.empty() || out.zone.empty() || !currency) return std::nullopt;
    out.currency = *currency;
    if (const std::string at = text(body, "cutoff"); !at.empty()) {
        const auto minute = minute_of_day(at);
        if (!minute) return std::nullopt;
        out.cutoff_minute = *minute;
    }
    if (const std::string period = text(body, "refund_grace"); !period.empty()) {
        const Result<Period> grace = parse_period(period);
        if (!grace) return std::nullopt;
        out.refund_grace = *grace;
    }
    if (const auto above = integer(body, "manager_above")) out.manager_above = Amount{*above};
    if (const std::string proof = text(body, "wallet_proof"); !proof.empty()) out.wallet_proof = proof;
    if (const std::string undo = text(body, "award_undo"); !undo.empty()) {
        const std::optional<AwardUndo> policy = award_undo_named(undo);
        if (!policy) return std::nullopt;
        out.award_undo = *policy;
    }
    const std::optional<Allowance> stated = allowance(body);
    if (stated) out.allowance = *stated;
    return out;
}

std::optional<Venue> venue(const Map& body) {
    Venue out{VenueId{text(body, "id")}, BusinessId{text(body, "business")}, text(body, "name"), text(body, "zone"), {}};
    if (out.id.empty() || out.business.empty() || out.zone.empty()) return std::nullopt;
    out.allowance = allowance(body);
    return out;
}

std::optional<Product> product(const Map& body) {
    Product out{text(body, "sku"), text(body, "name"), text(body, "brand"), text(body, "family"), text(body, "type")};
    if (out.sku.empty()) return std::nullopt;
    return out;
}

std::optional<PassBody> pass(const Map& body) {
    PassBody out;
    const auto state = pass_state_named(text(body, "state"));
    const auto value = integer(body, "value");
    if (!state || !value) return std::nullopt;
    out.pass.id = PassId{text(body, "id")};
    out.pass.plan = PlanId{text(body, "plan")};
    out.pass.state = *state;
    out.pass.value = Amount{*value};
    out.pass.redeem_by = instant(body, "redeem_by");
    out.pass.venue = VenueId{text(body, "venue")};
    out.pass.display = text(body, "display");
    out.pass.redeemed_at = instant(body, "redeemed_at");
    out.pass.redeemed_venue = VenueId{text(body, "redeemed_venue")};
    out.pin_verifier = text(body, "pin_verifier");
    out.pin_locked = flag(body, "pin_locked");
    out.wrong_pins = static_cast<int>(integer(body, "wrong_pins").value_or(0));
    if (out.pass.id.empty() || out.pass.plan.empty()) return std::nullopt;
    return out;
}

std::optional<WalletBody> wallet(const Map& body) {
    const Value* inner = member(body, "wallet");
    if (inner == nullptr) return std::nullopt;
    const Result<Wallet> read = journal::wallet_from(*inner);
    if (!read) return std::nullopt;
    return WalletBody{*read, text(body, "pin_verifier"), flag(body, "pin_locked")};
}

}  // namespace obol::agent::documents
