#include "agent/store/facts.hpp"

#include <algorithm>
#include <stdexcept>

#include "agent/store/documents.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

namespace {

template <class T>
T sound(std::optional<T> value) {
    if (!value) throw std::runtime_error("the fact cache is damaged");
    return std::move(*value);
}
template <class T>
T sound(Result<T> value) {
    if (!value) throw std::runtime_error("the fact cache is damaged: " + value.error().detail);
    return std::move(*value);
}

std::optional<Bytes> body_of(sql::Db& db, std::string_view kind, std::string_view id) {
    return db.value<Bytes>("SELECT body FROM fact WHERE kind = ? AND id = ?", kind, id);
}

// From memory if there is one and it knows, else read and remembered.
template <class T, class Read>
std::optional<T> remembered(Remembered<T>* memory, const std::string& key, Read read) {
    if (memory == nullptr) return read();
    if (const T* known = memory->find(key)) return *known;
    std::optional<T> found = read();
    if (found) memory->keep(key, *found);
    return found;
}

std::optional<Instant> instant_at(const sql::Statement& row, int column) {
    return row.null(column) ? std::nullopt : std::optional(from_millis(row.integer(column)));
}

// The state that own entries gave the pass, until the centre's fact includes them.
void overlay(Pass& pass, const sql::Statement& row, int first) {
    if (row.null(first)) return;
    pass.state = sound(pass_state_named(row.text_view(first)));
    pass.value = Amount{row.integer(first + 1)};
    pass.redeem_by = instant_at(row, first + 2);
    pass.redeemed_at = instant_at(row, first + 3);
    pass.redeemed_venue = VenueId{row.text(first + 4)};
}

}  // namespace

Bytes Facts::lookup_key_of_digest(ByteView code_digest) const {
    const crypto::Digest hmac = crypto::hmac_sha256(cache_key_, code_digest);
    return {hmac.begin(), hmac.end()};
}

Bytes Facts::lookup_key(std::string_view what, std::string_view value) const {
    if (what == "code") return lookup_key_of_digest(crypto::sha256(as_bytes(value)));
    std::string text(what);
    text.push_back('\0');
    text.append(value);
    const crypto::Digest hmac = crypto::hmac_sha256(cache_key_, as_bytes(text));
    return {hmac.begin(), hmac.end()};
}

std::optional<std::string> Facts::found(std::string_view what, std::string_view kind, const Bytes& hmac) {
    return db_.value<std::string>("SELECT id FROM lookup WHERE hmac = ? AND what = ? AND kind = ?", hmac, what, kind);
}

std::optional<Business> Facts::business(const BusinessId& id) {
    return remembered(memory_ ? &memory_->businesses : nullptr, id.text, [&]() -> std::optional<Business> {
        const auto body = body_of(db_, "business", id.text);
        if (!body) return std::nullopt;
        return sound(documents::business(documents::map_of(*body)));
    });
}

std::optional<Venue> Facts::venue(const VenueId& id) {
    const auto body = body_of(db_, "venue", id.text);
    if (!body) return std::nullopt;
    return sound(documents::venue(documents::map_of(*body)));
}

std::optional<Product> Facts::product(const BusinessId& business, std::string_view sku) {
    const std::string id = business.text + ":" + std::string(sku);
    return remembered(memory_ ? &memory_->products : nullptr, id, [&]() -> std::optional<Product> {
        const auto body = body_of(db_, "product", id);
        if (!body) return std::nullopt;
        return sound(documents::product(documents::map_of(*body)));
    });
}

std::optional<Pool> Facts::pool(const PoolId& id) {
    return remembered(memory_ ? &memory_->pools : nullptr, id.text, [&]() -> std::optional<Pool> {
        const auto body = body_of(db_, "pool", id.text);
        if (!body) return std::nullopt;
        return sound(journal::pool_from(sound(journal::decode(*body))));
    });
}

