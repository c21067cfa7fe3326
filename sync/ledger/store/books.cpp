#include "sync/ledger/store/books.hpp"

#include <map>

#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/network.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

namespace {

// Our own rows were canonical when we wrote them: anything else is damage.
Value stored(ByteView body) {
    Result<Value> value = journal::decode(body);
    if (!value) throw sql::SqlError(11, "a stored document is damaged: " + value.error().detail);
    return std::move(*value);
}

Map stored_map(ByteView body) {
    Value value = stored(body);
    if (!value.map()) throw sql::SqlError(11, "a stored document is not a map");
    return std::move(*value.map());
}

// Rights (XXX) are decided by what is held; a venue has no use for their balance. Whether an offer has
// uses left somewhere it must know, to tell used up from elsewhere.
bool shows_balance(const SubjectRow& row) {
    return row.currency != Currency::none() || row.subject.starts_with("offer:");
}

}  // namespace

std::optional<Map> Books::fact(std::string_view kind, std::string_view id) {
    auto body =
        db_.value<Bytes>("SELECT body FROM fact WHERE kind = ? AND id = ? AND gone = 0", kind, id);
    if (!body) return std::nullopt;
    return stored_map(*body);
}

bool Books::put_fact(std::string_view kind, std::string_view id, const BusinessId& business,
                     const Map& body) {
    const Bytes bytes = journal::encode(Value{body});
    std::optional<std::string> business_before;
    {
        auto row = db_.prepare("SELECT business, body, gone FROM fact WHERE kind = ? AND id = ?");
        row.bind_all(kind, id);
        if (row.step()) {
            business_before = row.text(0);
            const bool same = *business_before == business.text && row.blob(1) == bytes;
            if (same && row.integer(2) == 0) return false;
        }
    }
    db_.run(
        "INSERT INTO fact (kind, id, business, body, gone) VALUES (?1, ?2, ?3, ?4, 0) "
        "ON CONFLICT (kind, id) DO UPDATE SET business = ?3, body = ?4, gone = 0",
        kind, id, business.text, bytes);
    if (business_before && *business_before != business.text) {
        change(BusinessId{*business_before}, kind, id);
    }
    change(business, kind, id);
    index_fact(kind, id, body, bytes);
    return true;
}

// What is looked up by something else than its id has a row elsewhere.
void Books::index_fact(std::string_view kind, std::string_view id, const Map& body,
                       const Bytes& bytes) {
    const auto text = [&](std::string_view key) {
        const auto at = body.find(key);
        return at == body.end() || !at->second.text() ? std::string{} : *at->second.text();
    };
    if (kind == "pool") {
        const auto version = body.find("version");
        ENSURE(version != body.end() && version->second.integer());
        db_.run(
            "INSERT INTO pool_version (pool, version, body) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (pool, version) DO UPDATE SET body = ?3",
            id, *version->second.integer(), bytes);
    }
    if (kind == "offer") {
        const auto version = body.find("version");
        ENSURE(version != body.end() && version->second.integer());
        db_.run("INSERT INTO offer_version (offer, version, body) VALUES (?, ?, ?)", id,
                *version->second.integer(), bytes);
    }
    if (kind == "lot") {
        db_.run("INSERT OR IGNORE INTO wallet_lot (wallet, lot) VALUES (?, ?)", text("wallet"), id);
    }
    if (kind == "wallet" && !text("opened_by").empty()) {
        db_.run("INSERT OR IGNORE INTO opened_wallet (pass, wallet) VALUES (?, ?)",
                text("opened_by"), id);
    }
    if (kind == "pool" || kind == "venue" || kind == "business") refresh_network(db_);
}

void Books::remove_fact(std::string_view kind, std::string_view id) {
    const auto business = db_.value<std::string>(
        "SELECT business FROM fact WHERE kind = ? AND id = ? AND gone = 0", kind, id);
    if (!business) return;
    db_.run("UPDATE fact SET gone = 1 WHERE kind = ? AND id = ?", kind, id);
    change(BusinessId{*business}, kind, id);
    if (kind == "pool" || kind == "venue" || kind == "business") refresh_network(db_);
}

