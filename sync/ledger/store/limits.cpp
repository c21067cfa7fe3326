#include "sync/ledger/store/limits.hpp"

#include <algorithm>
#include <map>

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

using journal::Counted;
using journal::Tallies;
using journal::Tally;

namespace {

Limit stored_limit(ByteView body) {
    const Result<journal::Value> value = journal::decode(body);
    ENSURE(value);
    const Result<Limit> limit = journal::limit_from(*value);
    ENSURE(limit);
    return *limit;
}

bool has_limits(sql::Db& db, std::string_view business) {
    return db
        .value<std::int64_t>("SELECT 1 FROM limit_version WHERE business = ? LIMIT 1", business)
        .has_value();
}

std::string text_in(const journal::Map& body, std::string_view key) {
    const auto at = body.find(key);
    return at == body.end() || !at->second.text() ? std::string{} : *at->second.text();
}

struct BaseOf {  // what a business counts by
    BusinessCalendar calendar;
    Currency currency;
};
std::optional<BaseOf> base_of(Books& books, const BusinessId& business) {
    const auto body = books.fact("business", business.text);
    if (!body) return std::nullopt;
    const auto zone = Zone::find(text_in(*body, "zone"));
    if (!zone) return std::nullopt;
    const std::string cutoff = text_in(*body, "cutoff");  // "04:00", as Registrar wrote it
    int minute = 0;
    if (cutoff.size() == 5) {
        const auto digits = [&](std::size_t at) {
            return (cutoff[at] - '0') * 10 + (cutoff[at + 1] - '0');
        };
        minute = digits(0) * 60 + digits(3);
    }
    return BaseOf{{*zone, minute}, currency_of(text_in(*body, "currency"))};
}

// The first business day of which a limit at `now` may still ask, or that a void may still change.
std::string first_day_that_matters(const BusinessCalendar& calendar, Instant now) {
    const LocalDate yesterday = add_days(business_day_of(now, calendar), -1);
    const LocalDate week = period_of(LimitPeriod::week, now, calendar).first;
    const LocalDate month = period_of(LimitPeriod::month, now, calendar).first;
    return to_iso_date(std::min({yesterday, week, month}));
}

// Far beyond any shop's figures, and still exact in JSON.
std::int64_t within_measure(std::int64_t value) {
    return std::clamp(value, -largest_amount, largest_amount);
}

bool counts(const Limit& limit, LimitKind kind) { return limit.kind == kind && !is_lifted(limit); }

std::vector<Limit> in_force(Books& books, const BusinessId& business, const WalletId& wallet,
                            LimitKind kind, Instant at) {
    std::vector<Limit> out;
    books.db().each(
        "SELECT body FROM limit_version v WHERE business = ?1 AND wallet IN ('', ?2) AND version = "
        "(SELECT max(version) FROM limit_version w WHERE w.id = v.id AND w.made_at <= ?3) "
        "ORDER BY id",
        [&](sql::Statement& row) {
            Limit limit = stored_limit(row.blob_view(0));
            if (counts(limit, kind)) out.push_back(std::move(limit));
        },
        business.text, wallet.text, to_millis(at));
    return out;
}

Activity activity_in(sql::Db& db, const WalletId& wallet, const BusinessId& business,
                     LimitKind kind, LimitPeriod period, Instant at,
                     const BusinessCalendar& calendar) {
    const DayRange range = period_of(period, at, calendar);
    Activity out{.period = period,
                 .resets_at = range.resets_at,
                 .resets_offset = calendar.zone.offset_text(range.resets_at)};
    std::int64_t amount = 0;
    db.each(
        "SELECT count, amount FROM activity WHERE wallet = ? AND business = ? AND kind = ? AND "
        "day >= ? AND day < ?",
        [&](sql::Statement& row) {
            out.count += row.integer(0);
            amount = within_measure(amount + row.integer(1));
        },
        wallet.text, business.text, name_of(kind), to_iso_date(range.first),
        to_iso_date(range.end));
    out.count = std::max<std::int64_t>(out.count, 0);
    out.amount = Amount{std::max<std::int64_t>(amount, 0)};
    return out;
}

void add_counted(Books& books, const Counted& counted, const BaseOf& base, const std::string& day) {
    const bool in_money = counted.money.currency == base.currency;
    add_tally(books, counted.wallet, counted.business,
              {std::string(name_of(counted.kind)), day, counted.count,
               in_money ? counted.money.amount : Amount{}});
}

// What the venue says it had of the feed never gets less within a generation.
std::vector<book::Doubt> note_as_of(sql::Db& db, const HolderRow& holder,
                                    const journal::Entry& entry, std::int64_t as_of) {
    std::int64_t generation = 0, before = 0;
    db.each(
        "SELECT generation, as_of FROM feed_stated WHERE h = ?",
        [&](sql::Statement& row) {
            generation = row.integer(0);
            before = row.integer(1);
        },
        holder.h.text);
    if (generation == entry.generation && as_of < before) {
        return {{"replay_mismatch",
                 "limits.as_of: the venue had " + std::to_string(before) +
                     " changes of the feed before, and claims " + std::to_string(as_of),
                 std::nullopt}};
    }
    if (generation != entry.generation || as_of != before) {
        db.run("INSERT OR REPLACE INTO feed_stated (h, generation, as_of) VALUES (?, ?, ?)",
               holder.h.text, entry.generation, as_of);
    }
    return {};
}

const LimitFacts* facts_in(const journal::Record& record) {
    if (const auto* it = std::get_if<journal::Purchase>(&record)) return &it->facts.limits;
    if (const auto* it = std::get_if<journal::PassRedeemed>(&record)) return &it->limits;
    if (const auto* it = std::get_if<journal::TopUp>(&record)) return &it->limits;
    return nullptr;
}

// Of its purchase, or, where two venues' chains came in that order, of a purchase whose void was booked first.
bool voided_before(sql::Db& db, const journal::Record& record, const BusinessId& business) {
    const auto* refund = std::get_if<journal::Refund>(&record);
    const auto* purchase = std::get_if<journal::Purchase>(&record);
    if (refund) return is_voided(db, refund->purchase, business);
    return purchase && is_voided(db, purchase->id, business);
}

Tally tally_at(const sql::Statement& row, int first) {
    return {row.text(first), row.text(first + 1), row.integer(first + 2),
            Amount{row.integer(first + 3)}};
}

}  // namespace