std::optional<Plan> Facts::plan(const PlanId& id) {
    return remembered(memory_ ? &memory_->plans : nullptr, id.text, [&]() -> std::optional<Plan> {
        const auto body = body_of(db_, "plan", id.text);
        if (!body) return std::nullopt;
        return sound(journal::plan_from(sound(journal::decode(*body))));
    });
}

std::vector<Plan> Facts::plans() {
    if (memory_ && memory_->all_plans) return *memory_->all_plans;
    std::vector<Plan> out;
    db_.each("SELECT body FROM fact WHERE kind = 'plan' ORDER BY id", [&out](sql::Statement& row) {
        out.push_back(sound(journal::plan_from(sound(journal::decode(row.blob_view(0))))));
    });
    if (memory_) memory_->all_plans = out;
    return out;
}

std::optional<PassRow> Facts::pass(const PassId& id) {
    const sql::ReadTxn one_moment{db_};
    sql::Statement row = db_.prepare(
        "SELECT f.body, p.state, p.value, p.redeem_by, p.redeemed_at, p.redeemed_venue, t.locked "
        "FROM fact f LEFT JOIN pass_local p ON p.pass = f.id LEFT JOIN pin_tries t ON t.pass = f.id "
        "WHERE f.kind = 'pass' AND f.id = ?");
    row.bind_all(id.text);
    if (!row.step()) return std::nullopt;
    documents::PassBody body = sound(documents::pass(documents::map_of(row.blob_view(0))));
    std::optional<Plan> plan_of_it = plan(body.pass.plan);
    if (!plan_of_it) return std::nullopt;  // of a business that is not here: its rules are unknown
    PassRow out;
    out.pass = std::move(body.pass);
    overlay(out.pass, row, 1);
    out.plan = std::move(*plan_of_it);
    out.pin_verifier = std::move(body.pin_verifier);
    out.wrong_pins = wrong_pins(id, body.wrong_pins);
    out.pin_locked = row.null(6) ? body.pin_locked : row.integer(6) != 0;
    return out;
}

int Facts::wrong_pins(const PassId& pass, int at_centre) {
    sql::Statement row = db_.prepare(
        "SELECT coalesce((SELECT wrong FROM pin_tries WHERE pass = ?1), 0), coalesce(sum(wrong), 0), "
        "count(*) FILTER (WHERE wrong = 0) FROM pin_told WHERE pass = ?1");
    row.bind_all(pass.text);
    row.step();
    const bool begun_anew = row.integer(2) > 0;
    return static_cast<int>(row.integer(0) + row.integer(1)) + (begun_anew ? 0 : at_centre);
}

std::optional<PassRow> Facts::pass_by_code(std::string_view normalised_code) {
    const auto id = found("code", "pass", lookup_key("code", normalised_code));
    return id ? pass(PassId{*id}) : std::nullopt;
}

std::optional<WalletRow> Facts::wallet(const WalletId& id) {
    const sql::ReadTxn one_moment{db_};
    const auto stored = body_of(db_, "wallet", id.text);
    if (!stored) return std::nullopt;
    documents::WalletBody body = sound(documents::wallet(documents::map_of(*stored)));
    WalletRow out;
    out.wallet = std::move(body.wallet);
    out.pin_verifier = std::move(body.pin_verifier);
    out.pin_locked = body.pin_locked;
    if (!out.wallet.opened_by) return out;
    // Opened here a moment ago: the centre's fact, which brings the verifier along, is yet to come.
    const std::optional<PassRow> opener = pass(*out.wallet.opened_by);
    if (opener && out.pin_verifier.empty()) out.pin_verifier = opener->pin_verifier;
    if (out.pin_verifier.empty()) return out;
    out.pin_pass = out.wallet.opened_by;
    out.wrong_pins = opener ? opener->wrong_pins : wrong_pins(*out.wallet.opened_by, 0);
    db_.each(
        "SELECT locked FROM pin_tries WHERE pass = ? AND locked IS NOT NULL",
        [&](sql::Statement& row) { out.pin_locked = row.integer(0) != 0; }, out.wallet.opened_by->text);
    return out;
}

