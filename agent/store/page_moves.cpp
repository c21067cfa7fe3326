#include "agent/store/page_moves.hpp"

#include "agent/store/activity.hpp"
#include "agent/store/write_context.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

std::int64_t number_in_meta(Facts& facts, std::string_view key) {
    return facts.db().value<std::int64_t>("SELECT value FROM meta WHERE key = ?", key).value_or(0);
}

void WriteTxn::cache_fact(const wire::Fact& fact, std::int64_t as_of) {
    context_.step();  // a snapshot brings very many
    FactCache cache{*this, context_.here};
    if (fact.kind != "pass" && fact.kind != "wallet" && fact.kind != "lot" && fact.kind != "activity") {
        rules_change();
    }
    if (cache.put(fact, as_of)) return;
    // A fact that cannot be read is not known; somebody has to look, and the feed goes on.
    db_.run("INSERT INTO exception (id, at, code, detail) VALUES (?, ?, 'malformed_fact', ?)", new_id(),
            to_millis(now()), fact.kind + " " + fact.id);
}

void WriteTxn::cache_balance(const wire::Balance& balance, std::int64_t as_of) {
    FactCache{*this, context_.here}.put_balance(balance, as_of);
}

void WriteTxn::clear_cache(std::int64_t as_of) {
    rules_change();
    FactCache{*this, context_.here}.clear();
    clear_activity(db_, as_of);
    db_.run("DELETE FROM pass_local WHERE seq <= ?", as_of);
}

namespace {

// Of what is held, in slices: it may be as much as there are passes.
void refresh_away_between(sql::Db& db, FactCache& cache, std::string after, std::string_view before) {
    constexpr std::int64_t slice = 1000;
    std::vector<std::string> subjects;
    do {
        subjects.clear();
        db.each(
            "SELECT subject FROM held WHERE subject > ? AND subject < ? ORDER BY subject LIMIT ?",
            [&](sql::Statement& row) { subjects.push_back(row.text(0)); }, after, before, slice);
        for (const std::string& subject : subjects) cache.refresh_away(subject);
        if (!subjects.empty()) after = subjects.back();
    } while (!subjects.empty());
}

}  // namespace

void WriteTxn::lay_own_entries_over(std::int64_t as_of) {
    // What the snapshot's balances do not name has no money at the centre. (+: found by seq, not by account,
    // of which the whole journal would be read.)
    db_.each(
        "SELECT account, sum(minor), currency FROM posting WHERE seq > ? GROUP BY +account, currency",
        [&](sql::Statement& row) {
            if (!is_subject(row.text_view(0))) return;
            db_.run(
                "INSERT INTO balance (subject, central, as_of, shown, currency) VALUES (?, 0, ?, ?, ?) "
                "ON CONFLICT (subject) DO NOTHING",
                row.text_view(0), as_of, row.integer(1), row.text_view(2));
        },
        as_of);
    const std::int64_t last = head().seq;
    for (std::int64_t seq = as_of + 1; seq <= last; ++seq) {
        context_.step();
        const std::optional<journal::Entry> own = entry(seq);
        const auto own_record = journal::from_detail(own->kind, own->detail).value();
        Effects(*this, context_, seq, own->wall, own->wall).apply_to_cache(own_record);
    }
    // Homes may have changed with the facts; not that of a right to refund, of which each purchase has left one.
    FactCache cache{*this, context_.here};
    refresh_away_between(db_, cache, "", "right:");
    refresh_away_between(db_, cache, "right;", "~");  // ';' follows ':', and '~' all letters
}

bool apply_page(WriteTxn& txn, const wire::Page& page) {
    if (page.generation != number_in_meta(txn, "generation")) return false;
    if (page.from != number_in_meta(txn, "cursor")) return false;
    for (const wire::Fact& fact : page.facts) txn.cache_fact(fact, page.as_of);
    for (const wire::Balance& balance : page.balances) txn.cache_balance(balance, page.as_of);
    drop_old_activity(txn.db(), txn.now());
    txn.set_meta("cursor", page.to);
    return true;
}

bool install_snapshot(WriteTxn& txn, const wire::Snapshot& snapshot) {
    if (snapshot.generation != number_in_meta(txn, "generation")) return false;
    txn.clear_cache(snapshot.as_of);
    for (const wire::Fact& fact : snapshot.facts) txn.cache_fact(fact, snapshot.as_of);
    for (const wire::Balance& balance : snapshot.balances) txn.cache_balance(balance, snapshot.as_of);
    txn.lay_own_entries_over(snapshot.as_of);
    txn.set_meta("cursor", snapshot.cursor);
    txn.set_meta("snapshot_as_of", snapshot.as_of);  // own entries up to here left no balance of their own
    return true;
}

}  // namespace obol::agent
