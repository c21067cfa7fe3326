#include <algorithm>

#include "sync/audit/json_text.hpp"
#include "sync/audit/ledger_db.hpp"

namespace obol::audit {
namespace {

constexpr std::int64_t newest_schema = 9;
constexpr std::string_view tables[] = {
    "meta",           "fact",          "pool_version",   "pass_secret",   "contact",
    "wallet_lot",     "change",        "sees",           "transfer",      "posting",
    "account",        "subject",       "holder",         "entry",         "held",
    "suspense",       "ask",           "ask_line",       "operation",     "exception",
    "answer",         "offer_version", "offer_use",      "limit_version", "activity",
    "feed_stated",    "opened_wallet", "contact_wallet", "offer_code",    "admin_token",
    "enrolment_token", "recovery_holder", "comparison", "certificate", "at_risk",
    "former_allowance"};
constexpr std::string_view with_parents[] = {"held",  "suspense",        "ask",        "ask_line",   "feed_stated",
                                             "entry", "recovery_holder", "comparison", "certificate", "former_allowance"};

// Whoever told of it began a recovery, or stopped the ledger until one was begun.
constexpr std::string_view falls_back[] = {"generation_ahead", "ledger_behind", "unknown_grant"};

// A refusal says its status; what was done has one of two.
std::string status_said(const nlohmann::json& answer, std::int64_t status) {
    const bool number = answer.contains("status") && answer["status"].is_number();
    if (number) return scalar_text(answer["status"]);
    return status == 200 || status == 201 ? std::to_string(status) : "201";
}

}  // namespace

void audit_ledger(sql::Db& db, Report& report) { LedgerAudit(db, report).run(); }

void LedgerAudit::run() {
    const bool whole = check_file(db_, report_, tables);
    if (!whole) report_.note("what is damaged may be said more than once");
    const auto version = db_.value<std::int64_t>("PRAGMA user_version").value_or(0);
    if (version > newest_schema) {
        report_.note("schema " + std::to_string(version) + " is newer than " +
                     std::to_string(newest_schema) +
                     ", which this auditor knows: what is new in it was not checked");
    }
    check_references(db_, report_, with_parents);
    read_exceptions();
    generation_ = db_.value<std::int64_t>("SELECT value FROM meta WHERE key = 'generation'").value_or(0);
    const std::vector<Holder> all = holders();
    for (const Holder& holder : all) {
        check_holder(holder);
        check_chain(holder);
    }
    run_checks<LedgerAudit>(
        *this, whole, report_,
        {&LedgerAudit::check_transfers, &LedgerAudit::check_accounts, &LedgerAudit::check_suspense,
         &LedgerAudit::check_subjects, &LedgerAudit::check_losses, &LedgerAudit::check_exceptions,
         &LedgerAudit::check_operations, &LedgerAudit::check_facts, &LedgerAudit::check_index,
         &LedgerAudit::check_answers});
    check_era(all);
    if (!forked_ && !doubtful_) check_activity();
    report_.note("signatures were not checked: a ledger keeps entries without them");
    report_.finish("ledger", {{"devices", static_cast<std::int64_t>(all.size())},
                              {"entries", entries_},
                              {"postings", postings_},
                              {"accounts", static_cast<std::int64_t>(accounts_.size())}});
}

void LedgerAudit::read_exceptions() {
    db_.each(
        "SELECT id, code, h, seq, minor, currency, closed_at, closed_by FROM exception ORDER BY id",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "exception")
                    .with("id", row.text_view(0))
                    .with("exception", row.text_view(1));
            };
            const std::string code = row.text(1), h = row.text(2), currency = row.text(5);
            if (row.null(4) != row.null(5))
                report_.find(finding("exception_differs").with("column", "currency"));
            if (row.null(6) != row.null(7))
                report_.find(finding("exception_differs").with("column", "closed_at"));
            if (row.null(2)) return;
            fell_back_ = fell_back_ || (row.null(6) && std::ranges::count(falls_back, code) > 0);
            Told& told = told_[h];
            told.codes.insert(code);
            if (!row.null(3)) told.at[row.integer(3)].insert(code);
            if (code == "overdrawn" && !row.null(4))
                overdrawn_[currency] = plus(overdrawn_[currency], row.integer(4));
            if (code == "allowance_overspent" && !row.null(4))
                overspent_[currency] = plus(overspent_[currency], row.integer(4));
            if (code == "written_off" && !row.null(4)) {
                std::int64_t& sum = written_off_[{h, currency}];
                sum = plus(sum, row.integer(4));
            }
        });
}

