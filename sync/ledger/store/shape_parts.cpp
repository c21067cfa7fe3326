#include "sync/ledger/store/shape_parts.hpp"

#include <fmt/core.h>

#include "sync/domain/bounds.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

using wire::Json;
using wire::JsonFaults;
using wire::ObjectReader;

namespace {

// "HH:MM" as minutes; 24:00 only where a window may end so.
std::optional<int> clock_minute(std::string_view text, bool end_of_day) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (const std::size_t i : {0U, 1U, 3U, 4U}) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
    }
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (hour == 24 && minute == 0 && end_of_day) return 24 * 60;
    if (hour > 23 || minute > 59) return std::nullopt;
    return hour * 60 + minute;
}

}  // namespace

Result<Boundary> parse_boundary(std::string_view text) {
    Boundary boundary;
    if (text.size() == 10) {
        const auto date = parse_iso_date(text);
        if (!date) return date.error();
        boundary.date = *date;
    } else {
        const auto at = parse_rfc3339(text);
        if (!at) return at.error();
        boundary.instant = *at;
    }
    return boundary;
}

std::string boundary_text(const Boundary& boundary) {
    return boundary.date ? to_iso_date(*boundary.date) : to_rfc3339(boundary.instant.value());
}

std::string clock_text(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

Currency read_currency(ObjectReader& reader) {
    const std::string text = reader.required_text("currency", 3, 3);
    const auto currency = Currency::parse(text);
    if (currency) return *currency;
    if (text.size() == 3) reader.fault("currency", "not an ISO 4217 code: " + text);
    return {};
}

std::string read_zone(ObjectReader& reader) {
    std::string name = reader.required_text("zone", 1, 64);
    if (!name.empty() && !Zone::find(name)) reader.fault("zone", "not an IANA time zone: " + name);
    return name;
}

int read_clock(ObjectReader& reader, std::string_view key, bool end_of_day) {
    const std::string text = reader.required_text(key, 1, 16);
    if (text.empty()) return 0;
    const auto minute = clock_minute(text, end_of_day);
    if (!minute) reader.fault(key, "not a time of day such as 22:00");
    return minute.value_or(0);
}

std::optional<Boundary> read_boundary(ObjectReader& reader, std::string_view key) {
    const auto text = reader.optional_text(key, 1, 64);
    if (!text) return std::nullopt;
    const auto boundary = parse_boundary(*text);
    if (!boundary) {
        reader.fault(key, "not a date (2026-12-31) or an instant with offset");
        return std::nullopt;
    }
    return *boundary;
}

std::optional<Period> read_period(ObjectReader& reader, std::string_view key) {
    const auto text = reader.optional_text(key, 1, 32);
    if (!text) return std::nullopt;
    const auto period = parse_period(*text);
    if (!period) {
        reader.fault(key, "not a calendar period such as P1Y or P30D");
        return std::nullopt;
    }
    return *period;
}

namespace {

AllowanceCaps read_caps(wire::ObjectReader& reader) {
    constexpr std::int64_t most_entries = 1'000'000;
    return {Amount{reader.required_integer("per_transaction", 0, largest_credit)},
            Amount{reader.required_integer("per_subject", 0, largest_credit)},
            Amount{reader.required_integer("per_outage", 0, largest_credit)},
            reader.required_integer("count", 0, most_entries)};
}

bool covers(const AllowanceCaps& more, const AllowanceCaps& less) {
    return more.per_transaction >= less.per_transaction && more.per_subject >= less.per_subject &&
           more.per_outage >= less.per_outage && more.count >= less.count;
}

}  // namespace

std::optional<Allowance> read_allowance(wire::ObjectReader& reader, std::string_view key,
                                        wire::JsonFaults& faults) {
    const wire::Json* json = reader.optional(key);
    if (json == nullptr) return std::nullopt;
    wire::ObjectReader inner{*json, reader.pointer_of(key), faults};
    Allowance out;
    out.any_till = out.with_manager = read_caps(inner);
    if (const wire::Json* manager = inner.optional("with_manager")) {
        wire::ObjectReader caps{*manager, inner.pointer_of("with_manager"), faults};
        out.with_manager = read_caps(caps);
        caps.done();
        if (!covers(out.with_manager, out.any_till)) {
            inner.fault("with_manager", "must be nowhere below what any till may");
        }
    }
    inner.done();
    return out;
}

std::vector<std::string> read_texts(ObjectReader& reader, std::string_view key,
                                    JsonFaults& faults) {
    std::vector<std::string> texts;
    reader.optional_array(key, most_words, [&](const Json& item, const std::string& at) {
        const auto* text = std::get_if<std::string>(&item.value);
        if (text && !text->empty() && text->size() <= 256) {
            texts.push_back(*text);
        } else {
            faults.push_back({at, "must be text of 1 to 256 characters"});
        }
    });
    return texts;
}

}  // namespace obol::ledger
