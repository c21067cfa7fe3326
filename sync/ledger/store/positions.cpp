#include "sync/ledger/store/positions.hpp"

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

namespace {

Amount cell(sql::Db& db, std::string_view sql, const DeviceId& h, std::string_view subject) {
    return Amount{db.value<std::int64_t>(sql, h.text, subject).value_or(0)};
}

// max: SQLite checks the row to insert before it sees the conflict, and a decrease alone is below
// zero. The sum is checked as well, which is what keeps held >= 0.
void add_held(sql::Db& db, const DeviceId& h, std::string_view subject, Amount amount) {
    db.run(
        "INSERT INTO held (h, subject, minor) VALUES (?1, ?2, max(?3, 0)) "
        "ON CONFLICT (subject, h) DO UPDATE SET minor = minor + ?3",
        h.text, subject, amount.minor);
}

}  // namespace

book::Position position(sql::Db& db, const DeviceId& h, std::string_view subject) {
    book::Position out;
    {
        auto row = db.prepare("SELECT currency, centre, owed FROM subject WHERE subject = ?");
        row.bind_all(subject);
        if (!row.step()) return out;
        out.known = true;
        out.currency = currency_of(row.text_view(0));
        out.centre = Amount{row.integer(1)};
        out.owed = Amount{row.integer(2)};
    }
    out.held = cell(db, "SELECT minor FROM held WHERE h = ? AND subject = ?", h, subject);
    out.suspense = cell(db, "SELECT minor FROM suspense WHERE h = ? AND subject = ?", h, subject);
    return out;
}

void apply(Books& books, const DeviceId& h, const book::Move& move) {
    sql::Db& db = books.db();
    db.run(
        "UPDATE subject SET centre = centre + ?, loss = loss + ?, owed = owed + ?, repaid = repaid + ? "
        "WHERE subject = ?",
        move.centre.minor, move.loss.minor, move.owed.minor, move.repaid.minor, move.subject);
    if (move.held != Amount{}) add_held(db, h, move.subject, move.held);
    if (move.suspense != Amount{}) {
        db.run(
            "INSERT INTO suspense (h, subject, minor) VALUES (?1, ?2, max(?3, 0)) "
            "ON CONFLICT (h, subject) DO UPDATE SET minor = minor + ?3",
            h.text, move.subject, move.suspense.minor);
    }
    const bool shown_differs =
        move.value != Amount{} || move.loss != Amount{} || move.owed != Amount{};
    if (!shown_differs) return;
    const std::optional<SubjectRow> row = books.subject(move.subject);
    ENSURE(row);
    books.balance_changed(*row);
}

void give(sql::Db& db, const DeviceId& h, const journal::AuthorityLine& line) {
    ENSURE(line.amount > Amount{});
    const std::int64_t taken =
        db.run("UPDATE subject SET centre = centre - ?1 WHERE subject = ?2 AND centre >= ?1",
               line.amount.minor, line.subject);
    ENSURE(taken == 1);  // never more than the centre has
    add_held(db, h, line.subject, line.amount);
}

Amount held_elsewhere(sql::Db& db, const DeviceId& h, std::string_view subject) {
    return cell(db, "SELECT sum(minor) FROM held WHERE h <> ? AND subject = ?", h, subject);
}

std::vector<Subject> subjects_held_by(sql::Db& db, const DeviceId& h) {
    std::vector<Subject> out;
    db.each(
        "SELECT subject FROM held WHERE h = ? AND minor > 0",
        [&](sql::Statement& row) { out.push_back(row.text(0)); }, h.text);
    return out;
}

}  // namespace obol::ledger
