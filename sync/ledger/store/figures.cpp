#include "sync/ledger/store/figures.hpp"

#include <map>

#include "sync/ledger/store/positions.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

std::vector<Exposure> exposure(sql::Db& db) {
    std::vector<Exposure> out;
    db.each("SELECT currency, sum((SELECT coalesce(sum(minor), 0) FROM suspense p WHERE p.subject = s.subject)), "
            "sum(max(-centre, 0)), sum(loss) FROM subject s WHERE currency <> 'XXX' GROUP BY currency ORDER BY currency",
            [&](sql::Statement& row) {
                out.push_back({currency_of(row.text_view(0)), Amount{row.integer(1)}, Amount{row.integer(2)},
                               Amount{row.integer(3)}});
            });
    return out;
}

std::vector<SubjectFigures> subject_figures(sql::Db& db, std::string_view after, std::int64_t limit) {
    std::vector<SubjectFigures> out;
    db.each("SELECT subject, business, home, currency, "
            "(SELECT coalesce(sum(minor), 0) FROM account a WHERE a.account = s.subject), centre, "
            "(SELECT coalesce(sum(minor), 0) FROM held h WHERE h.subject = s.subject), "
            "(SELECT coalesce(sum(minor), 0) FROM suspense p WHERE p.subject = s.subject), loss "
            "FROM subject s WHERE subject > ? ORDER BY subject LIMIT ?",
            [&](sql::Statement& row) {
                out.push_back({row.text(0), BusinessId{row.text(1)}, VenueId{row.text(2)},
                               currency_of(row.text_view(3)), Amount{row.integer(4)}, Amount{row.integer(5)},
                               Amount{row.integer(6)}, Amount{row.integer(7)}, Amount{row.integer(8)}});
            },
            after, limit);
    return out;
}

std::vector<AccountFigures> account_figures(sql::Db& db, std::string_view after, std::int64_t limit) {
    std::vector<AccountFigures> out;
    db.each("SELECT account, currency, minor FROM account WHERE account > ? ORDER BY account, currency LIMIT ?",
            [&](sql::Statement& row) {
                out.push_back({row.text(0), currency_of(row.text_view(1)), Amount{row.integer(2)}});
            },
            after, limit);
    return out;
}

std::vector<HeldFigures> held_figures(sql::Db& db, const DeviceId& h) {
    std::vector<HeldFigures> out;
    db.each("SELECT s.subject, s.currency, coalesce(held.minor, 0), coalesce(p.minor, 0) FROM subject s "
            "LEFT JOIN held ON held.subject = s.subject AND held.h = ?1 "
            "LEFT JOIN suspense p ON p.subject = s.subject AND p.h = ?1 "
            "WHERE coalesce(held.minor, 0) > 0 OR coalesce(p.minor, 0) > 0 ORDER BY s.subject",
            [&](sql::Statement& row) {
                const Currency currency = currency_of(row.text_view(1));
                out.push_back({row.text(0), {Amount{row.integer(2)}, currency}, {Amount{row.integer(3)}, currency}});
            },
            h.text);
    return out;
}

std::vector<std::string> check_books(sql::Db& db) {
    std::vector<std::string> findings;
    const auto find = [&](std::string_view what, std::string_view sql) {
        db.each(sql, [&](sql::Statement& row) { findings.push_back(std::string(what) + ": " + row.text(0)); });
    };
    find("postings of a transfer do not sum to zero",
         "SELECT CAST(transfer AS TEXT) FROM posting GROUP BY transfer, currency HAVING sum(minor) <> 0");
    find("an account's total is not the sum of its postings",
         "SELECT a.account FROM account a WHERE a.minor <> (SELECT coalesce(sum(p.minor), 0) FROM posting p "
         "WHERE p.account = a.account AND p.currency = a.currency)");
    find("value and loss are not centre and held (I2)",
         "SELECT s.subject FROM subject s WHERE s.centre + "
         "(SELECT coalesce(sum(minor), 0) FROM held h WHERE h.subject = s.subject) <> s.loss + "
         "(SELECT coalesce(sum(minor), 0) FROM account a WHERE a.account = s.subject)");
    find("a subject's account is in another currency",
         "SELECT a.account FROM account a JOIN subject s ON s.subject = a.account WHERE a.currency <> s.currency");
    find("authority below zero", "SELECT subject FROM held WHERE minor < 0");
    find("a chain has a gap",
         "SELECT h FROM holder WHERE head_seq <> (SELECT count(*) FROM entry e WHERE e.h = holder.h AND e.branch = 0)");
    return findings;
}

Result<std::vector<Money>> write_off(Books& books, const DeviceId& h, Instant now, Random& random) {
    sql::Db& db = books.db();
    const std::optional<HolderRow> row = holder(db, h.text);
    if (!row) return Fault{"device_unknown", h.text};
    if (era(db).recovery) {
        return Fault{"recovery_running", "what the ledger forgot of this device would be lost with it"};
    }
    std::map<Currency, Amount> sums;
    for (const Subject& subject : subjects_held_by(db, h)) {
        const book::Position at = position(db, h, subject);
        apply(books, h, book::write_off(subject, at));
        sums[at.currency] += at.held;
    }
    // A revoked device stays refused; written off or not, it holds nothing more.
    if (row->status != wire::HolderStatus::revoked) set_status(db, h, wire::HolderStatus::written_off);
    std::vector<Money> out;
    for (const auto& [currency, amount] : sums) {
        out.push_back({amount, currency});
        if (currency == Currency::none()) continue;
        books.raise("written_off", "authority of " + row->name + " was written off", row->business.text, h.text,
                    std::nullopt, Money{amount, currency}, now, random);
    }
    return out;
}

}  // namespace obol::ledger