std::vector<wire::Fact> Books::facts(const BusinessId& business) {
    std::vector<wire::Fact> out;
    db_.each(
        "SELECT kind, id, body FROM fact WHERE gone = 0 AND business IN "
        "(SELECT business FROM sees WHERE viewer = ?) ORDER BY kind, id",
        [&](sql::Statement& row) {
            out.push_back({row.text(0), row.text(1), false, stored_map(row.blob_view(2))});
        },
        business.text);
    return out;
}

std::optional<Pool> Books::pool(const PoolId& id, int version) {
    const auto body = db_.value<Bytes>(
        "SELECT body FROM pool_version WHERE pool = ? AND version = ?", id.text, version);
    if (!body) return std::nullopt;
    Result<Pool> pool = journal::pool_from(stored(*body));
    ENSURE(pool);
    return std::move(*pool);
}

std::optional<Offer> Books::offer(const OfferId& id, int version) {
    const auto body = db_.value<Bytes>(
        "SELECT body FROM offer_version WHERE offer = ? AND version = ?", id.text, version);
    if (!body) return std::nullopt;
    Result<Offer> offer = journal::offer_from(stored(*body));
    ENSURE(offer);
    return std::move(*offer);
}

std::optional<Plan> Books::plan(const PlanId& id) {
    const std::optional<Map> body = fact("plan", id.text);
    if (!body) return std::nullopt;
    Result<Plan> plan = journal::plan_from(Value{*body});
    ENSURE(plan);
    return std::move(*plan);
}

namespace {

std::optional<journal::Record> record_at(sql::Db& db, std::string_view h, std::int64_t seq) {
    const auto body =
        db.value<Bytes>("SELECT body FROM entry WHERE h = ? AND seq = ? AND branch = 0", h, seq);
    if (!body) return std::nullopt;
    const Result<journal::Entry> entry = journal::decode_body(*body);
    if (!entry) return std::nullopt;
    Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    if (!record) return std::nullopt;
    return std::move(*record);
}

std::vector<RefundDecision> refunds_of(sql::Db& db, const PurchaseId& purchase) {
    std::vector<std::pair<std::string, std::int64_t>> places;
    db.each(
        "SELECT h, seq FROM operation WHERE purchase = ? ORDER BY booked",
        [&](sql::Statement& row) { places.emplace_back(row.text(0), row.integer(1)); },
        purchase.text);
    std::vector<RefundDecision> out;
    for (const auto& [h, seq] : places) {
        const auto record = record_at(db, h, seq);
        if (const auto* refund = record ? std::get_if<journal::Refund>(&*record) : nullptr) {
            out.push_back(refund->decision);
        }
    }
    return out;
}

}  // namespace

journal::KnownRules Books::known_rules(std::string_view) {
    // A purchase is found whoever made it: its refund may have been booked by another device of the
    // venue, which is then flagged for lacking the right, not for lacking the purchase.
    return {
        .pool = [this](const PoolId& id, int version) { return pool(id, version); },
        .plan = [this](const PlanId& id) { return plan(id); },
        .offer = [this](const OfferId& id, int version) { return offer(id, version); },
        .purchase = [this](const PurchaseId& id) -> std::optional<journal::Purchase> {
            std::string h;
            std::int64_t seq = 0;
            {
                auto row =
                    db_.prepare("SELECT h, seq FROM operation WHERE ref = ? AND kind = 'purchase'");
                row.bind_all(id.text);
                if (!row.step()) return std::nullopt;
                h = row.text(0);
                seq = row.integer(1);
            }
            auto record = record_at(db_, h, seq);
            auto* purchase = record ? std::get_if<journal::Purchase>(&*record) : nullptr;
            if (!purchase) return std::nullopt;
            return std::move(*purchase);
        },
        .refunds = [this](const PurchaseId& id) { return refunds_of(db_, id); },
        .limit = [this](std::string_view id,
                        int version) { return limit_of_version(*this, id, version); },
        .limits =
            [this](const BusinessId& business, const WalletId& wallet, LimitKind kind,
                   std::int64_t as_of) {
                return limits_known(*this, business, wallet, kind, as_of);
            },
    };
}

