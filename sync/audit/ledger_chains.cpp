#include <algorithm>

#include "sync/audit/ledger_db.hpp"

namespace obol::audit {
namespace {

constexpr std::string_view statuses[] = {"active", "quarantined", "written_off", "revoked"};
// An entry with one of these was stored and had no effect.
constexpr std::string_view unbooked[] = {"malformed_entry", "malformed_record", "unbalanced",
                                         "unknown_kind"};
// What a device holds follows from its chain alone, but where the ledger had to help out.
constexpr std::string_view helped_out[] = {
    "overdrawn",    "returned_beyond_held", "unknown_grant",   "late_entry",
    "ask_closed",   "malformed_record",     "malformed_entry", "unbalanced",
    "unknown_kind", "chain_fork",           "written_off"};

std::int64_t sum_of(const Value& detail, std::string_view list) {
    std::int64_t sum = 0;
    for (const Value& part : detail.list(list)) sum = plus(sum, part.integer_or_zero("amount"));
    return sum;
}

}  // namespace

bool LedgerAudit::Told::has(std::int64_t seq, std::string_view code) const {
    const auto found = at.find(seq);
    return found != at.end() && found->second.contains(std::string(code));
}

void learn_from_ledger(sql::Db& db, bool still, Known& known) {
    known.ledgers.push_back(&db);
    const auto number = [&](std::string_view key) {
        return db.value<std::int64_t>("SELECT value FROM meta WHERE key = ?", key);
    };
    const auto generation = number("generation");
    still = still && number("recovery") == 0;
    db.each("SELECT h, public_key, head_seq, head_hash, reported_generation FROM holder",
            [&](sql::Statement& row) {
                const ByteView key = row.blob_view(1);
                PublicKey raw{};
                // Only a key that the device is named by says anything.
                if (key.size() == raw.size() && crypto::device_id_of(key) == row.text(0)) {
                    std::ranges::copy(key, raw.begin());
                    known.keys[row.text(0)] = raw;
                }
                const auto head = digest_in(row, 3);
                if (head && row.integer(2) > 0) known.booked[row.text(0)] = {row.integer(2), *head};
                if (still && generation == row.integer(4))
                    known.settled[row.text(0)] = row.integer(2);
            });
}

std::vector<LedgerAudit::Holder> LedgerAudit::holders() {
    std::vector<Holder> out;
    db_.each(
        "SELECT h, venue, business, name, certificate, status, public_key, head_hash, head_seq, "
        "reported_generation "
        "FROM holder ORDER BY h",
        [&](sql::Statement& row) {
            out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                           row.text(5), row.blob(6), row.blob(7), row.integer(8), row.integer(9)});
        });
    return out;
}

void LedgerAudit::check_holder(const Holder& holder) {
    const auto differs = [&](std::string_view column, const std::string& wanted,
                             const std::string& met) {
        if (wanted != met)
            report_.find(row_of("holder_differs", "holder")
                             .with("h", holder.h)
                             .differs(column, wanted, met));
    };
    if (holder.public_key.size() != 32 || crypto::device_id_of(holder.public_key) != holder.h) {
        report_.find(
            row_of("key_differs", "holder").with("h", holder.h).with("column", "public_key"));
    }
    const auto key = crypto::certificate_public_key(holder.certificate);
    const auto identity = crypto::read_identity(holder.certificate);
    if (!key || !identity) {
        report_.find(row_of("certificate_malformed", "holder")
                         .with("h", holder.h)
                         .with("column", "certificate"));
    } else {
        if (crypto::device_id_of(*key) != holder.h) {
            report_.find(
                row_of("key_differs", "holder").with("h", holder.h).with("column", "certificate"));
        }
        differs("venue", identity->venue, holder.venue);
        differs("business", identity->business, holder.business);
    }
    const Told& told = told_[holder.h];
    const bool forked = told.codes.contains("chain_fork"),
               known = std::ranges::count(statuses, holder.status) > 0;
    suspended_ = suspended_ || holder.status == "written_off";
    if (!known) {
        report_.find(row_of("holder_differs", "holder")
                         .with("h", holder.h)
                         .with("column", "status")
                         .with("met", holder.status));
    } else if (told.codes.contains("written_off")) {
        differs("status", "written_off", holder.status);
    } else if (holder.status == "revoked") {
        differs("revoked", "1", shut(holder.h) ? "1" : "0");
    } else if (holder.status == "quarantined" && !forked && !given_up_after_a_backup(holder.h)) {
        differs("status", "active", holder.status);
    }
}

bool LedgerAudit::shut(const std::string& h) {
    return db_.value<std::int64_t>("SELECT 1 FROM holder WHERE h = ? AND revoked = 1", h).has_value();
}

// These books do not know of its write-off, and it is given nothing all the same.
bool LedgerAudit::given_up_after_a_backup(const std::string& h) {
    return db_.value<std::int64_t>(
                  "SELECT 1 FROM recovery_holder WHERE h = ? AND listed IN ('written_off', 'quarantined')", h)
        .has_value();
}