std::optional<WalletRow> Facts::wallet_by(std::string_view what, std::string_view value) {
    const auto id = found(what, "wallet", lookup_key(what, value));
    return id ? wallet(WalletId{*id}) : std::nullopt;
}

std::optional<WalletRow> Facts::wallet_by_code(std::string_view normalised_code) {
    const auto id = found("wallet_code", "wallet", lookup_key("code", normalised_code));
    return id ? wallet(WalletId{*id}) : std::nullopt;
}

std::vector<Lot> Facts::lots_of(const WalletId& wallet) {
    std::vector<Lot> out;
    db_.each(
        "SELECT f.body FROM wallet_lot w JOIN fact f ON f.kind = 'lot' AND f.id = w.lot "
        "WHERE w.wallet = ? ORDER BY w.lot",
        [&out](sql::Statement& row) {
            out.push_back(sound(journal::lot_from(sound(journal::decode(row.blob_view(0))))));
        },
        wallet.text);
    return out;
}

Amount Facts::usable(const sql::Statement& row, int minor, int not_after) const {
    if (now_ && !row.null(not_after)) {
        const ClockNow clock = now_();
        if (!clock.trusted || row.integer(not_after) <= to_millis(clock.now)) return {};
    }
    return Amount{row.integer(minor)};
}

Funds Facts::funds(std::string_view subject) {
    sql::Statement row = db_.prepare(
        "SELECT b.shown, h.minor, h.not_after FROM (SELECT ?1 AS s) "
        "LEFT JOIN balance b ON b.subject = s LEFT JOIN held h ON h.subject = s");
    row.bind_all(subject);
    if (!row.step()) return {};
    return {Amount{row.integer(0)}, usable(row, 1, 2)};
}

PurchaseFacts Facts::purchase_facts(const WalletId& wallet, const Place& place, std::string_view zone) {
    const sql::ReadTxn one_moment{db_};
    PurchaseFacts out;
    out.place = place;
    out.zone = std::string(zone);
    out.zone_version = zone_database_version();
    // Lots without money are left out: what decided nothing need not stand in the journal.
    db_.each(
        "SELECT f.body, b.shown, h.minor, h.not_after FROM wallet_lot w "
        "JOIN fact f ON f.kind = 'lot' AND f.id = w.lot "
        "LEFT JOIN balance b ON b.subject = 'lot:' || w.lot LEFT JOIN held h ON h.subject = 'lot:' || w.lot "
        "WHERE w.wallet = ? AND (b.shown > 0 OR h.minor > 0) ORDER BY w.lot",
        [&](sql::Statement& row) {
            LotFacts lot;
            lot.lot = sound(journal::lot_from(sound(journal::decode(row.blob_view(0)))));
            lot.funds = {Amount{row.integer(1)}, usable(row, 2, 3)};
            out.lots.push_back(std::move(lot));
        },
        wallet.text);
    const auto known = [&out](const PoolId& id) {
        return std::find_if(out.pools.begin(), out.pools.end(), [&id](const Pool& pool) { return pool.id == id; });
    };
    // Another business's lot is for spending here only if its pool names this place: the B2B network.
    std::erase_if(out.lots, [&](const LotFacts& lot) {
        if (known(lot.lot.pool) == out.pools.end()) {
            std::optional<Pool> read = pool(lot.lot.pool);
            if (!read) return true;
            out.pools.push_back(std::move(*read));
        }
        const Pool& of_it = *known(lot.lot.pool);
        return lot.lot.business != place.business &&
               !(of_it.restricts_location() && location_allowed(of_it, place));
    });
    std::erase_if(out.pools, [&out](const Pool& pool) {
        return std::none_of(out.lots.begin(), out.lots.end(),
                            [&pool](const LotFacts& lot) { return lot.lot.pool == pool.id; });
    });
    out.business = funds(business_subject(wallet, place.business));
    out.personal = funds(personal_subject(wallet));
    return out;
}

}  // namespace obol::agent