bool is_voided(sql::Db& db, const PurchaseId& purchase, const BusinessId& business) {
    return db
        .value<std::int64_t>("SELECT 1 FROM operation o JOIN holder ON holder.h = o.h "
                             "WHERE o.purchase = ? AND o.kind = 'void' AND holder.business = ? LIMIT 1",
                             purchase.text, business.text)
        .has_value();
}

std::optional<Limit> limit_of_version(Books& books, std::string_view id, int version) {
    const auto body = books.db().value<Bytes>(
        "SELECT body FROM limit_version WHERE id = ? AND version = ?", id, version);
    if (!body) return std::nullopt;
    return stored_limit(*body);
}

std::optional<Limit> current_limit(Books& books, std::string_view id) {
    const auto body = books.db().value<Bytes>(
        "SELECT body FROM limit_version WHERE id = ? ORDER BY version DESC LIMIT 1", id);
    if (!body) return std::nullopt;
    return stored_limit(*body);
}

void put_limit(Books& books, const Limit& limit, Instant now) {
    const journal::Value body = journal::to_value(limit);
    const bool first = !has_limits(books.db(), limit.business.text);
    books.put_fact("limit", limit.id, limit.business, *body.map());
    books.db().run(
        "INSERT INTO limit_version (id, version, business, wallet, n, made_at, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        limit.id, limit.version, limit.business.text, limit.wallet.text, books.last_change(),
        to_millis(now), journal::encode(body));
    if (!first) return;
    // Until now no venue was told what the wallets did.
    const auto base = base_of(books, limit.business);
    std::vector<std::string> ids;
    books.db().each(
        "SELECT DISTINCT wallet FROM activity WHERE business = ? AND day >= ?",
        [&](sql::Statement& row) {
            ids.push_back(journal::tallies_id(WalletId{row.text(0)}, limit.business));
        },
        limit.business.text, base ? first_day_that_matters(base->calendar, now) : "");
    for (const std::string& id : ids) books.change(limit.business, "activity", id);
}

std::vector<Limit> limits_known(Books& books, const BusinessId& business, const WalletId& wallet,
                                LimitKind kind, std::int64_t as_of) {
    std::vector<Limit> out;
    // A version that another has followed since may have passed the venue by.
    books.db().each(
        "SELECT body FROM limit_version v WHERE business = ?1 AND wallet IN ('', ?2) AND n <= ?3 "
        "AND version = (SELECT max(version) FROM limit_version w WHERE w.id = v.id) ORDER BY id",
        [&](sql::Statement& row) {
            Limit limit = stored_limit(row.blob_view(0));
            if (counts(limit, kind)) out.push_back(std::move(limit));
        },
        business.text, wallet.text, as_of);
    return out;
}

void announce_limits_again(sql::Db& db, const std::string& business) {
    db.run(
        "UPDATE limit_version SET n = (SELECT n FROM change WHERE kind = 'limit' AND "
        "change.id = limit_version.id) WHERE business = ?",
        business);
    const bool all = has_limits(db, business);
    db.run(
        "INSERT INTO change (business, kind, id) SELECT DISTINCT business, 'activity', "
        "wallet || ':' || business FROM activity WHERE business = ? AND (? OR day = '')",
        business, all);
}

