#include "sync/ledger/store/comparison.hpp"

#include <map>

#include "sync/ledger/store/feed.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

using wire::Balance;
using wire::Compared;
using wire::Comparison;

namespace {

// Granted and not yet taken is held in these books, and not yet in the device's (I3).
std::map<Subject, std::int64_t> on_its_way(sql::Db& db, const DeviceId& h) {
    std::map<Subject, std::int64_t> out;
    db.each(
        "SELECT l.subject, l.granted FROM ask a JOIN ask_line l ON l.h = a.h AND l.seq = a.seq "
        "WHERE a.h = ? AND a.state = 'granted' AND l.granted > 0",
        [&](sql::Statement& row) { out[row.text(0)] += row.integer(1); }, h.text);
    return out;
}

std::vector<Balance> held_rows(sql::Db& db, const DeviceId& h, const wire::CompareAsk& slice) {
    const std::map<Subject, std::int64_t> granted = on_its_way(db, h);
    std::vector<Balance> out;
    db.each(
        "SELECT held.subject, held.minor, s.currency FROM held JOIN subject s ON s.subject = held.subject "
        "WHERE held.h = ?1 AND held.minor > 0 AND held.subject > ?2 AND (?3 = '' OR held.subject <= ?3) "
        "ORDER BY held.subject",
        [&](sql::Statement& row) {
            const auto coming = granted.find(row.text(0));
            const std::int64_t taken = row.integer(1) - (coming == granted.end() ? 0 : coming->second);
            if (taken == 0) return;
            out.push_back({row.text(0), Amount{taken}, currency_of(row.text_view(2))});
        },
        h.text, slice.after, slice.until);
    return out;
}

// As the snapshot tells them.
std::vector<Balance> balance_rows(sql::Db& db, const BusinessId& viewer, const wire::CompareAsk& slice) {
    static const std::string told = "SELECT s.subject, " + std::string(told_value) +
                                    " AS whole, s.currency FROM subject s WHERE s.subject > ?2 AND "
                                    "(?3 = '' OR s.subject <= ?3) AND whole <> 0 AND " +
                                    std::string(told_subjects) + " ORDER BY s.subject";
    std::vector<Balance> out;
    db.each(
        told,
        [&](sql::Statement& row) {
            out.push_back({row.text(0), Amount{row.integer(1)}, currency_of(row.text_view(2))});
        },
        viewer.text, slice.after, slice.until);
    return out;
}

// The device will hear of it, or is no longer told of it.
bool in_flight(sql::Db& db, const BusinessId& viewer, const Subject& subject, std::int64_t cursor) {
    return db.value<std::int64_t>(
                 "SELECT 1 WHERE EXISTS (SELECT 1 FROM change WHERE kind = 'balance' AND id = ?1 AND n > ?2) "
                 "OR EXISTS (SELECT 1 FROM subject WHERE subject = ?1 AND business NOT IN "
                 "(SELECT business FROM sees WHERE viewer = ?3))",
                 subject, cursor, viewer.text)
        .has_value();
}

std::vector<wire::Difference> differences(const std::vector<Balance>& theirs, const std::vector<Balance>& ours) {
    std::map<std::pair<Subject, std::string>, wire::Difference> all;
    const auto side = [&](const std::vector<Balance>& rows, Amount wire::Difference::*amount) {
        for (const Balance& row : rows) {
            wire::Difference& one = all[{row.subject, std::string(row.currency.code())}];
            one.subject = row.subject;
            one.currency = row.currency;
            one.*amount = one.*amount + row.value;
        }
    };
    side(theirs, &wire::Difference::device);
    side(ours, &wire::Difference::ledger);
    std::vector<wire::Difference> out;
    for (auto& [key, one] : all) {
        if (one.device != one.ledger) out.push_back(std::move(one));
    }
    return out;
}

void raise(Books& books, const HolderRow& holder, Compared what, const wire::Difference& one, Instant now,
           Random& random) {
    const std::string detail = std::string(wire::name_of(what)) + " " + one.subject + ": the device has " +
                               std::to_string(one.device.minor) + ", the ledger " +
                               std::to_string(one.ledger.minor) + " " + std::string(one.currency.code());
    const auto open = books.db().value<std::int64_t>(
        "SELECT 1 FROM exception WHERE code = 'reconciliation_difference' AND h = ? AND detail = ? "
        "AND closed_at IS NULL LIMIT 1",
        holder.h.text, detail);
    if (open) return;
    std::optional<Money> amount;
    if (one.currency != Currency::none()) {
        const Amount by = one.device > one.ledger ? one.device - one.ledger : one.ledger - one.device;
        amount = Money{by, one.currency};
    }
    books.raise("reconciliation_difference", detail, "finance", holder.h.text, holder.head.seq, amount, now, random);
}

void begin(sql::Db& db, const DeviceId& h, Compared what) {
    db.run("UPDATE comparison SET going = 0 WHERE h = ? AND what = ? AND going <> 0", h.text, wire::name_of(what));
}

void count(sql::Db& db, const DeviceId& h, Compared what, std::size_t found) {
    db.run(
        "INSERT INTO comparison (h, what, going) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (h, what) DO UPDATE SET going = going + excluded.going",
        h.text, wire::name_of(what), static_cast<std::int64_t>(found));
}

void finish(sql::Db& db, const DeviceId& h, Compared what, Instant now) {
    count(db, h, what, 0);
    db.run("UPDATE comparison SET at = ?, different = going, going = 0 WHERE h = ? AND what = ?", to_millis(now),
           h.text, wire::name_of(what));
}

}  // namespace

wire::CompareAnswer compare_slice(Books& books, const HolderRow& holder, const wire::CompareAsk& ask,
                                  Instant now, Random& random) {
    sql::Db& db = books.db();
    // What is held moves with each entry. A balance that moved is told by the feed, so it is enough to know
    // how far the device has read.
    const bool same_moment = holder.status == wire::HolderStatus::active &&
                             ask.generation == era(db).generation && ask.cursor <= books.last_change() &&
                             (ask.what == Compared::balances || ask.head == holder.head);
    if (!same_moment) return {Comparison::moved, {}};
    if (ask.after.empty()) begin(db, holder.h, ask.what);

    const std::vector<Balance> ours =
        ask.what == Compared::held ? held_rows(db, holder.h, ask) : balance_rows(db, holder.business, ask);
    wire::CompareAnswer answer;
    if (wire::digest_of(ours) != ask.digest) {
        answer.state = Comparison::different;
        if (!ask.rows) return answer;
        answer.differences = differences(*ask.rows, ours);
        if (ask.what == Compared::balances) {
            std::erase_if(answer.differences, [&](const wire::Difference& one) {
                return in_flight(db, holder.business, one.subject, ask.cursor);
            });
        }
        for (const wire::Difference& one : answer.differences) raise(books, holder, ask.what, one, now, random);
        if (answer.differences.empty()) answer.state = Comparison::same;
        else count(db, holder.h, ask.what, answer.differences.size());
    }
    if (ask.until.empty()) finish(db, holder.h, ask.what, now);
    return answer;
}

ComparisonState comparison_with(sql::Db& db, const DeviceId& h, wire::Compared what) {
    ComparisonState out;
    db.each(
        "SELECT at, different FROM comparison WHERE h = ? AND what = ? AND at IS NOT NULL",
        [&out](sql::Statement& row) { out = {from_millis(row.integer(0)), row.integer(1)}; }, h.text,
        wire::name_of(what));
    return out;
}

}  // namespace obol::ledger
