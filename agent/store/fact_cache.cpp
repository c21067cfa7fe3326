#include "agent/store/fact_cache.hpp"

#include <array>

#include "agent/store/activity.hpp"
#include "agent/store/documents.hpp"
#include "agent/store/known_devices.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

using journal::Map;
using journal::Value;

namespace {

std::optional<std::int64_t> millis_of(const std::optional<Instant>& at) {
    return at ? std::optional(to_millis(*at)) : std::nullopt;
}

// The digest of a code, taken out of the body; 32 bytes or nothing.
std::optional<Bytes> taken_digest(Map& body, std::string_view key) {
    const auto found = body.find(key);
    if (found == body.end()) return std::nullopt;
    std::optional<Bytes> out;
    if (const Bytes* bytes = found->second.bytes(); bytes != nullptr && bytes->size() == 32) out = *bytes;
    body.erase(found);
    return out;
}

Map cached_wallet(Map wallet, std::string_view pin_verifier, bool pin_locked) {
    return {{"wallet", std::move(wallet)}, {"pin_verifier", pin_verifier}, {"pin_locked", pin_locked}};
}

}  // namespace

// '@' stands before each table of the cache.
std::string FactCache::sql(std::string_view text) const {
    std::string out;
    for (const char c : text) {
        if (c != '@') out += c;
        else if (staged_) out += "staged_";
    }
    return out;
}

void FactCache::write(std::string_view kind, std::string_view id, const Map& body) {
    db_.run(
        sql("INSERT INTO @fact (kind, id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body"),
        kind, id, journal::encode(body));
}

void FactCache::forget_lookups(std::string_view kind, std::string_view id) {
    db_.run(sql("DELETE FROM @lookup WHERE kind = ? AND id = ?"), kind, id);
}

void FactCache::add_lookup(std::string_view what, const Bytes& hmac, std::string_view kind, std::string_view id) {
    db_.run(
        sql("INSERT INTO @lookup (what, hmac, kind, id) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (hmac, what) DO UPDATE SET kind = excluded.kind, id = excluded.id"),
        what, hmac, kind, id);
}

void FactCache::remove(std::string_view kind, std::string_view id) {
    if (kind == "lot") db_.run(sql("DELETE FROM @wallet_lot WHERE lot = ?"), id);
    if (kind == "limit" && !staged_) forget_limit(db_, id);
    if (kind == "activity" && !staged_) forget_central_activity(db_, id);
    forget_lookups(kind, id);
    db_.run(sql("DELETE FROM @fact WHERE kind = ? AND id = ?"), kind, id);
}

bool FactCache::put(const wire::Fact& fact, std::int64_t as_of) {
    if (fact.gone) {
        remove(fact.kind, fact.id);
        return true;
    }
    bool sound = false;
    if (fact.kind == "pass") {
        sound = put_pass(fact, as_of);
    } else if (fact.kind == "wallet") {
        sound = put_wallet_fact(fact);
    } else if (fact.kind == "lot") {
        sound = put_lot_fact(fact);
    } else if (fact.kind == "offer") {
        sound = put_offer(fact);
    } else if (fact.kind == "activity") {
        sound = staged_ ? stage_central_activity(db_, fact.id, fact.body)
                        : put_central_activity(db_, fact.id, fact.body, as_of);
    } else {
        sound = fact.kind == "business"  ? documents::business(fact.body).has_value()
                : fact.kind == "venue"   ? documents::venue(fact.body).has_value()
                : fact.kind == "product" ? documents::product(fact.body).has_value()
                : fact.kind == "pool"    ? journal::pool_from(fact.body).has_value()
                : fact.kind == "device"  ? known_device(fact.body).has_value()
                : fact.kind == "plan"    ? journal::plan_from(fact.body).has_value()
                : fact.kind == "limit"   ? (staged_ ? stage_limit(db_, fact.id, fact.body)
                                              : index_limit(db_, fact.id, fact.body))
                                         : true;  // a kind of a later version is kept for it
        if (sound) write(fact.kind, fact.id, fact.body);
    }
    if (!sound) remove(fact.kind, fact.id);
    return sound;
}

