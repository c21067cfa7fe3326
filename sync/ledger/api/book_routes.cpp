// The central journal, what somebody has to look at, what could be lost, and what both ends must agree on.

#include <charconv>

#include "sync/core/ensure.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/reconciliation.hpp"

namespace obol::ledger {

namespace {

Words postings_of(Books& books, std::int64_t transfer) {
    Words postings = Words::array();
    books.db().each("SELECT account, minor, currency FROM posting WHERE transfer = ? ORDER BY n",
                    [&](sql::Statement& row) {
                        postings.push_back(Words{{"account", row.text(0)},
                                                 {"amount", row.integer(1)},
                                                 {"currency", row.text(2)}});
                    },
                    transfer);
    return postings;
}

Words text_or_null(sql::Statement& row, int column) {
    return row.null(column) ? Words(nullptr) : Words(row.text(column));
}
Words integer_or_null(sql::Statement& row, int column) {
    return row.null(column) ? Words(nullptr) : Words(row.integer(column));
}

Answer journal_list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    std::int64_t after = 0;
    const char* end = ask->after.data() + ask->after.size();
    if (!ask->after.empty() && std::from_chars(ask->after.data(), end, after).ptr != end) {
        return problem("malformed_request", "after is not a cursor of this list");
    }
    std::vector<std::pair<std::string, Words>> items;
    office.books.db().each(
        "SELECT t.id, t.at, t.source, h.name, h.venue, t.seq, t.note FROM transfer t "
        "LEFT JOIN holder h ON h.h = t.holder WHERE t.id > ? ORDER BY t.id LIMIT ?",
        [&](sql::Statement& row) {
            items.emplace_back(std::to_string(row.integer(0)),
                               Words{{"id", row.integer(0)},
                                     {"at", to_rfc3339(from_millis(row.integer(1)))},
                                     {"source", row.text(2)},
                                     {"device", text_or_null(row, 3)},
                                     {"venue", text_or_null(row, 4)},
                                     {"seq", integer_or_null(row, 5)},
                                     {"note", text_or_null(row, 6)}});
        },
        after, ask->limit + 1);
    for (auto& [cursor, item] : items) {
        item["postings"] = postings_of(office.books, item["id"].get<std::int64_t>());
    }
    return page(*ask, std::move(items));
}

constexpr std::string_view exception_columns =
    "SELECT e.id, e.at, e.code, e.detail, e.owner, h.name, h.venue, e.seq, e.minor, e.currency, e.closed_at, "
    "e.closed_by, e.closed_reason FROM exception e LEFT JOIN holder h ON h.h = e.h ";

Words exception_in_words(sql::Statement& row) {
    Words words{{"id", row.text(0)},
                {"at", to_rfc3339(from_millis(row.integer(1)))},
                {"code", row.text(2)},
                {"detail", row.text(3)},
                {"owner", row.text(4)},
                {"device", text_or_null(row, 5)},
                {"venue", text_or_null(row, 6)},
                {"seq", integer_or_null(row, 7)},
                {"amount", integer_or_null(row, 8)},
                {"currency", text_or_null(row, 9)},
                {"state", row.null(10) ? "open" : "closed"}};
    if (!row.null(10)) {
        words["closed_at"] = to_rfc3339(from_millis(row.integer(10)));
        words["closed_by"] = row.text(11);
        words["reason"] = row.text(12);
    }
    return words;
}

Answer exception_list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    const std::string state = call.request.query_value("state").value_or("");
    if (!state.empty() && state != "open" && state != "closed") {
        return problem("malformed_request", "state must be open or closed");
    }
    const int wanted = state.empty() ? 2 : state == "closed" ? 1 : 0;
    std::vector<std::pair<std::string, Words>> items;
    office.books.db().each(std::string(exception_columns) +
                               "WHERE e.id > ?1 AND (?2 = 2 OR (e.closed_at IS NOT NULL) = ?2) "
                               "ORDER BY e.id LIMIT ?3",
                           [&](sql::Statement& row) {
                               items.emplace_back(row.text(0), exception_in_words(row));
                           },
                           ask->after, wanted, ask->limit + 1);
    return page(*ask, std::move(items));
}

Answer exception_close(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const std::string reason = reader.required_text("reason", 1, 500);
    reader.done();
    if (!faults.empty()) return malformed(faults);

    sql::Db& db = office.books.db();
    const auto closed = db.value<std::int64_t>(
        "SELECT closed_at IS NOT NULL FROM exception WHERE id = ?", call.ids[0]);
    if (!closed) return problem("exception_unknown", "there is no such exception");
    if (*closed != 0) return problem("already_closed", "the exception was closed before");
    db.run("UPDATE exception SET closed_at = ?, closed_by = ?, closed_reason = ? WHERE id = ?",
           to_millis(call.now), call.user.name, reason, call.ids[0]);
    Words body;
    db.each(std::string(exception_columns) + "WHERE e.id = ?",
            [&](sql::Statement& row) { body = exception_in_words(row); }, call.ids[0]);
    return answer(201, body);
}

Answer exposure(Office& office, const Call&) { return answer(200, exposure_in_words(office.books)); }

Answer reconciliation(Office& office, const Call& call) {
    return answer(200, reconciliation_in_words(office.books, call.now));
}

}  // namespace

Routes book_routes() {
    return {{"GET", "/journal", may_read, journal_list},
            {"GET", "/exceptions", may_read, exception_list},
            {"POST", "/exceptions/{id}/close", may_finance, exception_close},
            {"GET", "/exposure", may_read, exposure},
            {"GET", "/reconciliation", may_read, reconciliation}};
}

}  // namespace obol::ledger
