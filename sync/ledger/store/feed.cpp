#include "sync/ledger/store/feed.hpp"

#include <algorithm>
#include <vector>

#include "sync/crypto/crypto.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

namespace {

struct Change {
    std::int64_t n = 0;
    std::string kind, id;
};

std::vector<Change> changes_after(sql::Db& db, const BusinessId& viewer, std::int64_t cursor) {
    std::vector<Change> out;
    db.each(
        "SELECT n, kind, id FROM change WHERE n > ? AND business IN "
        "(SELECT business FROM sees WHERE viewer = ?) ORDER BY n LIMIT ?",
        [&](sql::Statement& row) {
            out.push_back({row.integer(0), row.text(1), row.text(2)});
        },
        cursor, viewer.text, most_changes_a_page + 1);
    return out;
}

std::optional<wire::Balance> balance_of(sql::Db& db, const std::string& subject) {
    static const std::string told =
        "SELECT " + std::string(told_value) + ", currency FROM subject s WHERE subject = ?";
    auto row = db.prepare(told);
    row.bind_all(subject);
    if (!row.step()) return std::nullopt;
    return wire::Balance{subject, Amount{row.integer(0)}, currency_of(row.text_view(1))};
}

wire::Fact fact_of(Books& books, const std::string& kind, const std::string& id, Instant now) {
    wire::Fact fact{.kind = kind, .id = id, .gone = false, .body = {}};
    if (auto body = kind == "activity" ? activity_fact(books, id, now) : books.fact(kind, id)) {
        fact.body = std::move(*body);
    } else {
        fact.gone = true;
    }
    return fact;
}

}  // namespace

void read_changes(Books& books, const HolderRow& holder, std::int64_t cursor, wire::Page& page) {
    std::vector<Change> changes = changes_after(books.db(), holder.business, cursor);
    page.from = cursor;
    page.more = changes.size() > most_changes_a_page;
    if (page.more) changes.pop_back();
    page.to = page.more ? changes.back().n : std::max(cursor, books.last_change());
    for (const Change& change : changes) {
        if (change.kind != "balance") {
            page.facts.push_back(fact_of(books, change.kind, change.id, page.now));
        } else if (auto balance = balance_of(books.db(), change.id)) {
            page.balances.push_back(std::move(*balance));
        }
    }
    page.as_of = holder.head.seq;
}

wire::Snapshot read_snapshot(Books& books, const HolderRow& holder, Instant now) {
    wire::Snapshot out;
    out.generation = era(books.db()).generation;
    out.cursor = books.last_change();
    out.as_of = holder.head.seq;
    out.facts = books.facts(holder.business);
    for (wire::Fact& fact : activity_facts(books, holder.business, now)) {
        out.facts.push_back(std::move(fact));
    }
    // Zero is what a venue assumes of a subject that it was told nothing of.
    static const std::string told = "SELECT s.subject, s.currency, " + std::string(told_value) +
                                    " FROM subject s WHERE " + std::string(told_subjects) +
                                    " ORDER BY s.subject";
    books.db().each(
        told,
        [&](sql::Statement& row) {
            if (row.integer(2) == 0) return;
            out.balances.push_back(
                {row.text(0), Amount{row.integer(2)}, currency_of(row.text_view(1))});
        },
        holder.business.text);
    return out;
}

std::string news_of(const wire::Page& page) {
    journal::Array recalls, grants;
    for (const wire::Recall& recall : page.recalls) {
        recalls.push_back(journal::Array{recall.subject, recall.amount.minor});
    }
    for (const wire::Grant& grant : page.grants) grants.push_back(grant.ask);
    const journal::Map all{{"recalls", recalls},
                           {"grants", grants},
                           {"placement", page.placement},
                           {"status", wire::name_of(page.status)},
                           {"generation", page.generation}};
    const crypto::Digest digest = crypto::sha256(journal::encode(all));
    return to_hex(ByteView(digest).first(8));
}

}  // namespace obol::ledger