bool FactCache::put_pass(const wire::Fact& fact, std::int64_t as_of) {
    const auto read = documents::pass(fact.body);
    if (!read || read->pass.id.text != fact.id) return false;
    if (!staged_) believe_centre(read->pass.id, read->pin_locked, as_of);
    Map body = fact.body;
    const auto digest = taken_digest(body, "digest");
    forget_lookups("pass", fact.id);
    if (digest) add_lookup("code", facts_.lookup_key_of_digest(*digest), "pass", fact.id);
    write("pass", fact.id, body);
    refresh_away(pass_subject(read->pass.id));
    refresh_away(draft_subject(read->pass.id));
    return true;
}

// Own entries that the centre's fact includes need no overlay any more.
void FactCache::believe_centre(const PassId& pass, bool locked_there, std::int64_t as_of) {
    db_.run("DELETE FROM pass_local WHERE pass = ? AND seq <= ?", pass.text, as_of);
    db_.run("DELETE FROM pin_told WHERE pass = ? AND seq <= ?", pass.text, as_of);
    std::optional<std::int64_t> locked_before;
    db_.each(
        "SELECT coalesce(locked, 0) FROM pin_tries WHERE pass = ?",
        [&](sql::Statement& row) { locked_before = row.integer(0); }, pass.text);
    if (!locked_before) return;  // no try was ever counted here
    const auto old = db_.value<Bytes>("SELECT body FROM fact WHERE kind = 'pass' AND id = ?", pass.text);
    const bool was_locked = *locked_before != 0 || (old && documents::flag(documents::map_of(*old), "pin_locked"));
    db_.run("UPDATE pin_tries SET locked = NULL, seq = NULL WHERE pass = ? AND seq <= ?", pass.text, as_of);
    // Unlocked at the centre: the tries begin anew.
    if (was_locked && !locked_there) {
        db_.run("UPDATE pin_tries SET wrong = 0 WHERE pass = ? AND locked IS NULL", pass.text);
    }
}

bool FactCache::put_wallet_fact(const wire::Fact& fact) {
    Map body = fact.body;
    const auto digest = taken_digest(body, "code_digest");
    const std::string verifier = documents::text(body, "pin_verifier");
    const bool locked = documents::flag(body, "pin_locked");
    std::vector<std::pair<std::string_view, Bytes>> keys;
    for (const std::string_view what : {"phone", "email", "card"}) {
        const std::string value = documents::text(body, what);
        if (!value.empty()) keys.emplace_back(what, facts_.lookup_key(what, value));
    }
    for (const char* extra : {"phone", "email", "card", "pin_verifier", "pin_locked"}) body.erase(extra);
    const Result<Wallet> read = journal::wallet_from(body);
    if (!read || read->id.text != fact.id) return false;

    forget_lookups("wallet", fact.id);
    for (const auto& [what, hmac] : keys) add_lookup(what, hmac, "wallet", fact.id);
    if (digest) {
        add_lookup("wallet_code", facts_.lookup_key_of_digest(*digest), "wallet", fact.id);
    } else if (read->opened_by) {
        find_by_opener(read->id, *read->opened_by);
    }
    write("wallet", fact.id, cached_wallet(std::move(body), verifier, locked));
    refresh_away_of_wallet(read->id);
    return true;
}

bool FactCache::put_lot_fact(const wire::Fact& fact) {
    const Result<Lot> read = journal::lot_from(fact.body);
    if (!read || read->id.text != fact.id) return false;
    put_lot(*read);
    refresh_away(lot_subject(read->id));
    return true;
}

bool FactCache::put_offer(const wire::Fact& fact) {
    Map body = fact.body;
    const auto digest = taken_digest(body, "digest");
    const Result<Offer> read = journal::offer_from(body);
    if (!read || read->id.text != fact.id) return false;
    forget_lookups("offer", fact.id);
    if (digest) add_lookup("code", facts_.lookup_key_of_digest(*digest), "offer", fact.id);
    write("offer", fact.id, body);
    refresh_away(offer_subject(read->id));
    return true;
}

