#include "sync/audit/export_file.hpp"

#include <algorithm>
#include <deque>
#include <limits>

#include "sync/audit/authority.hpp"
#include "sync/audit/json_text.hpp"
#include "sync/core/lines.hpp"
#include "sync/core/time.hpp"

namespace obol::audit {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_line = 4 << 20;  // the largest entry comes to a tenth of it

std::string text_in(const Json& json, const char* key) {
    const bool there = json.is_object() && json.contains(key) && json[key].is_string();
    return there ? json[key].get<std::string>() : std::string();
}

std::optional<std::int64_t> integer_in(const Json& json, const char* key) {
    const bool there = json.is_object() && json.contains(key) && json[key].is_number_integer();
    return there ? std::optional(json[key].get<std::int64_t>()) : std::nullopt;
}

template <class Fixed>
std::optional<Fixed> fixed_in(const Json& json, const char* key) {
    const Result<Bytes> raw = from_hex(text_in(json, key));
    Fixed out{};
    if (!raw || raw->size() != out.size()) return std::nullopt;
    std::ranges::copy(*raw, out.begin());
    return out;
}

ExportHeader header_of(std::string_view line) {
    const Json json = json_in(line).value_or(Json());
    ExportHeader out;
    out.device = text_in(json, "device");
    out.venue = text_in(json, "venue");
    out.key = fixed_in<PublicKey>(json, "public_key");
    if (out.key && crypto::device_id_of(*out.key) != out.device) out.key.reset();
    if (!json.is_object() || !json.contains("after")) return out;
    out.after = {integer_in(json["after"], "seq"), fixed_in<Digest>(json["after"], "hash")};
    if (out.after->seq && *out.after->seq < 1) out.after->seq.reset();
    return out;
}

class ExportAudit {
public:
    ExportAudit(std::vector<ExportPiece> pieces, Report& report, const Known& known)
        : report_(report),
          pieces_(std::move(pieces)),
          device_(pieces_.front().header.device),
          chain_(
              report, options(known), [this](const Entry& entry) { on_entry(entry); },
              [this](std::int64_t, std::int64_t) { authority_.lines_unknown(); }),
          authority_(report, chain_) {
        std::ranges::stable_sort(pieces_, {},
                                 [](const ExportPiece& piece) { return piece.header.begin(); });
        const auto booked = known.booked.find(device_);
        if (booked != known.booked.end())
            chain_.must_have(booked->second.first, booked->second.second);
    }

    void run() {
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            const bool last = i + 1 == pieces_.size();
            keep_from_ = last ? std::numeric_limits<std::int64_t>::max()
                              : pieces_[i + 1].header.begin();
            begin(pieces_[i], i == 0);
            read(*pieces_[i].in);
            end();
        }
        chain_.finish();
        for (const Finding& finding : of_the_ends_) report_.find(finding);
        report_.finish("export of venue " + pieces_.front().header.venue,
                       {{"entries", chain_.entries()},
                        {"postings", postings_},
                        {"signatures verified", chain_.signatures()}});
    }

private:
    Chain::Options options(const Known& known) {
        Chain::Options out{.device = device_, .key = known.key_of(device_)};
        for (const ExportPiece& piece : pieces_) {
            if (!out.key) out.key = piece.header.key;
        }
        key_ = out.key;
        return out;
    }

    // Which file is meant is said where there are several.
    Finding finding(std::string_view code, std::string_view table) const {
        Finding out(code, table);
        if (pieces_.size() > 1) out.with("file", piece_->file);
        return out;
    }