void Books::ensure_subject(const Subject& subject, const BusinessId& business, const VenueId& home,
                           Currency currency) {
    ENSURE(is_subject(subject));
    db_.run(
        "INSERT OR IGNORE INTO subject (subject, business, home, currency, centre) "
        "VALUES (?, ?, ?, ?, 0)",
        subject, business.text, home.text, currency.code());
}

std::optional<SubjectRow> Books::subject(std::string_view subject) {
    auto row = db_.prepare(
        "SELECT subject, business, home, currency, centre, loss FROM subject WHERE subject = ?");
    row.bind_all(subject);
    if (!row.step()) return std::nullopt;
    return SubjectRow{row.text(0),
                      BusinessId{row.text(1)},
                      VenueId{row.text(2)},
                      currency_of(row.text(3)),
                      Amount{row.integer(4)},
                      Amount{row.integer(5)}};
}

Result<std::int64_t> Books::transfer(Instant at, std::string_view source, std::string_view note,
                                     const std::vector<journal::Posting>& postings) {
    if (!journal::balanced(postings)) return Fault{"unbalanced", "the postings do not sum to zero"};
    std::map<std::string, Amount> nets;
    for (const journal::Posting& posting : postings) {
        if (is_subject(posting.account)) nets[posting.account] += posting.amount;
    }
    std::map<std::string, SubjectRow> rows;
    for (const auto& [account, net] : nets) {
        std::optional<SubjectRow> row = subject(account);
        if (!row) return Fault{"subject_unknown", account};
        if (net < Amount{} && row->centre + net < Amount{})
            return Fault{"insufficient_centre", account};
        rows.emplace(account, std::move(*row));
    }
    const std::int64_t id =
        write_transfer(db_, {.at = at, .source = source, .note = note}, postings);
    for (const auto& [account, net] : nets) {
        db_.run("UPDATE subject SET centre = centre + ? WHERE subject = ?", net.minor, account);
        balance_changed(rows.at(account));
    }
    return id;
}

void Books::balance_changed(const SubjectRow& row) {
    if (shows_balance(row)) change(row.business, "balance", row.subject);
}

Amount Books::balance(std::string_view account) {
    return Amount{
        db_.value<std::int64_t>("SELECT sum(minor) FROM account WHERE account = ?", account)
            .value_or(0)};
}

Amount Books::held_total(std::string_view subject) {
    return Amount{db_.value<std::int64_t>("SELECT sum(minor) FROM held WHERE subject = ?", subject)
                      .value_or(0)};
}

void Books::change(const BusinessId& business, std::string_view kind, std::string_view id) {
    db_.run("DELETE FROM change WHERE kind = ? AND id = ? AND business = ?", kind, id,
            business.text);
    db_.run("INSERT INTO change (business, kind, id) VALUES (?, ?, ?)", business.text, kind, id);
}

std::int64_t Books::last_change() {
    return db_.value<std::int64_t>("SELECT max(n) FROM change").value_or(0);
}

void Books::raise(std::string_view code, std::string_view detail, std::string_view owner,
                  std::string_view holder, std::optional<std::int64_t> seq,
                  std::optional<Money> amount, Instant at, Random& random) {
    std::optional<std::string> h, currency;
    std::optional<std::int64_t> minor;
    if (!holder.empty()) h = std::string(holder);
    if (amount) {
        minor = amount->amount.minor;
        currency = std::string(amount->currency.code());
    }
    db_.run(
        "INSERT INTO exception (id, at, code, detail, owner, h, seq, minor, currency) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        make_uuid7(at, random), to_millis(at), code, detail, owner, h, seq, minor, currency);
}

bool Books::raise_once(std::string_view code, std::string_view detail, std::string_view owner,
                       std::string_view holder, Instant at, Random& random) {
    const auto open = db_.value<std::int64_t>(
        "SELECT 1 FROM exception WHERE code = ? AND h IS ? AND closed_at IS NULL LIMIT 1", code,
        holder.empty() ? std::nullopt : std::optional(holder));
    if (open) return false;
    raise(code, detail, owner, holder, std::nullopt, std::nullopt, at, random);
    return true;
}

}  // namespace obol::ledger