void FactCache::put_lot(const Lot& lot) {
    // A lot may have moved to another wallet (a merge).
    const auto old = db_.value<Bytes>(sql("SELECT body FROM @fact WHERE kind = 'lot' AND id = ?"), lot.id.text);
    if (old) {
        const std::string before = documents::text(documents::map_of(*old), "wallet");
        db_.run(sql("DELETE FROM @wallet_lot WHERE wallet = ? AND lot = ?"), before, lot.id.text);
    }
    const Value body = journal::to_value(lot);
    write("lot", lot.id.text, *body.map());
    db_.run(sql("INSERT INTO @wallet_lot (wallet, lot) VALUES (?, ?)"), lot.wallet.text, lot.id.text);
}

void FactCache::put_wallet(const Wallet& wallet) {
    // What the centre has made of it meanwhile knows more.
    if (home_of_wallet(wallet.id)) return;
    const Value body = journal::to_value(wallet);
    write("wallet", wallet.id.text, cached_wallet(*body.map(), "", false));
    if (wallet.opened_by) find_by_opener(wallet.id, *wallet.opened_by);
    refresh_away_of_wallet(wallet.id);
}

// The code of the pass that opened a nameless wallet identifies the wallet from then on.
void FactCache::find_by_opener(const WalletId& wallet, const PassId& opener) {
    db_.run(
        sql("INSERT OR REPLACE INTO @lookup (what, hmac, kind, id) "
            "SELECT 'wallet_code', hmac, 'wallet', ? FROM @lookup WHERE kind = 'pass' AND id = ? AND what = 'code'"),
        wallet.text, opener.text);
}

void FactCache::put_pass_state(const Pass& pass, std::int64_t seq) {
    db_.run(
        "INSERT OR REPLACE INTO pass_local (pass, seq, state, value, redeem_by, redeemed_at, redeemed_venue) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        pass.id.text, seq, name_of(pass.state), pass.value.minor, millis_of(pass.redeem_by),
        millis_of(pass.redeemed_at), pass.redeemed_venue.text);
}

void FactCache::put_balance(const wire::Balance& balance, std::int64_t as_of) {
    const std::int64_t after =
        staged_ ? 0
                : db_.value<std::int64_t>("SELECT sum(minor) FROM posting WHERE account = ? AND seq > ?",
                                          balance.subject, as_of)
                      .value_or(0);
    const Amount shown = balance.value + Amount{after};
    db_.run(
        sql("INSERT INTO @balance (subject, central, as_of, shown, currency) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (subject) DO UPDATE SET central = excluded.central, as_of = excluded.as_of, "
            "shown = excluded.shown, currency = excluded.currency"),
        balance.subject, balance.value.minor, as_of, shown.minor, balance.currency.code());
}

// as_of 0 with a central balance of 0: whatever own entries say about a new subject is all there is.
void FactCache::add_to_shown(std::string_view subject, Amount amount, Currency currency) {
    db_.run(
        "INSERT INTO balance (subject, central, as_of, shown, currency) VALUES (?, 0, 0, ?, ?) "
        "ON CONFLICT (subject) DO UPDATE SET shown = shown + excluded.shown",
        subject, amount.minor, currency.code());
}

namespace {

constexpr std::array<std::string_view, 6> cache_tables{"fact",     "lookup",  "wallet_lot",
                                                       "limit_of", "balance", "activity_central"};
constexpr std::array<std::string_view, 6> cache_keys{"kind, id",              "hmac, what", "wallet, lot",
                                                     "business, wallet, id", "subject",    "wallet, business, kind, day"};

}  // namespace

