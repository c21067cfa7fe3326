#include "agent/journal_export.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <nlohmann/json.hpp>

#include "sync/core/ensure.hpp"
#include "sync/core/lines.hpp"

namespace obol::agent {
namespace {

using Json = nlohmann::ordered_json;

Fault malformed(std::int64_t line, const std::string& what) {
    return Fault{"malformed_export", "line " + std::to_string(line) + " " + what};
}

std::optional<std::string> text_of(const Json& json, const char* key) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return std::nullopt;
    return json[key].get<std::string>();
}

Json to_json(const journal::Head& head) { return {{"seq", head.seq}, {"hash", to_hex(head.hash)}}; }

std::optional<journal::Head> head_from(const Json& json) {
    if (!json.is_object() || !json.contains("seq") || !json["seq"].is_number_integer()) return std::nullopt;
    journal::Head out;
    out.seq = json["seq"].get<std::int64_t>();
    const Result<Bytes> hash = from_hex(text_of(json, "hash").value_or(""));
    if (!hash || hash->size() != out.hash.size()) return std::nullopt;
    std::ranges::copy(*hash, out.hash.begin());
    return out;
}

// One file. It is read once, line by line.
class Reading {
public:
    static Result<Reading> open(ExportPiece piece) {
        Reading out;
        out.name_ = std::move(piece.name);
        out.in_ = std::move(piece.in);
        out.lines_ = std::make_unique<Lines>(*out.in_, longest_export_line);
        Result<ExportHeader> header = header_from(out.lines_->next().value_or(""));
        if (!header) return out.of(header.error());
        out.header_ = std::move(*header);
        Result<JournalCheck> check = JournalCheck::start(out.header_.device, out.header_.public_key, out.header_.after);
        if (!check) return out.of(check.error());
        out.check_ = std::move(*check);
        return out;
    }

    const std::string& name() const { return name_; }
    const ExportHeader& header() const { return header_; }
    const JournalCheck& check() const { return *check_; }

    // The head with the next entry; nothing at the end, which must be a proper one.
    Result<std::optional<journal::Head>> next() {
        const auto line = lines_->next();
        if (!line) return of(lines_->too_long() ? malformed(lines_->number() + 1, "is longer than any entry") : cut_short());
        const Result<ListedEntry> entry = listed_entry_from(*line);
        if (!entry) return end(*line);
        if (const auto added = check_->add(*entry); !added) return of(added.error());
        return std::optional(check_->head());
    }

    Fault of(Fault fault) const {
        if (!name_.empty()) fault.detail = name_ + ": " + fault.detail;
        return fault;
    }

private:
    Reading() = default;

    Fault cut_short() const {
        return {"cut_short", "the export ends after entry " + std::to_string(check_->head().seq) + " without a trailer"};
    }
    Result<std::optional<journal::Head>> end(std::string_view line) {
        const Json json = Json::parse(line, nullptr, false);
        if (!json.is_object() || !json.contains("head")) return of(malformed(lines_->number(), "is no entry"));
        if (head_from(json["head"]) != check_->head()) {
            return of({"head_differs",
                       "the trailer names another head than entry " + std::to_string(check_->head().seq)});
        }
        const std::int64_t trailer = lines_->number();
        if (lines_->next() || lines_->too_long()) return of(malformed(trailer + 1, "follows the trailer"));
        if (const auto done = check_->finish(); !done) return of(done.error());
        return std::optional<journal::Head>{};
    }

    std::string name_;
    std::unique_ptr<std::istream> in_;
    std::unique_ptr<Lines> lines_;
    ExportHeader header_;
    std::optional<JournalCheck> check_;
};

// The chain that the pieces read so far make up. Of entries that a later piece says again it knows the hash.
class Archive {
public:
    explicit Archive(const Reading& first)
        : header_(first.header()), head_(header_.after), by_(first.name()), known_{head_} {}

    // `keep_from`: no later piece says anything of what stands before it.
    Result<void> take(Reading& piece, std::int64_t keep_from) {
        if (const auto follows = check_begin(piece); !follows) return follows;
        for (;;) {
            const Result<std::optional<journal::Head>> got = piece.next();
            if (!got) return got.error();
            if (!*got) break;
            if (const auto same = add(**got, piece, keep_from); !same) return same;
        }
        signatures_ += piece.check().signatures();
        while (!known_.empty() && known_.front().seq < keep_from) known_.pop_front();
        return {};
    }