bool LedgerAudit::is_plain(const Holder& holder) {
    const Told& told = told_[holder.h];
    const bool helped = std::ranges::any_of(
        helped_out, [&](std::string_view code) { return told.codes.contains(std::string(code)); });
    const bool standing = holder.status == "active" || holder.status == "revoked";
    return standing && !helped && authority_->lines_known();
}

void LedgerAudit::check_chain(const Holder& holder) {
    const Told& told = told_[holder.h];
    Chain::Options options{.device = holder.h, .holder = holder.h, .signatures = false};
    risks_ = {};
    chain_ = std::make_unique<Chain>(
        report_, std::move(options), [&](const Entry& entry) { on_entry(holder, entry, 0); },
        [&](std::int64_t, std::int64_t) { authority_->lines_unknown(); });
    authority_ = std::make_unique<Authority>(report_, *chain_,
                                             [&](std::int64_t seq) { return told.any(seq); });
    db_.each(
        "SELECT seq, kind, hash, body FROM entry WHERE h = ? AND branch = 0 ORDER BY seq",
        [&](sql::Statement& row) {
            Row entry{row.integer(0), row.text(1), row.blob(2), row.blob(3), std::nullopt};
            entry.doubted = told.any(entry.seq);
            entry.unread = told.has(entry.seq, "malformed_entry");
            chain_->add(std::move(entry));
        },
        holder.h);
    if (holder.head_seq > 0) chain_->must_reach(holder.head_seq, "holder.head_seq");
    chain_->finish();
    doubtful_ = doubtful_ || chain_->doubtful();
    if (chain_->cut()) authority_->lines_unknown();
    entries_ += chain_->entries();
    check_branches(holder);
    check_head(holder);
    check_held(holder, is_plain(holder));
    risks_.check(db_, report_, holder.h);
    if (authority_->lines_known()) check_asks(holder);
}

void LedgerAudit::on_entry(const Holder& holder, const Entry& entry, std::int64_t branch) {
    const Told& told = told_[holder.h];
    std::optional<std::int64_t> id, at;
    std::string source;
    db_.each(
        "SELECT id, at, source FROM transfer WHERE holder = ? AND seq = ? AND branch = ?",
        [&](sql::Statement& row) {
            id = row.integer(0);
            at = row.integer(1);
            source = row.text(2);
        },
        holder.h, entry.seq, branch);
    if (entry.body == nullptr) {
        if (!told.has(entry.seq, "malformed_entry")) authority_->lines_unknown();
        return;  // its transfer, if there is one, is believed for itself
    }
    const Body& body = *entry.body;
    const bool effect = std::ranges::none_of(
        unbooked, [&](std::string_view code) { return told.has(entry.seq, code); });
    if (branch == 0 && effect) authority_->apply(entry);
    if (branch == 0 && effect) risks_.note(body);
    if (branch == 0 && effect) check_operation(holder, body);
    if (branch == 0 && effect) note_for_indexes(holder, body);
    if (effect) count(holder, body);
    if (!id) {
        if (effect && !body.postings.empty())
            report_.find(chain_->finding("transfer_missing", entry.seq, "transfer"));
        return;
    }
    const auto finding = [&](std::string_view code, std::string_view table) {
        return row_of(code, table).with("transfer", *id).with("h", holder.h).with("seq", entry.seq);
    };
    if (source != body.kind)
        report_.find(finding("transfer_differs", "transfer").differs("source", body.kind, source));
    // Two branches may have an entry of this number, and only one of them no effect; one that claims
    // to move what its kind does not was told.
    const bool excused = told.codes.contains("chain_fork") || told.has(entry.seq, "replay_mismatch");
    if (body.postings.empty() || (!effect && !excused))
        report_.find(finding("transfer_without_effect", "transfer"));
    if (*at != body.wall)
        report_.find(finding("transfer_differs", "transfer").differs("at", body.wall, *at));
    std::vector<std::pair<std::int64_t, Posting>> rows;
    db_.each(
        "SELECT n, account, minor, currency FROM posting WHERE transfer = ? ORDER BY n",
        [&](sql::Statement& row) {
            rows.emplace_back(row.integer(0), Posting{row.text(1), row.integer(2), row.text(3)});
        },
        *id);
    compare_postings(report_, finding("posting_differs", "posting"), body.postings, rows);
    booked_.add(*id);
    add_to_accounts(body.postings);
}

void LedgerAudit::note_for_indexes(const Holder& holder, const Body& body) {
    const Value& it = body.detail;
    if (body.kind == "pass_issued")
        issued_.emplace_back(holder.h, body.seq, it.text_or_empty("pass"));
    if (body.kind == "void") voided_.insert(it.text_or_empty("purchase"));
    if (body.kind != "purchase") return;
    for (const Value& award : it.list("decision.awards"))
        awards_.emplace_back(it.text_or_empty("id"), award.text_or_empty("offer"));
}