// Names only, so it takes no longer for a million passes than for one. Each new name costs a look at the whole schema, so
// two empty sets stay as they are.
void FactCache::trade() {
    for (const std::string_view table : cache_tables) {
        const std::string name(table);
        const auto any_in = [&](const std::string& set) {
            return db_.value<std::int64_t>("SELECT 1 FROM " + set + " LIMIT 1").has_value();
        };
        if (!any_in(name) && !any_in("staged_" + name)) continue;
        db_.exec("ALTER TABLE " + name + " RENAME TO leaving_" + name + "; ALTER TABLE staged_" + name + " RENAME TO " +
                 name + "; ALTER TABLE leaving_" + name + " RENAME TO staged_" + name);
    }
}

bool FactCache::empty_staged(std::int64_t most) {
    for (std::size_t i = 0; i < cache_tables.size(); ++i) {
        const std::string name = "staged_" + std::string(cache_tables[i]), key(cache_keys[i]);
        const std::int64_t gone = db_.run("DELETE FROM " + name + " WHERE (" + key + ") IN (SELECT " + key + " FROM " +
                                              name + " LIMIT ?)",
                                          most);
        if (gone > 0) return true;
    }
    return false;
}

void FactCache::believe_staged(const PassId& pass, std::int64_t as_of) {
    const auto body = db_.value<Bytes>("SELECT body FROM staged_fact WHERE kind = 'pass' AND id = ?", pass.text);
    if (!body) return;
    believe_centre(pass, documents::flag(documents::map_of(*body), "pin_locked"), as_of);
}

std::optional<VenueId> FactCache::home_of_wallet(const WalletId& wallet) {
    const auto body = db_.value<Bytes>("SELECT body FROM fact WHERE kind = 'wallet' AND id = ?", wallet.text);
    if (!body) return std::nullopt;
    const auto read = documents::wallet(documents::map_of(*body));
    return read ? std::optional(read->wallet.home) : std::nullopt;
}

std::optional<VenueId> FactCache::home_of(std::string_view subject) {
    const std::size_t colon = subject.find(':');
    const std::string_view kind = subject.substr(0, colon);
    const std::string_view rest = subject.substr(colon + 1);
    if (kind == "pass" || kind == "draft") {
        const auto body = db_.value<Bytes>("SELECT body FROM fact WHERE kind = 'pass' AND id = ?", rest);
        if (!body) return std::nullopt;
        return VenueId{documents::text(documents::map_of(*body), "venue")};
    }
    if (kind == "lot") {
        const auto body = db_.value<Bytes>("SELECT body FROM fact WHERE kind = 'lot' AND id = ?", rest);
        if (!body) return std::nullopt;
        return home_of_wallet(WalletId{documents::text(documents::map_of(*body), "wallet")});
    }
    if (kind == "offer") return VenueId{};  // its uses are everybody's
    // The right to refund belongs where the purchase was made.
    if (kind == "right") return facts_.operation(rest) ? here_ : VenueId{};
    return home_of_wallet(WalletId{rest.substr(0, rest.find(':'))});
}

bool FactCache::is_away(std::string_view subject) {
    if (here_.empty()) return false;
    const auto home = home_of(subject);
    return home && *home != here_;
}

void FactCache::refresh_away(std::string_view subject) {
    if (staged_) return;  // homes are looked at anew when the set is in force
    if (!db_.value<std::int64_t>("SELECT 1 FROM held WHERE subject = ?", subject)) return;
    db_.run("UPDATE held SET away = ?2 WHERE subject = ?1 AND away <> ?2", subject, is_away(subject));
}

void FactCache::refresh_away_of_wallet(const WalletId& wallet) {
    if (staged_) return;
    std::vector<std::string> subjects{personal_subject(wallet)};
    const std::string first = "business:" + wallet.text + ":";
    const std::string behind = "business:" + wallet.text + ";";  // ';' follows ':'
    db_.each(
        "SELECT subject FROM held WHERE subject >= ? AND subject < ?",
        [&](sql::Statement& row) { subjects.push_back(row.text(0)); }, first, behind);
    db_.each(
        "SELECT 'lot:' || lot FROM wallet_lot WHERE wallet = ?",
        [&](sql::Statement& row) { subjects.push_back(row.text(0)); }, wallet.text);
    for (const std::string& subject : subjects) refresh_away(subject);
}

}  // namespace obol::agent