    ExportSummary summary() const {
        return {header_.device.text, header_.venue, header_.after, head_, signatures_};
    }

private:
    Result<void> check_begin(const Reading& piece) const {
        const ExportHeader& header = piece.header();
        if (header.device != header_.device) {
            return piece.of({"other_device", "is of device " + header.device.text + ", and " + by_ + " of another"});
        }
        if (header.venue != header_.venue) {
            return piece.of({"other_venue", "is of venue " + header.venue + ", and " + by_ + " of another"});
        }
        if (header.after.seq > head_.seq) {
            return Fault{"piece_missing", "entries " + std::to_string(head_.seq + 1) + " to " +
                                              std::to_string(header.after.seq) + " are in no file: " + by_ +
                                              " ends before them, and " + piece.name() + " begins behind them"};
        }
        return agrees(header.after, piece);
    }

    Result<void> add(const journal::Head& entry, const Reading& piece, std::int64_t keep_from) {
        if (entry.seq <= head_.seq) return agrees(entry, piece);
        head_ = entry;
        by_ = piece.name();
        if (entry.seq < keep_from) known_.clear();
        else known_.push_back(entry);
        return {};
    }

    Result<void> agrees(const journal::Head& said, const Reading& piece) const {
        // Pieces come in the order of their begin, so what this one says again is still known.
        ENSURE(!known_.empty() && known_.front().seq <= said.seq && said.seq <= known_.back().seq);
        if (known_[static_cast<std::size_t>(said.seq - known_.front().seq)] == said) return {};
        return Fault{"pieces_differ", "entry " + std::to_string(said.seq) + " is another in " + piece.name() +
                                          " than in the files before it, of which " + by_ + " reaches furthest"};
    }

    ExportHeader header_;
    journal::Head head_;
    std::string by_;  // the file with the head
    std::deque<journal::Head> known_;  // one after the other, up to the head
    std::int64_t signatures_ = 0;
};

}  // namespace

Result<ExportHeader> header_from(std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    if (text_of(json, "format") != journal_format) {
        return malformed(1, "is no header of " + std::string(journal_format));
    }
    ExportHeader out;
    Result<Bytes> key = from_hex(text_of(json, "public_key").value_or(""));
    if (!key) return malformed(1, "has no public_key");
    out.public_key = std::move(*key);
    out.device = DeviceId{text_of(json, "device").value_or("")};
    out.venue = text_of(json, "venue").value_or("");
    if (!json.contains("after")) return out;
    const auto after = head_from(json["after"]);
    if (!after || after->seq < 1) return malformed(1, "does not say after which entry it begins");
    out.after = *after;
    return out;
}

std::string to_line(const ExportHeader& header) {
    Json json;
    json["format"] = journal_format;
    json["device"] = header.device.text;
    json["public_key"] = to_hex(header.public_key);
    json["venue"] = header.venue;
    if (header.after.seq > 0) json["after"] = to_json(header.after);
    return json.dump();
}

std::string to_trailer_line(const journal::Head& head) {
    Json json;
    json["head"] = to_json(head);
    return json.dump();
}

Result<ExportSummary> check_exports(std::vector<ExportPiece> pieces) {
    std::vector<Reading> all;
    for (ExportPiece& piece : pieces) {
        if (pieces.size() == 1) piece.name.clear();  // there is nothing to tell it from
        Result<Reading> reading = Reading::open(std::move(piece));
        if (!reading) return reading.error();
        all.push_back(std::move(*reading));
    }
    if (all.empty()) return Fault{"malformed_export", "there is no file"};
    std::ranges::stable_sort(all, {}, [](const Reading& each) { return each.header().after.seq; });

    Archive archive(all.front());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool last = i + 1 == all.size();
        const std::int64_t keep_from =
            last ? std::numeric_limits<std::int64_t>::max() : all[i + 1].header().after.seq;
        if (const auto taken = archive.take(all[i], keep_from); !taken) return taken.error();
    }
    return archive.summary();
}

}  // namespace obol::agent
