// What the ledger finds by something else than its id: the lots and the owner of a wallet, the
// wallet that a pass opened, a pass's secrets, what was issued for whom, who has used an offer.

#include <algorithm>

#include "sync/audit/ledger_db.hpp"

namespace obol::audit {
namespace {

constexpr std::string_view named_by_id[] = {"business", "venue", "pool",   "plan", "offer",
                                            "limit",    "pass",  "wallet", "lot"};
constexpr std::int64_t most_tries = 3;
constexpr std::string_view never_gone[] = {"pass", "wallet", "lot"};  // value lies on them

}  // namespace

std::optional<Value> LedgerAudit::fact(std::string_view kind, std::string_view id) {
    const auto bytes =
        db_.value<Bytes>("SELECT body FROM fact WHERE kind = ? AND id = ?", kind, id);
    if (!bytes) return std::nullopt;
    Result<Value> body = decode(*bytes);
    return body ? std::optional(std::move(*body)) : std::nullopt;
}

bool LedgerAudit::ever_told(std::string_view code) const {
    return std::ranges::any_of(
        told_, [&](const auto& told) { return told.second.codes.contains(std::string(code)); });
}

void LedgerAudit::check_index() {
    check_fact_rows();
    check_versions();
    check_wallet_rows();
    check_secrets();
    check_issues();
    check_uses();
}

void LedgerAudit::check_fact_rows() {
    db_.each("SELECT kind, id, body, gone FROM fact ORDER BY kind, id", [&](sql::Statement& row) {
        const auto finding = [&] {
            return row_of("fact_differs", "fact")
                .with("kind", row.text_view(0))
                .with("id", row.text_view(1));
        };
        const bool money = std::ranges::count(never_gone, row.text_view(0)) > 0;
        if (row.integer(3) != 0 && (money || row.integer(3) != 1))
            report_.find(finding().differs("gone", std::int64_t{0}, row.integer(3)));
        const Result<Value> body = decode(row.blob_view(2));
        if (!body || std::ranges::count(named_by_id, row.text_view(0)) == 0) return;
        const std::string id = body->text_or_empty("id");
        if (id != row.text_view(1))
            report_.find(finding().differs("body.id", row.text_view(1), id));
    });
}

// By an old version a late entry is judged; the newest is what venues are told.
void LedgerAudit::check_versions() {
    struct Versions {
        std::string_view kind, table, id;
    };
    constexpr Versions all[] = {{"pool", "pool_version", "pool"},
                                {"offer", "offer_version", "offer"},
                                {"limit", "limit_version", "id"}};
    for (const Versions& of : all) {
        const std::string wanted = "SELECT body FROM " + std::string(of.table) + " WHERE " +
                                   std::string(of.id) + " = ? AND version = ?";
        db_.each(
            "SELECT id, body FROM fact WHERE kind = ? ORDER BY id",
            [&](sql::Statement& row) {
                const Result<Value> body = decode(row.blob_view(1));
                if (!body) return;
                const std::int64_t version = body->integer_or_zero("version");
                const auto kept = db_.value<Bytes>(wanted, row.text_view(0), version);
                // One that cannot be read has been named.
                if (kept && (std::ranges::equal(*kept, row.blob_view(1)) || !decode(*kept))) return;
                report_.find(row_of(kept ? "version_differs" : "version_missing", of.table)
                                 .with(of.id, row.text_view(0))
                                 .with("version", version));
            },
            of.kind);
    }
    db_.each(
        "SELECT offer FROM offer_code c WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.kind = "
        "'offer' AND f.id = c.offer) ORDER BY offer",
        [&](sql::Statement& row) {
            report_.find(
                row_of("code_without_offer", "offer_code").with("offer", row.text_view(0)));
        });
}

void LedgerAudit::check_wallet_rows() {
    std::map<std::string, std::string> wrong;  // a wallet that has no such lot, by lot
    db_.each("SELECT wallet, lot FROM wallet_lot ORDER BY lot, wallet", [&](sql::Statement& row) {
        const std::optional<Value> lot = fact("lot", row.text_view(1));
        if (!lot || lot->text("wallet") != row.text(0)) wrong[row.text(1)] = row.text(0);
    });
    const auto of_lot = [&](std::string_view code, std::string_view lot) {
        return row_of(code, "wallet_lot").with("lot", lot);
    };
    db_.each("SELECT id, body FROM fact WHERE kind = 'lot' ORDER BY id", [&](sql::Statement& row) {
        const Result<Value> body = decode(row.blob_view(1));
        if (!body) return;
        const std::string wallet = body->text_or_empty("wallet");
        if (db_.value<std::int64_t>("SELECT 1 FROM wallet_lot WHERE wallet = ? AND lot = ?", wallet,
                                    row.text_view(0)))
            return;
        const auto other = wrong.find(row.text(0));
        if (other == wrong.end()) {
            report_.find(of_lot("wallet_lot_missing", row.text_view(0)).with("wallet", wallet));
        } else {
            report_.find(of_lot("wallet_lot_differs", row.text_view(0))
                             .differs("wallet", wallet, other->second));
            wrong.erase(other);
        }
    });
    // A lot that was written twice may have been another wallet's before; then that was told.
    if (forked_ || ever_told("replay_mismatch")) wrong.clear();
    for (const auto& [lot, wallet] : wrong)
        report_.find(of_lot("wallet_lot_extra", lot).with("wallet", wallet));

    db_.each(
        "SELECT id, body FROM fact WHERE kind = 'wallet' ORDER BY id", [&](sql::Statement& row) {
            const Result<Value> body = decode(row.blob_view(1));
            if (!body) return;
            const auto opener = body->text("opened_by"), contact = body->text("contact");
            if (opener &&
                !db_.value<std::int64_t>("SELECT 1 FROM opened_wallet WHERE pass = ?", *opener)) {
                report_.find(row_of("opened_wallet_missing", "opened_wallet")
                                 .with("pass", *opener)
                                 .with("wallet", row.text_view(0)));
            }
            if (contact && !db_.value<std::int64_t>(
                               "SELECT 1 FROM contact_wallet WHERE contact = ? AND wallet = ?",
                               *contact, row.text_view(0))) {
                report_.find(row_of("contact_wallet_missing", "contact_wallet")
                                 .with("contact", *contact)
                                 .with("wallet", row.text_view(0)));
            }
        });
    db_.each("SELECT pass, wallet FROM opened_wallet ORDER BY pass", [&](sql::Statement& row) {
        const std::optional<Value> wallet = fact("wallet", row.text_view(1));
        if (wallet && wallet->text("opened_by") == row.text(0)) return;
        report_.find(row_of("opened_wallet_differs", "opened_wallet")
                         .with("pass", row.text_view(0))
                         .with("column", "wallet")
                         .with("met", row.text_view(1)));
    });
    db_.each(
        "SELECT contact, wallet FROM contact_wallet r WHERE NOT EXISTS (SELECT 1 FROM contact c "
        "WHERE c.id = r.contact) OR NOT EXISTS (SELECT 1 FROM fact f WHERE f.kind = 'wallet' AND "
        "f.id = r.wallet) ORDER BY contact, wallet",
        [&](sql::Statement& row) {
            report_.find(row_of("contact_wallet_extra", "contact_wallet")
                             .with("contact", row.text_view(0))
                             .with("wallet", row.text_view(1)));
        });
}

// What venues are told of a pass is what the ledger itself goes by.
void LedgerAudit::check_secrets() {
    db_.each(
        "SELECT pass, plan, pin_locked, wrong_pins, pin_verifier FROM pass_secret ORDER BY pass",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "pass_secret").with("pass", row.text_view(0));
            };
            const std::optional<Value> pass = fact("pass", row.text_view(0));
            if (!pass) return report_.find(finding("secret_without_pass"));
            const auto compare = [&](std::string_view column, const std::string& wanted,
                                     const std::string& met) {
                if (wanted != met)
                    report_.find(finding("secret_differs").differs(column, wanted, met));
            };
            compare("plan", pass->text_or_empty("plan"), row.text(1));
            compare("pin_locked", pass->flag("pin_locked") ? "1" : "0",
                    std::to_string(row.integer(2)));
            // A try stands here before it is compared. One whose comparison the end of the process cut
            // off was told to nobody, and counts; at three no further one is made.
            const std::int64_t told = pass->integer_or_zero("wrong_pins");
            if (row.integer(3) < told || row.integer(3) > most_tries)
                compare("wrong_pins", std::to_string(told), std::to_string(row.integer(3)));
            if (const auto verifier = pass->text("pin_verifier"))
                compare("pin_verifier", *verifier, or_none(text_or_null(row, 4)));
        });
    db_.each(
        "SELECT id FROM fact f WHERE kind = 'pass' AND NOT EXISTS (SELECT 1 FROM pass_secret s "
        "WHERE s.pass = f.id) ORDER BY id",
        [&](sql::Statement& row) {
            report_.find(row_of("secret_missing", "pass_secret").with("pass", row.text_view(0)));
        });
}

