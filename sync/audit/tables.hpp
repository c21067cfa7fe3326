#pragma once
// What the checks of both databases share.

#include <span>

#include "sync/audit/body.hpp"
#include "sync/audit/report.hpp"
#include "sync/sql/db.hpp"

namespace obol::audit {

// The file itself: pages, indexes, tables, nothing that acts by itself. False: it is no use to go
// on.
bool check_file(sql::Db& db, Report& report, std::span<const std::string_view> tables);
// One check after the other. Of a file that is damaged, which has been said, those that come upon
// the damage are left out with a note.
template <class Audit>
void run_checks(Audit& audit, bool whole, Report& report,
                std::initializer_list<void (Audit::*)()> checks) {
    for (const auto check : checks) {
        try {
            (audit.*check)();
        } catch (const sql::SqlError& error) {
            if (whole) throw;
            report.note("a check was left out: " + std::string(error.what()));
        }
    }
}
// Rows that refer to rows which are not there, but for those that a check of its own names.
void check_references(sql::Db& db, Report& report, std::span<const std::string_view> tables);
// Each body is a document, and `row` names it.
void check_documents(sql::Db& db, Report& report, std::string_view table, std::string_view keys);

std::optional<std::string> text_or_null(const sql::Statement& row, int column);
std::optional<std::int64_t> integer_or_null(const sql::Statement& row, int column);
std::string said(const std::optional<std::int64_t>& value);
std::optional<Digest> digest_in(const sql::Statement& row, int column);
// Names each posting that is not the one the entry has in its place.
void compare_postings(Report& report, const Finding& row, const std::vector<Posting>& wanted,
                      const std::vector<std::pair<std::int64_t, Posting>>& met);

}  // namespace obol::audit
