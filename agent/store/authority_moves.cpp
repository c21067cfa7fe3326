#include "agent/store/authority_moves.hpp"

#include <algorithm>
#include <map>

#include "agent/store/rows.hpp"
#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

namespace {

constexpr std::size_t most_lines_an_entry = 500;

// What there is of it, at its full amount, ended or not: returning ignores not_after.
std::optional<journal::AuthorityLine> held_line(WriteTxn& txn, std::string_view subject) {
    std::optional<journal::AuthorityLine> out;
    txn.db().each(
        "SELECT subject, minor, currency FROM held WHERE subject = ?",
        [&out](sql::Statement& row) {
            out = journal::AuthorityLine{row.text(0), Amount{row.integer(1)}, currency_in(row, 2)};
        },
        subject);
    return out;
}

// Of this subject, by authority_returned entries after `as_of`.
std::map<Subject, Amount> returned_after(WriteTxn& txn, std::int64_t as_of) {
    std::map<Subject, Amount> out;
    std::vector<std::int64_t> entries;
    txn.db().each(
        "SELECT seq FROM entry WHERE seq > ? AND kind = 'authority_returned'",
        [&entries](sql::Statement& row) { entries.push_back(row.integer(0)); }, as_of);
    for (const std::int64_t seq : entries) {
        const std::optional<journal::Entry> entry = txn.entry(seq);
        const auto record = journal::from_detail(entry->kind, entry->detail);
        ENSURE(record && std::holds_alternative<journal::AuthorityReturned>(*record));
        for (const auto& line : std::get<journal::AuthorityReturned>(*record).lines) {
            out[line.subject] += line.amount;
        }
    }
    return out;
}

bool is_open(WriteTxn& txn, std::int64_t ask) {
    return txn.db().value<std::int64_t>("SELECT 1 FROM ask WHERE seq = ? AND open = 1", ask).has_value();
}

void end_at(WriteTxn& txn, const wire::Grant& grant) {
    if (!grant.not_after) return;
    for (const journal::AuthorityLine& line : grant.lines) {
        // Held in one lump: the earlier end holds for all of it.
        txn.db().run("UPDATE held SET not_after = min(coalesce(not_after, ?2), ?2) WHERE subject = ?1", line.subject,
                     to_millis(*grant.not_after));
    }
}

}  // namespace

void append_returns(WriteTxn& txn, std::string why, std::vector<journal::AuthorityLine> lines) {
    if (lines.empty()) return;
    // Whoever gets the authority may compare the PIN, and must know how many tries are left.
    txn.tell_wrong_pins();
    const journal::AuthorityReturned entry{std::move(why), std::move(lines)};
    txn.append(entry);
}

void take_grants(WriteTxn& txn, const std::vector<wire::Grant>& grants) {
    for (const wire::Grant& grant : grants) {
        // The hash says that it answers this very ask, not one of another branch of the chain.
        if (!is_open(txn, grant.ask) || txn.hash_at(grant.ask) != grant.ask_hash) continue;
        journal::AuthorityTaken taken{grant.ask, {}};
        for (const journal::AuthorityLine& line : grant.lines) {
            if (line.amount > Amount{}) taken.lines.push_back(line);
        }
        txn.append(taken);
        end_at(txn, grant);
    }
}

std::vector<wire::Recall> return_recalled(WriteTxn& txn, const std::vector<wire::Recall>& recalls,
                                          std::int64_t as_of, const InUse& in_use) {
    if (recalls.empty()) return {};
    std::vector<wire::Recall> put_off;
    std::vector<journal::AuthorityLine> lines;
    std::map<Subject, Amount> done = returned_after(txn, as_of);
    for (const wire::Recall& recall : recalls) {
        const Amount wanted = recall.amount - done[recall.subject];
        if (wanted <= Amount{}) continue;
        std::optional<journal::AuthorityLine> line = held_line(txn, recall.subject);
        if (!line) continue;
        if (in_use.contains(recall.subject)) {
            put_off.push_back(recall);
            continue;
        }
        if (!is_indivisible(recall.subject)) line->amount = std::min(line->amount, wanted);
        done[recall.subject] += line->amount;
        lines.push_back(std::move(*line));
    }
    append_returns(txn, "recall", std::move(lines));
    return put_off;
}

void return_unused(WriteTxn& txn, Instant since, const InUse& in_use) {
    std::vector<std::string> ended, idle;
    txn.db().each(
        "SELECT subject FROM held WHERE not_after IS NOT NULL AND not_after <= ? ORDER BY not_after LIMIT ?",
        [&](sql::Statement& row) { ended.push_back(row.text(0)); }, to_millis(txn.now()),
        static_cast<std::int64_t>(most_lines_an_entry));
    txn.db().each(
        "SELECT subject FROM held WHERE away = 1 AND last_used <= ? AND subject NOT LIKE 'offer:%' ORDER BY last_used LIMIT ?",
        [&](sql::Statement& row) { idle.push_back(row.text(0)); }, to_millis(since),
        static_cast<std::int64_t>(most_lines_an_entry));
    const auto lines_of = [&](const std::vector<std::string>& subjects, bool spare_used) {
        std::vector<journal::AuthorityLine> lines;
        for (const std::string& subject : subjects) {
            if (spare_used && in_use.contains(subject)) continue;
            if (auto line = held_line(txn, subject)) lines.push_back(std::move(*line));
        }
        return lines;
    };
    append_returns(txn, "expiry", lines_of(ended, false));
    append_returns(txn, "idle", lines_of(idle, true));  // what ended has no row any more
}

bool anything_due(Facts& facts, Instant now, Millis idle_return) {
    return facts.db()
        .value<std::int64_t>(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM held WHERE not_after IS NOT NULL AND not_after <= ?1) "
            "OR EXISTS (SELECT 1 FROM held WHERE away = 1 AND last_used <= ?2 AND subject NOT LIKE 'offer:%') "
            "OR EXISTS (SELECT 1 FROM ask WHERE open = 1 AND placement = 0 AND at <= ?2)",
            to_millis(now), to_millis(now - idle_return))
        .has_value();
}

void give_up_asks(WriteTxn& txn, Instant since, const std::set<std::int64_t>& waited_for) {
    std::vector<std::int64_t> asks;
    txn.db().each(
        "SELECT seq FROM ask WHERE open = 1 AND placement = 0 AND at <= ?",
        [&](sql::Statement& row) { asks.push_back(row.integer(0)); }, to_millis(since));
    for (const std::int64_t ask : asks) {
        if (waited_for.contains(ask)) continue;
        const journal::AuthorityTaken nothing{ask, {}};
        txn.append(nothing);
    }
}

}  // namespace obol::agent