// A venue's sale of a pass that the centre made: the row keeps the centre from making it twice.
void LedgerAudit::check_issues() {
    for (const auto& [h, seq, pass] : issued_) {
        if (!fact("pass", pass)) continue;  // a ledger that fell back does not know it, and says so
        if (db_.value<std::int64_t>(
                "SELECT 1 FROM operation WHERE purchase = ? AND kind = 'issue' AND h = ?", pass, h))
            continue;
        report_.find(row_of("operation_missing", "operation")
                         .with("h", h)
                         .with("seq", seq)
                         .with("kind", "issue")
                         .with("pass", pass));
    }
    db_.each(
        "SELECT ref, booked, kind = 'purchase' FROM operation WHERE (kind = 'purchase' AND booked "
        "<> 1) OR (kind = 'issue' AND booked <> 0) ORDER BY ref",
        [&](sql::Statement& row) {
            report_.find(row_of("operation_differs", "operation")
                             .with("ref", row.text_view(0))
                             .differs("booked", row.integer(2), row.integer(1)));
        });
}

void LedgerAudit::check_uses() {
    for (const auto& [purchase, offer] : awards_) {
        if (voided_.contains(purchase)) continue;
        if (db_.value<std::int64_t>("SELECT 1 FROM offer_use WHERE purchase = ? AND offer = ?",
                                    purchase, offer))
            continue;
        report_.find(row_of("offer_use_missing", "offer_use")
                         .with("purchase", purchase)
                         .with("offer", offer));
    }
    db_.each(
        "SELECT u.purchase, u.offer, u.party, o.h, o.seq FROM offer_use u JOIN operation o ON "
        "o.ref = u.purchase AND o.kind = 'purchase' ORDER BY 1, 2",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "offer_use")
                    .with("purchase", row.text_view(0))
                    .with("offer", row.text_view(1));
            };
            const std::optional<Body> body = body_at(row.text(3), row.integer(4));
            if (!body || body->detail.text("id") != row.text(0)) return;
            const auto given = [&](const Value& it) { return it.text("offer") == row.text(1); };
            if (std::ranges::none_of(body->detail.list("decision.awards"), given))
                return report_.find(finding("award_without_purchase"));
            const std::string wallet = body->detail.text_or_empty("wallet"), party = row.text(2);
            if (party == wallet ||
                db_.value<std::int64_t>(
                    "SELECT 1 FROM contact_wallet WHERE contact = ? AND wallet = ?", party, wallet))
                return;
            report_.find(finding("offer_use_differs").differs("party", wallet, party));
        });
}