void LedgerAudit::check_operation(const Holder& holder, const Body& body) {
    if (body.kind != "purchase" && body.kind != "refund" && body.kind != "void") return;
    const std::string ref = body.detail.text_or_empty("id");
    const auto purchase = body.kind == "purchase" ? std::nullopt : body.detail.text("purchase");
    const auto finding = [&](std::string_view code) {
        return row_of(code, "operation").with("ref", ref).with("h", holder.h).with("seq", body.seq);
    };
    bool found = false;
    db_.each(
        "SELECT kind, h, seq, purchase FROM operation WHERE ref = ?",
        [&](sql::Statement& row) {
            found = true;
            // A second operation of one id was told as such.
            if (told_[holder.h].has(body.seq, "replay_mismatch")) return;
            const auto compare = [&](std::string_view column, const std::string& should,
                                     const std::string& is) {
                if (should == is) return;
                named_.insert(ref);
                report_.find(finding("operation_differs").differs(column, should, is));
            };
            compare("kind", body.kind, row.text(0));
            compare("h", holder.h, row.text(1));
            compare("seq", std::to_string(body.seq), std::to_string(row.integer(2)));
            compare("purchase", or_none(purchase), or_none(text_or_null(row, 3)));
        },
        ref);
    if (!found) report_.find(finding("operation_missing"));
}

// What a fork's other copies wrote: kept, booked as loss, and told.
void LedgerAudit::check_branches(const Holder& holder) {
    std::int64_t rows = 0;
    db_.each(
        "SELECT seq, branch, kind, hash, body FROM entry WHERE h = ? AND branch <> 0 ORDER BY "
        "branch, seq",
        [&](sql::Statement& row) {
            ++rows;
            forked_ = true;
            const std::int64_t seq = row.integer(0), branch = row.integer(1);
            const auto finding = [&](std::string_view code) {
                return chain_->finding(code, seq).with("branch", branch);
            };
            const Digest computed = hash_of(row.blob_view(4));
            if (digest_in(row, 3) != computed) {
                report_.find(
                    std::move(finding("hash_differs")
                                  .differs("body", to_hex(row.blob_view(3)), to_hex(computed))));
                return;
            }
            if (db_.value<std::int64_t>(
                    "SELECT 1 FROM entry WHERE h = ? AND seq = ? AND branch < ? AND hash = ?",
                    holder.h, seq, branch, computed)) {
                report_.find(finding("entry_twice"));
                return;
            }
            const Result<Body> body = read_body(row.blob_view(4));
            if (!body) return;
            const bool follows =
                seq == 1 ||
                db_.value<std::int64_t>("SELECT 1 FROM entry WHERE h = ? AND seq = ? AND hash = ?",
                                        holder.h, plus(seq, -1), body->prev);
            if (!follows) report_.find(finding("chain_broken"));
            on_entry(holder, {seq, row.text(2), computed, &*body}, branch);
        },
        holder.h);
    entries_ += rows;
    const bool told = told_[holder.h].codes.contains("chain_fork");
    if ((told && holder.status == "active") || (rows > 0 && !told)) {
        report_.find(row_of("fork_untold", "holder")
                         .with("h", holder.h)
                         .with("entries", rows)
                         .with("status", holder.status));
    }
}

void LedgerAudit::check_head(const Holder& holder) {
    const auto finding = [&] { return row_of("head_differs", "holder").with("h", holder.h); };
    const std::int64_t last = chain_->last_seq();
    if (holder.head_seq < last) {
        report_.find(finding().differs("head_seq", last, holder.head_seq));
    } else if (!chain_->cut() && last > 0 &&
               !std::ranges::equal(holder.head_hash, chain_->last_hash())) {
        report_.find(
            finding().differs("head_hash", to_hex(chain_->last_hash()), to_hex(holder.head_hash)));
    }
    gaps_[holder.h] = chain_->gaps();
    const bool known = !chain_->doubtful() && authority_->lines_known();
    const bool forked = told_[holder.h].codes.contains("chain_fork");
    // A recovery takes back what everybody had reported.
    const bool taken_back = holder.reported_generation == 0 && chain_->generation() < generation_;
    if (known && !forked && !taken_back && holder.reported_generation != chain_->generation()) {
        report_.find(finding().differs("reported_generation", chain_->generation(),
                                       holder.reported_generation));
    }
}

// What wallets did, over all days: on which day it counts takes the rules, and is not looked at.
void LedgerAudit::count(const Holder& holder, const Body& body) {
    const Value& it = body.detail;
    const auto add = [&](std::string_view wallet, std::string_view business, const char* kind,
                         int times, std::int64_t amount) {
        if (it.text_or_empty(business) != holder.business) return;
        Done& done = activity_[{it.text_or_empty(wallet), holder.business, kind}];
        done.count += times;
        done.amount = plus(done.amount, amount);
    };
    const std::int64_t paid = sum_of(it, "decision.allocations");
    if (body.kind == "purchase" && paid != 0)
        add("wallet", "facts.place.business", "debit", 1, paid);
    if (body.kind == "void" && paid != 0) add("wallet", "business", "debit", -1, negated(paid));
    if (body.kind == "pass_redeemed" || body.kind == "top_up") {
        add("credit.wallet", "credit.business", body.kind == "top_up" ? "top_up" : "credit", 1,
            it.integer_or_zero("credit.money.amount"));
    }
}

}  // namespace obol::audit