void add_tally(Books& books, const WalletId& wallet, const BusinessId& business,
               const Tally& tally) {
    sql::Db& db = books.db();
    std::int64_t count = 0, amount = 0;
    db.each(
        "SELECT count, amount FROM activity WHERE wallet = ? AND business = ? AND kind = ? AND "
        "day = ?",
        [&](sql::Statement& row) {
            count = row.integer(0);
            amount = row.integer(1);
        },
        wallet.text, business.text, tally.kind, tally.day);
    db.run(
        "INSERT OR REPLACE INTO activity (wallet, business, kind, day, count, amount) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        wallet.text, business.text, tally.kind, tally.day, within_measure(count + tally.count),
        within_measure(amount + within_measure(tally.amount.minor)));
    if (tally.day.empty() || has_limits(db, business.text)) {
        books.change(business, "activity", journal::tallies_id(wallet, business));
    }
}

LimitFacts limit_facts(Books& books, const WalletId& wallet, const BusinessId& business,
                       LimitKind kind, Instant at) {
    LimitFacts facts;
    const auto base = base_of(books, business);
    if (!base) return facts;
    facts.as_of = books.last_change();
    facts.limits = in_force(books, business, wallet, kind, at);
    for (const LimitPeriod period : {LimitPeriod::day, LimitPeriod::week, LimitPeriod::month}) {
        const bool named = std::any_of(facts.limits.begin(), facts.limits.end(),
                                       [&](const Limit& limit) { return limit.period == period; });
        if (!named) continue;
        facts.activity.push_back(
            activity_in(books.db(), wallet, business, kind, period, at, base->calendar));
    }
    return facts;
}

void count_at_centre(Books& books, const Counted& counted) {
    const auto base = base_of(books, counted.business);
    if (!base) return;
    add_counted(books, counted, *base, to_iso_date(business_day_of(counted.at, base->calendar)));
}

std::vector<book::Doubt> count_entry(Books& books, const HolderRow& holder,
                                     const journal::Entry& entry, const journal::Record& record,
                                     const journal::KnownRules& rules, std::int64_t branch) {
    std::vector<book::Doubt> doubts;
    const LimitFacts* stated = facts_in(record);
    if (stated && branch == 0) doubts = note_as_of(books.db(), holder, entry, stated->as_of);

    const auto counted = journal::counted(record, entry.wall, rules.purchase);
    // The certificate says whose venue this is: nobody uses up the limits of another's customers.
    if (!counted || counted->business != holder.business) return doubts;
    if (voided_before(books.db(), record, counted->business)) return doubts;
    const auto base = base_of(books, counted->business);
    if (!base) return doubts;
    const std::string day = to_iso_date(business_day_of(counted->at, base->calendar));
    add_counted(books, *counted, *base, day);
    if (counted->count < 0) return doubts;
    const LimitFacts facts =
        limit_facts(books, counted->wallet, counted->business, counted->kind, counted->at);
    for (book::Doubt& doubt : book::limit_doubts(facts, *counted, day)) {
        doubts.push_back(std::move(doubt));
    }
    return doubts;
}

std::optional<journal::Map> activity_fact(Books& books, std::string_view id, Instant now) {
    const std::size_t colon = id.find(':');
    ENSURE(colon != std::string_view::npos);
    Tallies out{WalletId{id.substr(0, colon)}, BusinessId{id.substr(colon + 1)}, {}};
    const auto base = base_of(books, out.business);
    if (!base) return std::nullopt;
    books.db().each(
        "SELECT kind, day, count, amount FROM activity WHERE wallet = ? AND business = ? AND "
        "(day = '' OR day >= ?) ORDER BY kind, day",
        [&](sql::Statement& row) { out.tallies.push_back(tally_at(row, 0)); }, out.wallet.text,
        out.business.text, first_day_that_matters(base->calendar, now));
    return journal::to_map(out);
}

std::vector<wire::Fact> activity_facts(Books& books, const BusinessId& viewer, Instant now) {
    std::vector<std::string> businesses;
    books.db().each(
        "SELECT business FROM sees WHERE viewer = ? ORDER BY business",
        [&](sql::Statement& row) { businesses.push_back(row.text(0)); }, viewer.text);
    std::vector<wire::Fact> out;
    for (const std::string& business : businesses) {
        const auto base = base_of(books, BusinessId{business});
        if (!base) continue;
        const bool by_day = has_limits(books.db(), business);
        std::map<std::string, Tallies> by_wallet;
        books.db().each(
            "SELECT wallet, kind, day, count, amount FROM activity WHERE business = ? AND "
            "(day = '' OR (? AND day >= ?)) ORDER BY wallet, kind, day",
            [&](sql::Statement& row) {
                Tallies& of = by_wallet[row.text(0)];
                of.wallet = WalletId{row.text(0)};
                of.business = BusinessId{business};
                of.tallies.push_back(tally_at(row, 1));
            },
            business, by_day, first_day_that_matters(base->calendar, now));
        for (const auto& [wallet, tallies] : by_wallet) {
            out.push_back({"activity", journal::tallies_id(tallies.wallet, tallies.business), false,
                           journal::to_map(tallies)});
        }
    }
    return out;
}

}  // namespace obol::ledger