// A ledger that fell back grants nothing; what told it so says that it must not.
void LedgerAudit::check_era(const std::vector<Holder>& holders) {
    const auto number = [&](std::string_view key) {
        return db_.value<std::int64_t>(
            "SELECT value FROM meta WHERE key = ? AND typeof(value) = 'integer'", key);
    };
    const auto generation = number("generation"), recovery = number("recovery");
    const auto finding = [&](std::string_view key) {
        return row_of("meta_differs", "meta").with("key", key);
    };
    if (!generation || *generation < 1)
        report_.find(finding("generation").with("column", "value").with("met", said(generation)));
    if (!recovery || *recovery < 0 || *recovery > 1)
        report_.find(finding("recovery").with("column", "value").with("met", said(recovery)));
    if (!generation || *generation < 1 || !recovery || *recovery < 0 || *recovery > 1) return;
    // It lasts while somebody is awaited who may hold what was forgotten, or a later ledger was seen; and
    // whoever began one began a generation.
    const bool later =
        number("generation_seen").value_or(0) > *generation ||
        std::ranges::any_of(holders, [&](const Holder& holder) { return holder.reported_generation > *generation; });
    const auto waits = db_.value<std::int64_t>("SELECT 1 FROM recovery_holder WHERE state = 'awaited' LIMIT 1");
    const bool lasts = later || waits.has_value();
    if (lasts && *recovery == 0) report_.find(finding("recovery").differs("value", std::int64_t{1}, *recovery));
    if (!lasts && *recovery == 1) report_.find(finding("recovery").differs("value", std::int64_t{0}, *recovery));
    if (fell_back_ && *generation == 1 && !lasts)
        report_.find(finding("generation").differs("value", std::int64_t{2}, *generation));
}

}  // namespace obol::audit
