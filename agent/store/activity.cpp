#include "agent/store/activity.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "agent/store/page_moves.hpp"

namespace obol::agent {

namespace {

constexpr std::chrono::days kept{40};  // more than a month and the day before it

std::pair<std::string, std::string> halves(std::string_view id) {
    const std::size_t colon = std::min(id.find(':'), id.size());
    return {std::string(id.substr(0, colon)), std::string(id.substr(std::min(colon + 1, id.size())))};
}

Limit cached_limit(ByteView body) {
    const Result<journal::Value> value = journal::decode(body);
    const Result<Limit> limit = value ? journal::limit_from(*value) : Result<Limit>{value.error()};
    if (!limit) throw std::runtime_error("the fact cache is damaged: " + limit.error().detail);
    return *limit;
}

}  // namespace

std::optional<BusinessCalendar> calendar_of(const Business& business) {
    const Result<Zone> zone = Zone::find(business.zone);
    if (!zone) return std::nullopt;
    return BusinessCalendar{*zone, business.cutoff_minute};
}

void add_own_tally(sql::Db& db, std::int64_t seq, const WalletId& wallet, const BusinessId& business,
                   const journal::Tally& tally) {
    db.run(
        "INSERT INTO activity_own (wallet, business, kind, day, seq, count, amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
        wallet.text, business.text, tally.kind, tally.day, seq, tally.count, tally.amount.minor);
}

void count_own(Facts& facts, const journal::Record& record, std::int64_t seq, Instant at) {
    const auto counted =
        journal::counted(record, at, [&facts](const PurchaseId& id) { return facts.purchase(id); });
    if (!counted) return;
    const std::optional<Business> business = facts.business(counted->business);
    const auto calendar = business ? calendar_of(*business) : std::nullopt;
    if (!calendar) return;
    const bool in_money = counted->money.currency == business->currency;
    add_own_tally(facts.db(), seq, counted->wallet, counted->business,
                  {std::string(name_of(counted->kind)), to_iso_date(business_day_of(counted->at, *calendar)),
                   counted->count, in_money ? counted->money.amount : Amount{}});
}

namespace {

void write_central(sql::Db& db, std::string_view table, const journal::Tallies& of) {
    db.run("DELETE FROM " + std::string(table) + " WHERE wallet = ? AND business = ?", of.wallet.text, of.business.text);
    for (const journal::Tally& tally : of.tallies) {
        db.run("INSERT OR REPLACE INTO " + std::string(table) +
                   " (wallet, business, kind, day, count, amount) VALUES (?, ?, ?, ?, ?, ?)",
               of.wallet.text, of.business.text, tally.kind, tally.day, tally.count, tally.amount.minor);
    }
}

std::optional<journal::Tallies> tallies_named(std::string_view id, const journal::Map& body) {
    Result<journal::Tallies> read = journal::tallies_from(body);
    if (!read || journal::tallies_id(read->wallet, read->business) != id) return std::nullopt;
    return std::move(*read);
}

}  // namespace

bool put_central_activity(sql::Db& db, std::string_view id, const journal::Map& body, std::int64_t as_of) {
    const auto read = tallies_named(id, body);
    if (!read) return false;
    db.run("DELETE FROM activity_own WHERE wallet = ? AND business = ? AND seq <= ?", read->wallet.text,
           read->business.text, as_of);
    write_central(db, "activity_central", *read);
    return true;
}

bool stage_central_activity(sql::Db& db, std::string_view id, const journal::Map& body) {
    const auto read = tallies_named(id, body);
    if (read) write_central(db, "staged_activity_central", *read);
    return read.has_value();
}

void forget_central_activity(sql::Db& db, std::string_view id) {
    const auto [wallet, business] = halves(id);
    db.run("DELETE FROM activity_central WHERE wallet = ? AND business = ?", wallet, business);
}

void drop_old_activity(sql::Db& db, Instant now) {
    const std::string first = to_rfc3339(now - kept).substr(0, 10);
    for (const std::string_view table : {"activity_central", "activity_own"}) {
        db.run("DELETE FROM " + std::string(table) + " WHERE day > '' AND day < ?", first);
    }
}

bool index_limit(sql::Db& db, std::string_view id, const journal::Map& body) {
    const Result<Limit> limit = journal::limit_from(body);
    if (!limit || limit->id != id) return false;
    forget_limit(db, id);
    db.run("INSERT INTO limit_of (business, wallet, id) VALUES (?, ?, ?)", limit->business.text,
           limit->wallet.text, id);
    return true;
}

bool stage_limit(sql::Db& db, std::string_view id, const journal::Map& body) {
    const Result<Limit> limit = journal::limit_from(body);
    if (!limit || limit->id != id) return false;
    db.run("INSERT OR IGNORE INTO staged_limit_of (business, wallet, id) VALUES (?, ?, ?)", limit->business.text,
           limit->wallet.text, id);
    return true;
}

void forget_limit(sql::Db& db, std::string_view id) { db.run("DELETE FROM limit_of WHERE id = ?", id); }

Instant Facts::journal_time(Instant wall) const { return now_ ? std::max(wall, now_().now) : wall; }

journal::Tally Facts::tallied(const WalletId& wallet, const BusinessId& business, std::string_view kind,
                              const std::optional<DayRange>& days) {
    journal::Tally out{std::string(kind), "", 0, {}};
    const std::string first = days ? to_iso_date(days->first) : "";
    const std::string end = days ? to_iso_date(days->end) : "0";  // before every date, behind ''
    for (const std::string_view table : {"activity_central", "activity_own"}) {
        db_.each(
            "SELECT count, amount FROM " + std::string(table) +
                " WHERE wallet = ? AND business = ? AND kind = ? AND day >= ? AND day < ?",
            [&out](sql::Statement& row) {
                out.count += row.integer(0);
                out.amount += Amount{row.integer(1)};
            },
            wallet.text, business.text, kind, first, end);
    }
    // A void may be heard of before the purchase that it takes out.
    out.count = std::max<std::int64_t>(out.count, 0);
    out.amount = std::max(out.amount, Amount{});
    return out;
}

LimitFacts Facts::limit_facts(const WalletId& wallet, const BusinessId& business, LimitKind kind, Instant at) {
    const sql::ReadTxn one_moment{db_};
    LimitFacts out;
    out.as_of = number_in_meta(*this, "cursor");
    db_.each(
        "SELECT f.body FROM limit_of l JOIN fact f ON f.kind = 'limit' AND f.id = l.id "
        "WHERE l.business = ? AND l.wallet IN ('', ?) ORDER BY l.id",
        [&](sql::Statement& row) {
            Limit limit = cached_limit(row.blob_view(0));
            if (limit.kind == kind && !is_lifted(limit)) out.limits.push_back(std::move(limit));
        },
        business.text, wallet.text);
    const std::optional<Business> known = out.limits.empty() ? std::nullopt : this->business(business);
    const auto calendar = known ? calendar_of(*known) : std::nullopt;
    if (!calendar) return out;
    // A clock set back resets no counter: the day of the last entry is still the day.
    const Instant now = journal_time(at);
    for (const LimitPeriod period : {LimitPeriod::day, LimitPeriod::week, LimitPeriod::month}) {
        if (std::ranges::count(out.limits, period, &Limit::period) == 0) continue;
        const DayRange days = period_of(period, now, *calendar);
        const journal::Tally done = tallied(wallet, business, name_of(kind), days);
        out.activity.push_back(
            {period, done.count, done.amount, days.resets_at, calendar->zone.offset_text(days.resets_at)});
    }
    return out;
}

}  // namespace obol::agent
