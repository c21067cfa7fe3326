#include <algorithm>

#include "sync/audit/ledger_db.hpp"

namespace obol::audit {
namespace {

bool is_indivisible(std::string_view subject) {
    return subject.starts_with("pass:") || subject.starts_with("draft:") ||
           subject.starts_with("right:");
}

}  // namespace

bool LedgerAudit::missing(const std::string& h, std::int64_t seq) const {
    const auto found = gaps_.find(h);
    return found != gaps_.end() && Chain::in_gaps(found->second, seq);
}

void LedgerAudit::add_to_accounts(const std::vector<Posting>& postings) {
    for (const Posting& posting : postings) {
        std::int64_t& sum = accounts_[{posting.account, posting.currency}];
        sum = plus(sum, posting.minor);
    }
}

void LedgerAudit::check_transfers() {
    std::vector<std::pair<std::int64_t, Posting>> rows;
    sql::Statement postings = db_.prepare(
        "SELECT transfer, n, account, minor, currency FROM posting ORDER BY transfer, n");
    bool there = postings.step();
    const auto orphan = [&] {
        report_.find(row_of("posting_without_transfer", "posting")
                         .with("transfer", postings.integer(0))
                         .with("n", postings.integer(1))
                         .with("account", postings.text_view(2)));
    };
    db_.each("SELECT id, holder, seq, branch FROM transfer ORDER BY id", [&](sql::Statement& row) {
        const std::int64_t id = row.integer(0);
        rows.clear();
        while (there && postings.integer(0) <= id) {
            ++postings_;
            if (postings.integer(0) < id)
                orphan();
            else
                rows.emplace_back(postings.integer(1),
                                  Posting{postings.text(2), postings.integer(3), postings.text(4)});
            there = postings.step();
        }
        check_transfer(id, text_or_null(row, 1), integer_or_null(row, 2), integer_or_null(row, 3),
                       rows);
    });
    for (; there; there = postings.step()) orphan();
}

void LedgerAudit::check_transfer(std::int64_t id, const std::optional<std::string>& holder,
                                 std::optional<std::int64_t> seq,
                                 std::optional<std::int64_t> branch,
                                 const std::vector<std::pair<std::int64_t, Posting>>& rows) {
    if (booked_.has(id)) return;  // compared with its entry
    std::vector<Posting> plain;
    for (const auto& [n, posting] : rows) plain.push_back(posting);
    if (holder) {
        const bool there =
            db_.value<std::int64_t>("SELECT 1 FROM entry WHERE h = ? AND seq = ? AND branch = ?",
                                    *holder, seq, branch)
                .has_value();
        if (!there && !missing(*holder, seq.value_or(0))) {
            report_.find(row_of("transfer_without_entry", "transfer")
                             .with("id", id)
                             .with("h", *holder)
                             .with("seq", said(seq)));
        }
    } else if (seq || branch) {
        report_.find(row_of("transfer_differs", "transfer")
                         .with("transfer", id)
                         .differs(seq ? "seq" : "branch", "none", said(seq ? seq : branch)));
    } else if (rows.empty()) {
        report_.find(row_of("posting_missing", "posting").with("transfer", id));
    }
    for (const auto& [currency, sum] : sums_of(plain)) {
        if (sum != 0) unbalanced_.push_back({id, currency, sum, rows, false});
    }
    add_to_accounts(plain);
}

// Where a transfer does not balance and one account is off by just as much, it is that posting that
// was changed.
void LedgerAudit::check_accounts() {
    const auto changed_posting = [&](const AccountKey& key, std::int64_t table) -> bool {
        for (Unbalanced& each : unbalanced_) {
            if (each.explained || each.currency != key.second) continue;
            if (plus(accounts_[key], negated(each.sum)) != table) continue;
            for (const auto& [n, posting] : each.rows) {
                if (posting.account != key.first || posting.currency != key.second) continue;
                report_.find(
                    row_of("posting_differs", "posting")
                        .with("transfer", each.transfer)
                        .with("n", n)
                        .with("account", posting.account)
                        .differs("minor", plus(posting.minor, negated(each.sum)), posting.minor));
                accounts_[key] = table;
                return each.explained = true;
            }
        }
        return false;
    };
    std::set<AccountKey> seen;
    db_.each(
        "SELECT account, currency, minor FROM account ORDER BY account, currency",
        [&](sql::Statement& row) {
            const AccountKey key{row.text(0), row.text(1)};
            seen.insert(key);
            const auto found = accounts_.find(key);
            const auto finding = [&](std::string_view code) {
                return row_of(code, "account")
                    .with("account", key.first)
                    .with("currency", key.second);
            };
            if (found == accounts_.end()) {
                report_.find(finding("account_extra").with("met", row.integer(2)));
            } else if (found->second != row.integer(2) && !changed_posting(key, row.integer(2))) {
                report_.find(
                    finding("account_differs").differs("minor", found->second, row.integer(2)));
            }
        });
    for (const auto& [key, sum] : accounts_) {
        if (seen.contains(key)) continue;
        report_.find(row_of("account_missing", "account")
                         .with("account", key.first)
                         .with("currency", key.second)
                         .with("wanted", sum));
    }
    for (const Unbalanced& each : unbalanced_) {
        if (each.explained) continue;
        report_.find(row_of("unbalanced", "transfer")
                         .with("id", each.transfer)
                         .with("currency", each.currency)
                         .differs("postings", std::int64_t{0}, each.sum));
    }
}

// I2: centre + held = value + loss.
void LedgerAudit::check_subjects() {
    bool forgot = false;
    for (const auto& [h, told] : told_) forgot = forgot || told.codes.contains("unknown_grant");
    const bool no_losses = overdrawn_.empty() && overspent_.empty() && !forked_ && !suspended_;
    std::set<std::string> seen;
    db_.each(
        "SELECT subject, currency, centre, loss, owed, repaid FROM subject ORDER BY subject",
        [&](sql::Statement& row) {
            const std::string subject = row.text(0);
            seen.insert(subject);
            const auto finding = [&](std::string_view code) {
                return row_of(code, "subject").with("subject", subject);
            };
            const auto value = accounts_.find({subject, row.text(1)});
            const std::int64_t worth = value == accounts_.end() ? 0 : value->second;
            const std::int64_t centre = row.integer(2), loss = no_losses ? 0 : row.integer(3);
            const auto held_row = held_.find(subject);
            const std::int64_t held = held_row == held_.end() ? 0 : held_row->second;
            const std::int64_t wanted = plus(plus(worth, loss), negated(held));
            if (row.integer(3) != loss)
                report_.find(finding("loss_differs").differs("loss", loss, row.integer(3)));
            // With losses about, it may as well be the loss that was changed.
            if (centre != wanted) {
                report_.find(finding(no_losses ? "centre_differs" : "subject_unbalanced")
                                 .differs("centre", wanted, centre));
            }
            if (centre < 0 && centre == wanted && !forgot) {
                report_.find(finding("centre_negative").differs("centre", std::int64_t{0}, centre));
            }
            check_owed(row, held);
            // A centre below nothing has no part of it: its holder drew what these books forgot.
            if (is_indivisible(subject) && centre == wanted && centre > 0 && held != 0) {
                report_.find(finding("divided").with("centre", centre).with("held", held));
            }
        });
    for (const auto& [key, sum] : accounts_) {
        if (sum == 0 || !is_subject(key.first) || seen.contains(key.first)) continue;
        named_.insert(key.first);
        report_.find(
            row_of("subject_missing", "subject").with("subject", key.first).with("value", sum));
    }
}

// Of what was spent at risk and lost, only authority that is still out can pay a part.
void LedgerAudit::check_owed(sql::Statement& row, std::int64_t held) {
    const std::int64_t owed = row.integer(4), repaid = row.integer(5);
    const std::int64_t most = overspent_.empty() ? 0 : std::max<std::int64_t>(held, 0);
    const auto finding = [&] {
        return row_of("owed_differs", "subject").with("subject", row.text_view(0));
    };
    if (owed < 0 || owed > most) report_.find(finding().differs("owed", std::clamp<std::int64_t>(owed, 0, most), owed));
    if (repaid < 0 || (repaid > 0 && overspent_.empty()))
        report_.find(finding().differs("repaid", std::int64_t{0}, repaid));
}

// What was written off for a device is what its suspense began with.
void LedgerAudit::check_suspense() {
    std::map<std::pair<std::string, std::string>, std::int64_t> sums;
    db_.each(
        "SELECT u.h, u.subject, u.minor, h.status, s.currency FROM suspense u LEFT JOIN holder h "
        "ON h.h = u.h "
        "LEFT JOIN subject s ON s.subject = u.subject ORDER BY u.h, u.subject",
        [&](sql::Statement& row) {
            const std::int64_t minor = row.integer(2);
            suspended_ = suspended_ || minor != 0;
            if (minor < 0 || (minor > 0 && row.text_view(3) != "written_off")) {
                report_.find(row_of("suspense_differs", "suspense")
                                 .with("h", row.text_view(0))
                                 .with("subject", row.text_view(1))
                                 .differs("minor", std::int64_t{0}, minor));
                return;
            }
            std::int64_t& sum = sums[{row.text(0), row.text(4)}];
            sum = plus(sum, minor);
        });
    for (const auto& [key, sum] : sums) {
        const auto [h, currency] = key;
        if (currency == "XXX" || sum <= written_off_[key]) continue;
        report_.find(row_of("suspense_differs", "suspense")
                         .with("h", h)
                         .with("currency", currency)
                         .differs("minor", written_off_[key], sum));
    }
}

// Each loss was told as an exception, closed or not.
void LedgerAudit::check_losses() {
    if (forked_ || suspended_ || (overdrawn_.empty() && overspent_.empty())) return;
    // What others paid of it since is no loss any more.
    std::map<std::string, std::int64_t> lost;
    db_.each("SELECT currency, sum(loss) + sum(repaid) FROM subject GROUP BY currency",
             [&](sql::Statement& row) { lost[row.text(0)] = row.integer(1); });
    for (const auto& [currency, sum] : lost) {
        const std::int64_t told = plus(overdrawn_[currency], overspent_[currency]);
        if (sum == told) continue;
        report_.find(row_of("loss_differs", "subject").with("currency", currency).differs("loss", told, sum));
    }
}

}  // namespace obol::audit
