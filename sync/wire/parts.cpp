#include "sync/wire/parts.hpp"

#include <algorithm>

#include "sync/core/bytes.hpp"
#include "sync/domain/subject.hpp"

namespace obol::wire {
namespace {

constexpr std::array<std::string_view, 4> statuses{"active", "quarantined", "written_off",
                                                   "revoked"};
constexpr std::array<std::string_view, 4> results{"accepted", "duplicate",
                                                  "accepted_with_exception", "refused"};

void write_lines(JsonWriter& out, const std::vector<journal::AuthorityLine>& lines) {
    out.key("lines").begin_array();
    for (const auto& line : lines) {
        out.begin_object().member("subject", line.subject).member("amount", line.amount.minor);
        out.member("currency", line.currency.code()).end_object();
    }
    out.end_array();
}

journal::AuthorityLine read_line(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader in(json, pointer, faults);
    journal::AuthorityLine line;
    line.subject = read_subject(in);
    line.amount = Amount{in.required_integer("amount", 1, largest_amount)};
    line.currency = read_currency(in, "currency");
    in.done();
    return line;
}

}  // namespace

std::string_view name_of(HolderStatus status) { return statuses[static_cast<std::size_t>(status)]; }
std::string_view name_of(EntryResult result) { return results[static_cast<std::size_t>(result)]; }

void write_hash(JsonWriter& out, std::string_view key, const journal::Hash& hash) {
    out.member(key, to_hex(hash));
}

journal::Hash read_hash(ObjectReader& in, std::string_view key) {
    journal::Hash hash{};
    if (in.required(key) == nullptr) return hash;
    const auto text = in.optional_text(key, 64, 64);
    if (!text) return hash;
    const Result<Bytes> bytes = from_hex(*text);
    if (!bytes || bytes->size() != hash.size()) {
        in.fault(key, "must be 64 hexadecimal digits");
        return hash;
    }
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    return hash;
}

void write(JsonWriter& out, std::string_view key, const journal::Head& head) {
    out.key(key).begin_object().member("seq", head.seq);
    write_hash(out, "hash", head.hash);
    out.end_object();
}

journal::Head read_head(ObjectReader& in, std::string_view key, JsonFaults& faults) {
    journal::Head head;
    const Json* json = in.required(key);
    if (json == nullptr) return head;
    ObjectReader inner(*json, in.pointer_of(key), faults);
    head.seq = read_count(inner, "seq");
    head.hash = read_hash(inner, "hash");
    inner.done();
    return head;
}

void write_bytes(JsonWriter& out, std::string_view key, ByteView bytes) {
    out.member(key, to_base64(bytes));
}

Bytes read_bytes(ObjectReader& in, std::string_view key, std::size_t least, std::size_t most) {
    const Json* json = in.required(key);
    if (json == nullptr) return {};
    const auto* text = std::get_if<std::string>(&json->value);
    if (text == nullptr) {
        in.fault(key, "must be a string");
        return {};
    }
    Result<Bytes> bytes = text->size() <= longest_blob ? from_base64(*text) : Fault{"too_long", ""};
    if (!bytes) {
        in.fault(key, "must be base64");
        return {};
    }
    if (bytes->size() < least || bytes->size() > most) {
        in.fault(key, least == most ? "must be " + std::to_string(least) + " bytes"
                                    : "must be " + std::to_string(least) + " to " +
                                          std::to_string(most) + " bytes");
        return {};
    }
    return std::move(*bytes);
}

void write_instant(JsonWriter& out, std::string_view key, Instant at) {
    out.member(key, to_rfc3339(at));
}

std::optional<Instant> read_optional_instant(ObjectReader& in, std::string_view key) {
    const auto text = in.optional_text(key, 1, 40);
    if (!text) return std::nullopt;
    const Result<Instant> at = parse_rfc3339(*text);
    if (!at) {
        in.fault(key, "must be an RFC 3339 instant");
        return std::nullopt;
    }
    return *at;
}

Instant read_instant(ObjectReader& in, std::string_view key) {
    if (in.required(key) == nullptr) return {};
    return read_optional_instant(in, key).value_or(Instant{});
}

void write_status(JsonWriter& out, HolderStatus status) { out.member("status", name_of(status)); }

HolderStatus read_status(ObjectReader& in) {
    static const std::vector<std::string_view> words(statuses.begin(), statuses.end());
    return static_cast<HolderStatus>(in.required_word("status", words));
}

Currency read_currency(ObjectReader& in, std::string_view key) {
    const std::string code = in.required_text(key, 3, 3);
    if (code.empty() || code == Currency::none().code()) return Currency::none();
    const Result<Currency> currency = Currency::parse(code);
    if (!currency) in.fault(key, "must be an ISO 4217 code");
    return currency ? *currency : Currency::none();
}

std::string read_subject(ObjectReader& in) {
    std::string subject = in.required_text("subject", 1, longest_subject);
    if (!subject.empty() && !is_subject(subject)) in.fault("subject", "is not a subject");
    return subject;
}

void write_document(JsonWriter& out, std::string_view key, const journal::Map& map) {
    const Bytes bytes = journal::encode(journal::Value(map));
    write_bytes(out, key, bytes);
}

std::optional<journal::Map> read_document(ObjectReader& in, std::string_view key) {
    if (!in.has(key)) {
        in.optional(key);
        return std::nullopt;
    }
    const Bytes bytes = read_bytes(in, key, 1, longest_blob);
    if (bytes.empty()) return std::nullopt;
    Result<journal::Value> value = journal::decode(bytes);
    journal::Map* map = value ? value->map() : nullptr;
    if (map == nullptr) {
        in.fault(key, value ? "must hold a map" : value.error().detail);
        return std::nullopt;
    }
    return std::move(*map);
}

void write(JsonWriter& out, const std::vector<Grant>& grants) {
    out.key("grants").begin_array();
    for (const Grant& grant : grants) {
        out.begin_object().member("ask", grant.ask);
        write_hash(out, "ask_hash", grant.ask_hash);
        write_lines(out, grant.lines);
        if (grant.not_after) write_instant(out, "not_after", *grant.not_after);
        out.end_object();
    }
    out.end_array();
}

std::vector<Grant> read_grants(ObjectReader& in, JsonFaults& faults) {
    std::vector<Grant> grants;
    in.required_array("grants", 0, most_grants, [&](const Json& json, const std::string& pointer) {
        ObjectReader inner(json, pointer, faults);
        Grant grant;
        grant.ask = inner.required_integer("ask", 1, largest_amount);
        grant.ask_hash = read_hash(inner, "ask_hash");
        inner.required_array("lines", 0, most_lines, [&](const Json& line, const std::string& at) {
            grant.lines.push_back(read_line(line, at, faults));
        });
        grant.not_after = read_optional_instant(inner, "not_after");
        inner.done();
        grants.push_back(std::move(grant));
    });
    return grants;
}

void write(JsonWriter& out, const std::vector<Fact>& facts) {
    out.key("facts").begin_array();
    for (const Fact& fact : facts) {
        out.begin_object().member("kind", fact.kind).member("id", fact.id);
        if (fact.gone) {
            out.flag("gone", true);
        } else {
            write_document(out, "body", fact.body);
        }
        out.end_object();
    }
    out.end_array();
}

std::vector<Fact> read_facts(ObjectReader& in, JsonFaults& faults) {
    std::vector<Fact> facts;
    in.required_array("facts", 0, most_facts, [&](const Json& json, const std::string& pointer) {
        ObjectReader inner(json, pointer, faults);
        Fact fact;
        fact.kind = inner.required_text("kind", 1, 32);
        fact.id = inner.required_text("id", 1, 256);
        fact.gone = inner.optional_bool("gone").value_or(false);
        if (fact.gone == inner.has("body")) {
            inner.fault("body", fact.gone ? "must be absent where gone is true" : "is missing");
        }
        fact.body = read_document(inner, "body").value_or(journal::Map{});
        inner.done();
        facts.push_back(std::move(fact));
    });
    return facts;
}

void write(JsonWriter& out, const std::vector<Balance>& balances) {
    out.key("balances").begin_array();
    for (const Balance& balance : balances) {
        out.begin_object().member("subject", balance.subject);
        out.member("value", balance.value.minor);
        out.member("currency", balance.currency.code()).end_object();
    }
    out.end_array();
}

std::vector<Balance> read_balances(ObjectReader& in, JsonFaults& faults) {
    std::vector<Balance> balances;
    in.required_array("balances", 0, most_facts, [&](const Json& json, const std::string& pointer) {
        ObjectReader inner(json, pointer, faults);
        Balance balance;
        balance.subject = read_subject(inner);
        balance.value = read_amount(inner, "value");
        balance.currency = read_currency(inner, "currency");
        inner.done();
        balances.push_back(std::move(balance));
    });
    return balances;
}

std::int64_t read_count(ObjectReader& in, std::string_view key) {
    return in.required_integer(key, 0, largest_amount);
}

Amount read_amount(ObjectReader& in, std::string_view key) {
    return Amount{in.required_integer(key, -largest_amount, largest_amount)};
}

int read_version(ObjectReader& in, int least, int most) {
    return static_cast<int>(in.required_integer("v", least, most));
}

void write(JsonWriter& out, const Versions& versions) {
    out.key("speaks").begin_object().member("least", std::int64_t{versions.least});
    out.member("most", std::int64_t{versions.most}).end_object();
}

Versions read_versions(ObjectReader& in, JsonFaults& faults) {
    constexpr int latest = 1'000'000;
    Versions out;
    if (const Json* json = in.required("speaks")) {
        ObjectReader inner(*json, in.pointer_of("speaks"), faults);
        out.least = static_cast<int>(inner.required_integer("least", 1, latest));
        out.most = static_cast<int>(inner.required_integer("most", 1, latest));
        if (out.most < out.least) inner.fault("most", "must not be less than least");
        inner.done();
    }
    return out;
}

std::optional<int> common_version(const Versions& one, const Versions& other) {
    const int most = std::min(one.most, other.most);
    if (most < std::max(one.least, other.least)) return std::nullopt;
    return most;
}

Fault malformed(const JsonFaults& faults) {
    std::string detail;
    for (std::size_t i = 0; i < faults.size() && i < 10; ++i) {
        if (i > 0) detail += "; ";
        detail += faults[i].pointer.empty() ? "document" : faults[i].pointer;
        detail += ": " + faults[i].detail;
    }
    return Fault{"malformed_message", std::move(detail)};
}

}  // namespace obol::wire