void LedgerAudit::check_exceptions() {
    db_.each(
        "SELECT x.id, x.code, x.h, x.seq FROM exception x WHERE x.h IS NOT NULL AND x.seq IS NOT "
        "NULL AND NOT EXISTS "
        "(SELECT 1 FROM entry e WHERE e.h = x.h AND e.seq = x.seq) ORDER BY x.id",
        [&](sql::Statement& row) {
            if (missing(row.text(2), row.integer(3))) return;
            report_.find(row_of("exception_without_entry", "exception")
                             .with("id", row.text_view(0))
                             .with("exception", row.text_view(1))
                             .with("h", row.text_view(2))
                             .with("seq", row.integer(3)));
        });
}

std::optional<Body> LedgerAudit::body_at(const std::string& h, std::int64_t seq) {
    std::optional<Body> out;
    db_.each(
        "SELECT hash, body FROM entry WHERE h = ? AND seq = ? AND branch = 0",
        [&](sql::Statement& row) {
            if (digest_in(row, 0) != hash_of(row.blob_view(1))) return;
            if (Result<Body> body = read_body(row.blob_view(1))) out = std::move(*body);
        },
        h, seq);
    return out;
}

void LedgerAudit::check_operations() {
    db_.each("SELECT ref, h, seq FROM operation WHERE kind <> 'issue' ORDER BY ref",
             [&](sql::Statement& row) {
                 const std::string ref = row.text(0), h = row.text(1);
                 const std::int64_t seq = row.integer(2);
                 if (missing(h, seq) || named_.contains(ref)) return;
                 const bool there =
                     db_.value<std::int64_t>("SELECT 1 FROM entry WHERE h = ? AND seq = ?", h, seq)
                         .has_value();
                 const std::optional<Body> body = body_at(h, seq);
                 // Of an entry that cannot be believed, nothing follows.
                 if (there && (!body || forked_ || body->detail.text("id") == ref)) return;
                 report_.find(row_of("operation_without_entry", "operation")
                                  .with("ref", ref)
                                  .with("h", h)
                                  .with("seq", seq));
             });
    // A pass that a venue had issued, by the id of the venue's call: it is made once.
    db_.each(
        "SELECT ref, purchase FROM operation o WHERE kind = 'issue' AND (seq <> 0 OR ref NOT LIKE "
        "'issue:' || h || ':%' OR NOT "
        "EXISTS (SELECT 1 FROM fact f WHERE f.kind = 'pass' AND f.id = o.purchase)) ORDER BY ref",
        [&](sql::Statement& row) {
            report_.find(row_of("issue_without_pass", "operation")
                             .with("ref", row.text_view(0))
                             .with("pass", row.text_view(1)));
        });
    // Refunds are judged in the order in which they were booked.
    db_.each(
        "SELECT purchase, count(*), min(booked), max(booked) FROM operation WHERE purchase IS NOT "
        "NULL AND kind <> 'issue' GROUP BY purchase "
        "HAVING min(booked) <> 1 OR max(booked) <> count(*) OR count(DISTINCT booked) <> count(*)",
        [&](sql::Statement& row) {
            report_.find(row_of("operation_order", "operation")
                             .with("purchase", row.text_view(0))
                             .with("column", "booked"));
        });
    db_.each(
        "SELECT purchase, offer FROM offer_use u WHERE NOT EXISTS (SELECT 1 FROM operation o WHERE "
        "o.ref = u.purchase AND "
        "o.kind = 'purchase') ORDER BY purchase, offer",
        [&](sql::Statement& row) {
            report_.find(row_of("award_without_purchase", "offer_use")
                             .with("purchase", row.text_view(0))
                             .with("offer", row.text_view(1)));
        });
}

