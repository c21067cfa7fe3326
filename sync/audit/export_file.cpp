#include "sync/audit/export_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sync/audit/authority.hpp"
#include "sync/core/time.hpp"

namespace obol::audit {
namespace {

using Json = nlohmann::json;

std::string text_in(const Json& json, const char* key) {
    const bool there = json.is_object() && json.contains(key) && json[key].is_string();
    return there ? json[key].get<std::string>() : std::string();
}

std::optional<std::int64_t> integer_in(const Json& json, const char* key) {
    const bool there = json.is_object() && json.contains(key) && json[key].is_number_integer();
    return there ? std::optional(json[key].get<std::int64_t>()) : std::nullopt;
}

struct Header {
    std::string device, venue;
    std::optional<PublicKey> key;
};

Header header_of(const std::string& line) {
    const Json json = Json::parse(line, nullptr, false);
    Header out{text_in(json, "device"), text_in(json, "venue"), std::nullopt};
    const Result<Bytes> key = from_hex(text_in(json, "public_key"));
    PublicKey raw{};
    if (!key || key->size() != raw.size() || crypto::device_id_of(*key) != out.device) return out;
    std::ranges::copy(*key, raw.begin());
    out.key = raw;
    return out;
}

class ExportAudit {
public:
    ExportAudit(Report& report, const Known& known, Header header)
        : report_(report),
          header_(std::move(header)),
          chain_(
              report, options(known), [this](const Entry& entry) { on_entry(entry); },
              [this](std::int64_t, std::int64_t) { authority_.lines_unknown(); }),
          authority_(report, chain_) {
        const auto booked = known.booked.find(header_.device);
        if (booked != known.booked.end())
            chain_.must_have(booked->second.first, booked->second.second);
    }

    void add(std::int64_t number, const std::string& line) {
        const Json json = Json::parse(line, nullptr, false);
        const auto finding = [&](std::string_view code) {
            return Finding(code, "line").with("line", number);
        };
        if (trailer_) {
            report_.find(finding("line_extra").with("why", "it follows the trailer"));
            return;
        }
        if (json.is_object() && json.contains("head")) {
            trailer_ = json["head"];
            return;
        }
        const auto seq = integer_in(json, "seq");
        const Result<Bytes> body = from_base64(text_in(json, "body"));
        if (!seq || !body) {
            report_.find(finding("line_malformed").with("column", seq ? "body" : "seq"));
            return;
        }
        const Result<Bytes> hash = from_hex(text_in(json, "hash"));
        Row row{*seq, text_in(json, "kind"), hash ? *hash : Bytes{}, *body, std::nullopt, number};
        if (json.contains("signature")) {
            const Result<Bytes> signature = from_base64(text_in(json, "signature"));
            row.signature = signature ? *signature : Bytes{};
        }
        check_label(row, text_in(json, "at"));
        chain_.add(std::move(row));
    }

    void finish() {
        const std::int64_t stated = trailer_ ? integer_in(*trailer_, "seq").value_or(0) : 0;
        chain_.must_reach(stated, "trailer");
        chain_.finish();
        const std::int64_t last = chain_.last_seq();
        const std::string hash = trailer_ ? text_in(*trailer_, "hash") : "",
                          wanted = to_hex(chain_.last_hash());
        if (!trailer_) {
            report_.find(Finding("cut_short", "trailer").with("last", last));
        } else if (stated < last) {
            report_.find(Finding("head_differs", "trailer").differs("seq", last, stated));
        } else if (stated == last && hash != wanted) {
            report_.find(Finding("head_differs", "trailer").differs("hash", wanted, hash));
        }
        report_.finish("export of venue " + header_.venue,
                       {{"entries", chain_.entries()},
                        {"postings", postings_},
                        {"signatures verified", chain_.signatures()}});
    }

private:
    Chain::Options options(const Known& known) const {
        Chain::Options out{.device = header_.device, .key = header_.key};
        if (out.key) return out;
        report_.find(Finding("key_differs", "header")
                         .with("column", "public_key")
                         .with("device", header_.device));
        out.key = known.key_of(header_.device);
        return out;
    }

    // The moment is said beside the body, for people.
    void check_label(const Row& row, const std::string& at) {
        const Result<Body> body = read_body(row.body);
        if (!body || to_hex(hash_of(row.body)) != to_hex(row.hash)) return;
        const std::string wanted = to_rfc3339(from_millis(body->wall));
        if (at == wanted) return;
        report_.find(Finding("label_differs", "entry")
                         .with("seq", row.seq)
                         .with("line", row.line)
                         .differs("at", wanted, at));
    }

    void on_entry(const Entry& entry) {
        if (entry.body == nullptr) return authority_.lines_unknown();
        postings_ += static_cast<std::int64_t>(entry.body->postings.size());
        authority_.apply(entry);
    }

    Report& report_;
    Header header_;
    Chain chain_;
    Authority authority_;
    std::optional<Json> trailer_;
    std::int64_t postings_ = 0;
};

}  // namespace

void learn_from_export(std::istream& in, Known& known) {
    std::string line;
    std::getline(in, line);
    const Header header = header_of(line);
    if (header.key) known.keys[header.device] = *header.key;
}

void audit_export(std::istream& in, Report& report, const Known& known) {
    std::string line;
    std::getline(in, line);
    ExportAudit audit(report, known, header_of(line));
    for (std::int64_t number = 2; std::getline(in, line); ++number) audit.add(number, line);
    audit.finish();
}

}  // namespace obol::audit
