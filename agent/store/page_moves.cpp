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

void WriteTxn::stage_fact(const wire::Fact& fact) {
    context_.step();
    if (FactCache{*this, context_.here, FactCache::Set::staged}.put(fact, 0)) return;
    db_.run("INSERT INTO exception (id, at, code, detail) VALUES (?, ?, 'malformed_fact', ?)", new_id(),
            to_millis(now()), fact.kind + " " + fact.id);
}

void WriteTxn::stage_balance(const wire::Balance& balance, std::int64_t as_of) {
    FactCache{*this, context_.here, FactCache::Set::staged}.put_balance(balance, as_of);
}

bool WriteTxn::empty_staged(std::int64_t most_rows) {
    return FactCache{*this, context_.here, FactCache::Set::staged}.empty_staged(most_rows);
}

void WriteTxn::take_staged(std::int64_t as_of) {
    rules_change();
    FactCache cache{*this, context_.here};
    std::vector<PassId> tried;
    // A pass whose PIN was tried once keeps its row; what the centre says matters to few of them.
    db_.each("SELECT pass FROM pin_tries WHERE wrong > 0 UNION SELECT pass FROM pin_tries WHERE locked IS NOT NULL",
             [&](sql::Statement& row) { tried.push_back(PassId{row.text(0)}); });
    for (const PassId& pass : tried) cache.believe_staged(pass, as_of);
    db_.run("DELETE FROM pass_local WHERE seq <= ?", as_of);
    db_.run("DELETE FROM pin_told WHERE seq <= ?", as_of);
    db_.run("DELETE FROM activity_own WHERE seq <= ?", as_of);
    cache.trade();
    lay_own_entries_over(as_of);
    set_meta("away_after", "");
}

// In the order of subjects. Not that of rights to refund, of which each purchase has left one: those stay.
bool WriteTxn::refresh_homes(std::int64_t most) {
    const auto after = db_.value<std::string>("SELECT value FROM meta WHERE key = 'away_after'");
    if (!after) return false;
    std::vector<std::string> subjects;
    const auto add = [&](sql::Statement& row) { subjects.push_back(row.text(0)); };
    const auto between = [&](std::string_view from, std::string_view before) {
        const std::int64_t left = most - static_cast<std::int64_t>(subjects.size());
        if (left <= 0) return;
        db_.each("SELECT subject FROM held WHERE subject > ? AND subject < ? ORDER BY subject LIMIT ?", add, from,
                 before, left);
    };
    if (*after < "right:") between(*after, "right:");
    between(std::max<std::string>(*after, "right;"), "~");  // ';' follows ':', and '~' all letters
    FactCache cache{*this, context_.here};
    for (const std::string& subject : subjects) cache.refresh_away(subject);
    if (subjects.empty()) {
        db_.run("DELETE FROM meta WHERE key = 'away_after'");
        return false;
    }
    set_meta("away_after", subjects.back());
    return true;
}

void WriteTxn::lay_own_entries_over(std::int64_t as_of) {
    // On what the centre had, own postings after it. What the snapshot's balances do not name has no money there.
    // (+: found by seq, not by account, of which the whole journal would be read.)
    db_.each(
        "SELECT account, sum(minor), currency FROM posting WHERE seq > ? GROUP BY +account, currency",
        [&](sql::Statement& row) {
            if (!is_subject(row.text_view(0))) return;
            db_.run(
                "INSERT INTO balance (subject, central, as_of, shown, currency) VALUES (?, 0, ?, ?, ?) "
                "ON CONFLICT (subject) DO UPDATE SET shown = central + excluded.shown",
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

wire::SnapshotAsk staged_so_far(Facts& facts) {
    const std::string next = facts.meta("staged_next").value_or("");
    if (next.empty()) return {};
    return {facts.meta("staged_id").value_or(""), next};
}

void note_staged(WriteTxn& txn, const wire::SnapshotPage& page) {
    txn.set_meta("staged_id", page.id);
    txn.set_meta("staged_next", page.next);
    txn.set_meta("staged_generation", page.generation);
    txn.set_meta("staged_cursor", page.cursor);
    txn.set_meta("staged_as_of", page.as_of);
}

void forget_staged(WriteTxn& txn) { txn.db().run("DELETE FROM meta WHERE key >= 'staged_' AND key < 'staged`'"); }

bool install_staged(WriteTxn& txn) {
    // Whole, and of the generation that is in force now.
    if (txn.meta("staged_id").value_or("").empty() || !txn.meta("staged_next").value_or("").empty()) return false;
    if (number_in_meta(txn, "staged_generation") != number_in_meta(txn, "generation")) return false;
    const std::int64_t as_of = number_in_meta(txn, "staged_as_of");
    txn.take_staged(as_of);
    txn.set_meta("cursor", number_in_meta(txn, "staged_cursor"));
    txn.set_meta("snapshot_as_of", as_of);  // own entries up to here left no balance of their own
    forget_staged(txn);
    return true;
}

}  // namespace obol::agent
