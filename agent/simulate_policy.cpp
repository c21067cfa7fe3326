#include "agent/simulate_policy.hpp"

#include <charconv>
#include <map>

#include "agent/journal_export.hpp"
#include "sync/core/lines.hpp"
#include "sync/host/input.hpp"

namespace obol::agent {
namespace {

struct Piece {
    std::string path;
    std::int64_t after = 0;
};

Fault unreadable(const std::string& path, const Fault& fault) {
    return {fault.code, path + ": " + fault.detail};
}

Result<policy::Recorded> recorded_from(const ListedEntry& listed) {
    const Result<Bytes> body = from_base64(listed.body);
    if (!body) return body.error();
    const Result<journal::Entry> entry = journal::decode_body(*body);
    if (!entry) return entry.error();
    Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    if (!record) return record.error();
    return policy::Recorded{entry->seq, entry->wall, std::move(*record)};
}

// Of one file that was found good. What an earlier piece has said is passed over.
Result<void> read_entries(const std::string& path, policy::Chain& chain) {
    Result<std::unique_ptr<std::istream>> file = host::open_input(path);
    if (!file) return file.error();
    Lines lines(**file, longest_export_line);
    lines.next();
    while (const auto line = lines.next()) {
        const Result<ListedEntry> listed = listed_entry_from(*line);
        if (!listed) break;  // the trailer
        if (!chain.entries.empty() && listed->seq <= chain.entries.back().seq) continue;
        Result<policy::Recorded> recorded = recorded_from(*listed);
        if (!recorded) return unreadable(path, recorded.error());
        chain.entries.push_back(std::move(*recorded));
    }
    return {};
}

Result<policy::Chain> read_chain(std::vector<Piece> pieces) {
    std::vector<ExportPiece> streams;
    for (const Piece& piece : pieces) {
        Result<std::unique_ptr<std::istream>> file = host::open_input(piece.path);
        if (!file) return file.error();
        streams.push_back({piece.path, std::move(*file)});
    }
    const Result<ExportSummary> good = check_exports(std::move(streams));
    if (!good) return pieces.size() == 1 ? unreadable(pieces.front().path, good.error()) : good.error();
    if (good->after.seq > 0) {
        return Fault{"begins_late", pieces.front().path + ": entries 1 to " + std::to_string(good->after.seq) +
                                        " of venue " + good->venue + " are in no file; what it held is not known without them"};
    }
    policy::Chain out{DeviceId{good->device}, VenueId{good->venue}, {}};
    std::ranges::stable_sort(pieces, {}, &Piece::after);
    for (const Piece& piece : pieces) {
        if (const Result<void> read = read_entries(piece.path, out); !read) return read.error();
    }
    return out;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number out{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::optional<int> minute_in(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (text.size() != 5 || colon != 2) return std::nullopt;
    const auto hour = number_in<int>(text.substr(0, 2)), minute = number_in<int>(text.substr(3));
    if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59) return std::nullopt;
    if (*hour > 24 || (*hour == 24 && *minute > 0)) return std::nullopt;
    return *hour * 60 + *minute;
}

std::string zone_in(const policy::Timeline& timeline) {
    for (const policy::Step& step : timeline.steps()) {
        if (const auto* purchase = std::get_if<journal::Purchase>(&step.record)) return purchase->facts.zone;
    }
    return "UTC";
}

AllowanceCaps caps_of(const PolicyAsked& asked) {
    if (!asked.per_transaction && !asked.per_subject && !asked.per_outage && !asked.count) return {};
    const auto bound = [](const std::optional<std::int64_t>& cap) { return Amount{cap.value_or(largest_amount)}; };
    return {bound(asked.per_transaction), bound(asked.per_subject), bound(asked.per_outage),
            asked.count.value_or(largest_amount)};
}

Result<policy::Pattern> pattern_of(const PolicyAsked& asked) {
    policy::Pattern out;
    for (const auto& [text, to] : {std::pair{&asked.from, &out.from}, {&asked.until, &out.until}}) {
        if (text->empty()) continue;
        Result<policy::Position> position = position_from(*text);
        if (!position) return position.error();
        *to = std::move(*position);
    }
    if (!asked.daily.empty()) {
        const Result<policy::Daily> daily = daily_from(asked.daily);
        if (!daily) return daily.error();
        out.daily = *daily;
    }
    for (const std::string& venue : asked.venues) out.venues.emplace_back(venue);
    return out;
}

}  // namespace

Result<std::vector<policy::Chain>> read_chains(const std::vector<std::string>& files) {
    std::map<DeviceId, std::vector<Piece>> by_device;
    for (const std::string& path : files) {
        Result<std::unique_ptr<std::istream>> file = host::open_input(path);
        if (!file) return file.error();
        Lines lines(**file, longest_export_line);
        const Result<ExportHeader> header = header_from(lines.next().value_or(""));
        if (!header) return unreadable(path, header.error());
        by_device[header->device].push_back({path, header->after.seq});
    }
    std::vector<policy::Chain> out;
    for (auto& [device, pieces] : by_device) {
        Result<policy::Chain> chain = read_chain(std::move(pieces));
        if (!chain) return chain.error();
        out.push_back(std::move(*chain));
    }
    std::ranges::stable_sort(out, {}, &policy::Chain::venue);
    return out;
}

Result<policy::Position> position_from(std::string_view text) {
    constexpr std::string_view ticket = "ticket:", entry = "entry:";
    const Fault malformed{"malformed_position", "\"" + std::string(text) +
                                                    "\" is no instant (2026-11-21T18:00:00Z), ticket:NUMBER or entry:VENUE:SEQ"};
    if (text.starts_with(ticket) && text.size() > ticket.size()) {
        return policy::Position{policy::TicketAt{std::string(text.substr(ticket.size()))}};
    }
    if (text.starts_with(entry)) {
        const std::string_view rest = text.substr(entry.size());
        const std::size_t colon = rest.rfind(':');
        const auto seq = colon == std::string_view::npos ? std::nullopt : number_in<std::int64_t>(rest.substr(colon + 1));
        if (!seq || *seq < 1 || colon == 0) return malformed;
        return policy::Position{policy::EntryAt{VenueId{rest.substr(0, colon)}, *seq}};
    }
    const Result<Instant> at = parse_rfc3339(text);
    if (!at) return malformed;
    return policy::Position{*at};
}

Result<policy::Daily> daily_from(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto from = minute_in(text.substr(0, dash));
    const auto to = dash == std::string_view::npos ? std::nullopt : minute_in(text.substr(dash + 1));
    if (!from || !to || *from >= 24 * 60) {
        return Fault{"malformed_daily", "\"" + std::string(text) + "\" is no part of a day, like 18:00-20:00"};
    }
    const int minutes = *to > *from ? *to - *from : *to - *from + 24 * 60;
    return policy::Daily{*from, std::chrono::minutes{minutes}};
}

Result<std::string> simulate_policy(const PolicyAsked& asked) {
    const Result<policy::Pattern> pattern = pattern_of(asked);
    if (!pattern) return pattern.error();
    Result<std::vector<policy::Chain>> chains = read_chains(asked.files);
    if (!chains) return chains.error();
    const policy::Timeline timeline(std::move(*chains));
    const Result<Zone> zone = Zone::find(asked.zone.empty() ? zone_in(timeline) : asked.zone);
    if (!zone) return zone.error();
    const Result<std::vector<policy::Outage>> outages = policy::outages_of(timeline, *pattern, *zone);
    if (!outages) return outages.error();
    const AllowanceCaps caps = caps_of(asked);
    const std::vector<policy::OutageForecast> found = policy::simulate(timeline, *outages, caps);
    const Forecast forecast{timeline, found, caps, asked.largest};
    return asked.json ? forecast_as_json(forecast) : forecast_in_words(forecast);
}

}  // namespace obol::agent
