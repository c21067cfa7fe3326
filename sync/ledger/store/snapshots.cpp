#include "sync/ledger/store/snapshots.hpp"

#include <algorithm>
#include <optional>

#include "sync/ledger/store/feed.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

// All through one connection, in one read transaction.
struct Snapshots::Kept {
    Kept(std::unique_ptr<sql::Db> reader, const HolderRow& of, std::string named, Instant now)
        : db(std::move(reader)), moment(*db), books(*db), id(std::move(named)), begun(now), used(now) {
        const auto then = ledger::holder(*db, of.h.text);
        holder = then ? *then : of;
        generation = era(*db).generation;
        cursor = books.last_change();
    }

    std::unique_ptr<sql::Db> db;
    sql::ReadTxn moment;
    Books books;
    HolderRow holder;
    std::string id;
    std::int64_t generation = 1, cursor = 0;
    Instant begun, used;
};

namespace {

// Places are "PART:KEY"; keys of two parts have a space between, which no id has.
constexpr std::string_view facts_part = "f:", activity_part = "a:", balances_part = "b:";
constexpr std::size_t most_bytes_a_page = 512 << 10;

std::pair<std::string, std::string> halves(std::string_view key) {
    const std::size_t space = std::min(key.find(' '), key.size());
    return {std::string(key.substr(0, space)), std::string(key.substr(std::min(space + 1, key.size())))};
}

journal::Map map_of(ByteView body) {
    Result<journal::Value> value = journal::decode(body);
    if (!value || value->map() == nullptr) throw sql::SqlError(11, "a stored document is damaged");
    return std::move(*value->map());
}

constexpr std::string_view seen_businesses = " business IN (SELECT business FROM sees WHERE viewer = ?) ";

class Filler {
public:
    Filler(Books& books, const BusinessId& viewer, Instant then, wire::SnapshotPage& page)
        : books_(books), viewer_(viewer), then_(then), page_(page) {}

    // From this place on, until the page is full or nothing is left.
    void fill(std::string_view after) {
        if (after.empty() || after.starts_with(facts_part)) {
            if (facts(after.empty() ? "" : after.substr(2))) return;
            after = activity_part;
        }
        if (after.starts_with(activity_part)) {
            if (activity(after.substr(2))) return;
            after = balances_part;
        }
        balances(after.substr(2));
    }

private:
    bool full() const {
        return page_.facts.size() + page_.balances.size() >= std::size_t{wire::most_rows_a_snapshot_page} ||
               bytes_ >= most_bytes_a_page;
    }

    bool facts(std::string_view after) {
        const auto [kind, id] = halves(after);
        sql::Statement rows = books_.db().prepare(
            "SELECT kind, id, body FROM fact WHERE (kind, id) > (?, ?) AND gone = 0 AND" + std::string(seen_businesses) +
            "ORDER BY kind, id");
        rows.bind_all(kind, id, viewer_.text);
        while (rows.step()) {
            if (full()) return true;
            const ByteView body = rows.blob_view(2);
            bytes_ += body.size() + 64;
            page_.facts.push_back({rows.text(0), rows.text(1), false, map_of(body)});
            page_.next = std::string(facts_part) + rows.text(0) + " " + rows.text(1);
        }
        return false;
    }

    bool activity(std::string_view after) {
        const auto [wallet, business] = halves(after);
        sql::Statement rows = books_.db().prepare(
            "SELECT DISTINCT wallet, business FROM activity WHERE (wallet, business) > (?, ?) AND" +
            std::string(seen_businesses) + "ORDER BY wallet, business");
        rows.bind_all(wallet, business, viewer_.text);
        while (rows.step()) {
            if (full()) return true;
            const std::string id = journal::tallies_id(WalletId{rows.text(0)}, BusinessId{rows.text(1)});
            page_.next = std::string(activity_part) + rows.text(0) + " " + rows.text(1);
            auto body = activity_fact(books_, id, then_);
            if (!body) continue;
            bytes_ += 256;
            page_.facts.push_back({"activity", id, false, std::move(*body)});
        }
        return false;
    }

    // Zero is what a venue assumes of a subject that it was told nothing of.
    void balances(std::string_view after) {
        static const std::string told = "SELECT s.subject, s.currency, " + std::string(told_value) +
                                        " FROM subject s WHERE s.subject > ?2 AND " + std::string(told_subjects) +
                                        " ORDER BY s.subject";
        sql::Statement rows = books_.db().prepare(told);
        rows.bind_all(viewer_.text, after);
        while (rows.step()) {
            if (full()) return;
            page_.next = std::string(balances_part) + rows.text(0);
            if (rows.integer(2) == 0) continue;
            bytes_ += 96;
            page_.balances.push_back({rows.text(0), Amount{rows.integer(2)}, currency_of(rows.text_view(1))});
        }
        page_.next.clear();
    }

    Books& books_;
    const BusinessId& viewer_;
    Instant then_;
    wire::SnapshotPage& page_;
    std::size_t bytes_ = 0;
};

}  // namespace

Snapshots::Snapshots(sql::Db& db, Random& random) : db_(db), random_(random) {}
Snapshots::~Snapshots() = default;

void Snapshots::forget_old(Instant now) {
    std::erase_if(open_, [now](const std::unique_ptr<Kept>& kept) {
        return now - kept->used >= snapshot_idle || now - kept->begun >= snapshot_life || now < kept->begun;
    });
}

Result<Snapshots::Kept*> Snapshots::find(const HolderRow& holder, const wire::SnapshotAsk& ask, Instant now) {
    if (!ask.id.empty()) {
        const auto at = std::ranges::find_if(open_, [&](const auto& kept) {
            return kept->id == ask.id && kept->holder.h == holder.h;
        });
        if (at == open_.end()) return Fault{"snapshot_gone", "that snapshot is not kept any more"};
        open_.splice(open_.end(), open_, at);
        return open_.back().get();
    }
    // A device that begins anew wants nothing of what it began before.
    std::erase_if(open_, [&](const auto& kept) { return kept->holder.h == holder.h; });
    if (open_.size() >= most_snapshots) open_.pop_front();
    open_.push_back(std::make_unique<Kept>(db_.another_reader(), holder, make_uuid7(now, random_), now));
    return open_.back().get();
}

Result<wire::SnapshotPage> Snapshots::page(const HolderRow& holder, const wire::SnapshotAsk& ask, Instant now) {
    forget_old(now);
    const Result<Kept*> found = find(holder, ask, now);
    if (!found) return found.error();
    Kept& kept = **found;
    kept.used = now;
    wire::SnapshotPage out;
    out.id = kept.id;
    out.generation = kept.generation;
    out.cursor = kept.cursor;
    out.as_of = kept.holder.head.seq;
    out.after = ask.after;
    Filler{kept.books, kept.holder.business, kept.begun, out}.fill(ask.after);
    // Kept although it was the last page: the answer may be lost and asked for again.
    return out;
}

}  // namespace obol::ledger