void LedgerAudit::check_facts() {
    check_documents(db_, report_, "fact", "kind, id");
    check_documents(db_, report_, "pool_version", "pool, version");
    check_documents(db_, report_, "offer_version", "offer, version");
    check_documents(db_, report_, "limit_version", "id, version");
    // A venue that reads the feed to its end has heard of every fact.
    db_.each(
        "SELECT kind, id, business FROM fact f WHERE gone = 0 AND NOT EXISTS (SELECT 1 FROM change "
        "c WHERE c.kind = f.kind "
        "AND c.id = f.id AND c.business = f.business) ORDER BY kind, id",
        [&](sql::Statement& row) {
            report_.find(row_of("change_missing", "change")
                             .with("kind", row.text_view(0))
                             .with("id", row.text_view(1))
                             .with("business", row.text_view(2)));
        });
    db_.each(
        "SELECT n, kind, id FROM change c WHERE (kind = 'balance' AND NOT EXISTS (SELECT 1 FROM "
        "subject s WHERE s.subject = "
        "c.id)) OR (kind NOT IN ('balance', 'activity') AND NOT EXISTS (SELECT 1 FROM fact f WHERE "
        "f.kind = c.kind AND f.id = "
        "c.id)) ORDER BY n",
        [&](sql::Statement& row) {
            if (named_.contains(row.text(2))) return;
            report_.find(row_of("change_extra", "change")
                             .with("n", row.integer(0))
                             .with("kind", row.text_view(1))
                             .with("id", row.text_view(2)));
        });
}

void LedgerAudit::check_answers() {
    db_.each("SELECT user, key, fingerprint, status, body FROM answer ORDER BY user, key",
             [&](sql::Statement& row) {
                 const auto finding = [&](std::string_view code) {
                     return row_of(code, "answer")
                         .with("user", row.text_view(0))
                         .with("key", row.text_view(1));
                 };
                 if (row.blob_view(2).size() != 32)
                     report_.find(finding("answer_malformed").with("column", "fingerprint"));
                 const std::int64_t status = row.integer(3);
                 const auto json = json_in(row.text_view(4));
                 if (!json || !json->is_object()) {
                     report_.find(finding("answer_malformed").with("column", "body"));
                 } else if (const std::string should = status_said(*json, status);
                            should != std::to_string(status)) {
                     report_.find(finding("answer_differs").differs("status", should, status));
                 }
             });
}

void LedgerAudit::check_activity() {
    std::map<std::tuple<std::string, std::string, std::string>, Done> met;
    db_.each(
        "SELECT wallet, business, kind, sum(count), sum(amount) FROM activity WHERE kind IN "
        "('debit', 'credit', 'top_up') GROUP BY 1, 2, 3",
        [&](sql::Statement& row) {
            met[{row.text(0), row.text(1), row.text(2)}] = {row.integer(3), row.integer(4)};
        });
    for (const auto& [key, done] : activity_) met.try_emplace(key, Done{});
    for (const auto& [key, is] : met) {
        const auto found = activity_.find(key);
        const Done should = found == activity_.end() ? Done{} : found->second;
        const auto& [wallet, business, kind] = key;
        const auto finding = [&] {
            return row_of("activity_differs", "activity")
                .with("wallet", wallet)
                .with("business", business)
                .with("kind", kind);
        };
        // What comes in at the centre is no device's entry: there may be more of it.
        const bool more = kind == "top_up";
        if (more ? is.count < should.count : is.count != should.count)
            report_.find(finding().differs("count", should.count, is.count));
        // Money of another currency than the business's is counted, not summed.
        if ((more ? is.amount < should.amount : is.amount != should.amount) && is.amount != 0)
            report_.find(finding().differs("amount", should.amount, is.amount));
    }
}

}  // namespace obol::audit
