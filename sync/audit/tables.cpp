#include "sync/audit/tables.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sync/audit/cbor.hpp"

namespace obol::audit {

bool check_file(sql::Db& db, Report& report, std::span<const std::string_view> tables) {
    const std::int64_t before = report.findings();
    std::set<std::string> indexes;  // each says it of every row
    db.each("PRAGMA integrity_check(100)", [&](sql::Statement& row) {
        const std::string text = row.text(0);
        // What a CHECK refuses has a finding of its own that names the row.
        if (text == "ok" || text.starts_with("CHECK constraint failed")) return;
        constexpr std::string_view index = " index ";
        if (const std::size_t at = text.rfind(index); at != std::string::npos) {
            indexes.insert(text.substr(at + index.size()));
            return;
        }
        report.find(Finding("database_damaged", "file").with("why", text));
    });
    for (const std::string& index : indexes)
        report.find(Finding("index_damaged", "sqlite_schema").with("name", index));
    const bool whole = report.findings() == before;
    db.each("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY name",
            [&](sql::Statement& row) {
                report.find(Finding("schema_foreign", "sqlite_schema")
                                .with("type", row.text(0))
                                .with("name", row.text(1)));
            });
    for (const std::string_view table : tables) {
        if (db.value<std::int64_t>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
                                   table))
            continue;
        report.find(Finding("table_missing", table));
        return false;
    }
    return whole;
}

void check_references(sql::Db& db, Report& report, std::span<const std::string_view> tables) {
    for (const std::string_view table : tables) {
        std::int64_t rows = 0;
        std::string parent;
        db.each("PRAGMA foreign_key_check(" + std::string(table) + ")", [&](sql::Statement& row) {
            ++rows;
            parent = row.text(2);
        });
        if (rows > 0)
            report.find(
                Finding("reference_missing", table).with("parent", parent).with("rows", rows));
    }
}

void check_documents(sql::Db& db, Report& report, std::string_view table, std::string_view keys) {
    db.each(
        "SELECT body, " + std::string(keys) + " FROM " + std::string(table),
        [&](sql::Statement& row) {
            const Result<Value> body = decode(row.blob_view(0));
            if (body) return;
            Finding finding("document_malformed", table);
            for (int column = 1; column < row.columns(); ++column)
                finding.with(row.column_name(column), row.text(column));
            report.find(std::move(finding).with("column", "body").with("why", body.error().detail));
        });
}

std::optional<std::string> text_or_null(const sql::Statement& row, int column) {
    return row.null(column) ? std::nullopt : std::optional(row.text(column));
}

std::optional<std::int64_t> integer_or_null(const sql::Statement& row, int column) {
    return row.null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::string said(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "none";
}

std::optional<Digest> digest_in(const sql::Statement& row, int column) {
    const ByteView bytes = row.blob_view(column);
    Digest out{};
    if (bytes.size() != out.size()) return std::nullopt;
    std::ranges::copy(bytes, out.begin());
    return out;
}

void compare_postings(Report& report, const Finding& row, const std::vector<Posting>& wanted,
                      const std::vector<std::pair<std::int64_t, Posting>>& met) {
    const auto named = [&](std::string_view code, std::int64_t n, const Posting& posting) {
        Finding finding = row;
        finding.code = code;
        finding.with("n", n).with("account", posting.account);
        return finding;
    };
    std::map<std::int64_t, Posting> rows(met.begin(), met.end());
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        const auto n = static_cast<std::int64_t>(at);
        const Posting& should = wanted[at];
        const auto found = rows.find(n);
        if (found == rows.end()) {
            report.find(named("posting_missing", n, should).with("wanted", should.minor));
            continue;
        }
        const Posting& is = found->second;
        if (is.account != should.account) {
            report.find(
                named("posting_differs", n, should).differs("account", should.account, is.account));
        }
        if (is.minor != should.minor) {
            report.find(
                named("posting_differs", n, should).differs("minor", should.minor, is.minor));
        }
        if (is.currency != should.currency) {
            report.find(named("posting_differs", n, should)
                            .differs("currency", should.currency, is.currency));
        }
        rows.erase(found);
    }
    for (const auto& [n, posting] : rows) {
        report.find(named("posting_extra", n, posting).with("met", posting.minor));
    }
}

}  // namespace obol::audit