    void begin(const ExportPiece& piece, bool first) {
        piece_ = &piece;
        trailer_.reset();
        unread_ = false;
        covered_ = first ? 0 : chain_.last_seq();
        piece_last_ = piece.header.begin();
        const ExportHeader& header = piece.header;
        if (!header.key) {
            report_.find(finding("key_differs", "header")
                             .with("column", "public_key")
                             .with("device", header.device));
        }
        if (header.venue != pieces_.front().header.venue) {
            report_.find(finding("venue_differs", "header")
                             .differs("venue", pieces_.front().header.venue, header.venue));
        }
        if (!header.after) return;
        if (!header.after->seq || !header.after->hash) {
            report_.find(finding("line_malformed", "line")
                             .with("line", 1)
                             .with("column", header.after->seq ? "after.hash" : "after.seq"));
        }
        if (first) {
            if (header.begin() > 0) begin_late(header);
        } else if (header.begin() > covered_) {
            chain_.must_reach(header.begin(), "header");
        } else if (header.after->hash) {
            check_same("after.hash", header.begin(), *header.after->hash,
                       finding("begin_differs", "header"));
        }
    }

    void begin_late(const ExportHeader& header) {
        chain_.begin_after(header.begin(), header.after->hash);
        authority_.lines_unknown();
        report_.note("begins after entry " + std::to_string(header.begin()) +
                     ": what stands before it was not checked, nor what was held and asked");
        if (keep_from_ <= header.begin() && header.after->hash)
            known_.emplace_back(header.begin(), *header.after->hash);
    }

    void read(std::istream& in) {
        Lines lines(in, longest_line);
        lines.next();  // the header
        while (const auto line = lines.next()) add(lines.number(), *line);
        if (!lines.too_long()) return;
        unread_ = true;
        report_.find(finding("line_malformed", "line")
                         .with("line", lines.number() + 1)
                         .with("why", "longer than any entry"));
    }

    void add(std::int64_t number, std::string_view line) {
        const Json json = json_in(line).value_or(Json());
        if (trailer_) {
            report_.find(finding("line_extra", "line")
                             .with("line", number)
                             .with("why", "it follows the trailer"));
            return;
        }
        if (json.is_object() && json.contains("head")) {
            trailer_ = json["head"];
            return;
        }
        const auto seq = integer_in(json, "seq");
        const Result<Bytes> body = from_base64(text_in(json, "body"));
        if (!seq || !body) {
            report_.find(finding("line_malformed", "line")
                             .with("line", number)
                             .with("column", seq ? "body" : "seq"));
            return;
        }
        const Result<Bytes> hash = from_hex(text_in(json, "hash"));
        Row row{*seq, text_in(json, "kind"), hash ? *hash : Bytes{}, *body, std::nullopt, number};
        if (pieces_.size() > 1) row.file = &piece_->file;
        if (json.contains("signature")) {
            const Result<Bytes> signature = from_base64(text_in(json, "signature"));
            row.signature = signature ? *signature : Bytes{};
        }
        check_label(row, text_in(json, "at"));
        if (row.seq <= covered_) return check_again(row);
        if (piece_last_ < covered_) missing_again(covered_);
        chain_.add(std::move(row));
    }

    void missing_again(std::int64_t to) {
        Finding gap = finding("seq_missing", "entry").with("seq", piece_last_ + 1);
        if (to > piece_last_ + 1) gap.with("to", to);
        report_.find(gap);
        piece_last_ = to;
    }

    // What an earlier piece has said already: the same, or there are two histories of this device.
    void check_again(const Row& row) {
        const auto differs = [&](std::string_view code) {
            return finding(code, "entry").with("seq", row.seq).with("line", row.line);
        };
        if (row.seq <= piece_last_) {
            const bool of_here = row.seq > piece_->header.begin();
            report_.find(differs(of_here ? "seq_twice" : "seq_misplaced").with("after", piece_last_));
            return;
        }
        if (row.seq > piece_last_ + 1) missing_again(row.seq - 1);
        piece_last_ = row.seq;
        const Digest computed = hash_of(row.body);
        if (!check_same("body", row.seq, computed, differs("pieces_differ"))) return;
        if (!std::ranges::equal(row.hash, computed)) {
            report_.find(differs("hash_differs").differs("hash", to_hex(computed), to_hex(row.hash)));
        }
        if (row.signature && key_ &&
            !crypto::verify(*key_, signed_text(device_, row.seq, computed), *row.signature)) {
            report_.find(differs("signature_wrong")
                             .with("column", "signature")
                             .with("why", "not of this device and this head"));
        }
    }

