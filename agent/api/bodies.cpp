#include "agent/api/bodies.hpp"

#include "sync/domain/bounds.hpp"

namespace obol::agent {

void read_nothing(const wire::Json& body, wire::JsonFaults& faults) {
    wire::ObjectReader reader(body, "", faults);
    reader.done();
}

std::optional<Money> read_amount(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults) {
    if (!reader.has(key)) {
        reader.optional(key);  // null counts as absent
        return std::nullopt;
    }
    return read_required_amount(reader, key, faults);
}

Money read_required_amount(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults) {
    const wire::Json* json = reader.required(key);
    if (json == nullptr) return {};
    const std::string pointer = reader.pointer_of(key);
    if (const std::int64_t* bare = std::get_if<std::int64_t>(&json->value)) {
        if (*bare <= 0) faults.push_back({pointer, "more than zero"});
        if (*bare > largest_credit) faults.push_back({pointer, "at most " + std::to_string(largest_credit)});
        return {Amount{*bare}, Currency::none()};
    }
    if (!std::holds_alternative<wire::Json::Object>(json->value)) {
        faults.push_back({pointer, "minor units, or an object of amount and currency"});
        return {};
    }
    wire::ObjectReader money(*json, pointer, faults);
    const Amount amount{money.required_integer("amount", 1, largest_credit)};
    const std::string code = money.required_text("currency", 3, 3);
    money.done();
    const Result<Currency> currency = Currency::parse(code);
    if (!currency && !code.empty()) money.fault("currency", currency.error().detail);
    return {amount, currency ? *currency : Currency::none()};
}

std::string read_tender(wire::ObjectReader& reader) {
    static const std::vector<std::string_view> tenders{"cash", "card", "other"};
    return std::string(tenders[reader.required_word("tender", tenders)]);
}

std::string read_ticket(wire::ObjectReader& reader) { return reader.optional_text("ticket", 1, 64).value_or(""); }

Role read_role(wire::ObjectReader& reader) {
    static const std::vector<std::string_view> roles{"pos", "cashier", "manager"};
    return *role_named(roles[reader.required_word("role", roles)]);
}

net::Reply refuse_malformed(const wire::JsonFaults& faults) { return reply_of(malformed(faults)); }

}  // namespace obol::agent