    // Of an entry that was missing before, it has been said.
    bool check_same(std::string_view column, std::int64_t seq, const Digest& said, Finding otherwise) {
        const std::optional<Digest> known = known_at(seq);
        if (!known || *known == said) return true;
        report_.find(std::move(otherwise).differs(column, to_hex(*known), to_hex(said)));
        return false;
    }

    std::optional<Digest> known_at(std::int64_t seq) const {
        const auto known =
            std::ranges::lower_bound(known_, seq, {}, [](const auto& each) { return each.first; });
        const bool there = known != known_.end() && known->first == seq;
        return there ? std::optional(known->second) : std::nullopt;
    }

    void end() {
        chain_.pause();
        const bool brought_more = chain_.last_seq() > covered_ || pieces_.size() == 1;
        const std::int64_t last = brought_more ? chain_.last_seq() : piece_last_;
        const std::int64_t stated = trailer_ ? integer_in(*trailer_, "seq").value_or(0) : 0;
        if (!trailer_) {
            if (!unread_) of_the_ends_.push_back(finding("cut_short", "trailer").with("last", last));
        } else if (stated > last && !brought_more) {
            of_the_ends_.push_back(finding("tail_missing", "entry")
                                       .with("seq", last + 1)
                                       .with("to", stated)
                                       .with("known_by", "trailer"));
        } else if (stated > last) {
            chain_.must_reach(stated, "trailer");
        } else if (stated < last) {
            of_the_ends_.push_back(finding("head_differs", "trailer").differs("seq", last, stated));
        } else if (const auto wanted = last == chain_.last_seq() ? std::optional(chain_.last_hash()) : known_at(last);
                   wanted && text_in(*trailer_, "hash") != to_hex(*wanted)) {
            of_the_ends_.push_back(finding("head_differs", "trailer")
                                       .differs("hash", to_hex(*wanted), text_in(*trailer_, "hash")));
        }
        while (!known_.empty() && known_.front().first < keep_from_) known_.pop_front();
    }

    // The moment is said beside the body, for people.
    void check_label(const Row& row, const std::string& at) {
        const Result<Body> body = read_body(row.body);
        if (!body || to_hex(hash_of(row.body)) != to_hex(row.hash)) return;
        const std::string wanted = to_rfc3339(from_millis(body->wall));
        if (at == wanted) return;
        report_.find(finding("label_differs", "entry")
                         .with("seq", row.seq)
                         .with("line", row.line)
                         .differs("at", wanted, at));
    }

    void on_entry(const Entry& entry) {
        if (entry.seq >= keep_from_) known_.emplace_back(entry.seq, entry.hash);
        if (entry.body == nullptr) return authority_.lines_unknown();
        postings_ += static_cast<std::int64_t>(entry.body->postings.size());
        authority_.apply(entry);
    }

    Report& report_;
    std::vector<ExportPiece> pieces_;
    std::string device_;
    std::optional<PublicKey> key_;
    Chain chain_;
    Authority authority_;
    std::int64_t postings_ = 0;
    // Of the piece that is being read.
    const ExportPiece* piece_ = nullptr;
    std::optional<Json> trailer_;
    bool unread_ = false;
    std::int64_t covered_ = 0, piece_last_ = 0;  // what earlier ones have said; the last of that here
    // Hashes of the entries that a later piece says again.
    std::deque<std::pair<std::int64_t, Digest>> known_;
    std::int64_t keep_from_ = 0;
    std::vector<Finding> of_the_ends_;  // after what the chain itself says
};

}  // namespace

ExportHeader read_export_header(std::istream& in) {
    return header_of(Lines(in, longest_line).next().value_or(""));
}

void audit_exports(std::vector<ExportPiece> pieces, Report& report, const Known& known) {
    ExportAudit(std::move(pieces), report, known).run();
}

}  // namespace obol::audit
