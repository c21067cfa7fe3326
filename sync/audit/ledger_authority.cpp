// What each device holds and has asked for, as the ledger keeps it.

#include <algorithm>

#include "sync/audit/ledger_db.hpp"

namespace obol::audit {

// The fold of the chain, and what was granted and not taken yet.
void LedgerAudit::check_held(const Holder& holder, bool exactly) {
    std::map<std::string, std::int64_t> wanted;
    if (exactly) {
        for (const auto& [subject, held] : authority_->held()) wanted[subject] = held.minor;
        db_.each(
            "SELECT l.subject, l.granted FROM ask_line l JOIN ask a ON a.h = l.h AND a.seq = l.seq "
            "WHERE l.h = ? AND a.state = 'granted'",
            [&](sql::Statement& row) {
                std::int64_t& held = wanted[row.text(0)];
                held = plus(held, row.integer(1));
            },
            holder.h);
    }
    db_.each(
        "SELECT subject, minor FROM held WHERE h = ? ORDER BY subject",
        [&](sql::Statement& row) {
            std::int64_t should = row.integer(1);
            if (exactly) {
                const auto found = wanted.find(row.text(0));
                should = found == wanted.end() ? 0 : found->second;
                if (found != wanted.end()) wanted.erase(found);
            }
            if (should != row.integer(1) || row.integer(1) < 0) {
                report_.find(
                    row_of("held_differs", "held")
                        .with("h", holder.h)
                        .with("subject", row.text_view(0))
                        .differs("minor", std::max<std::int64_t>(should, 0), row.integer(1)));
            }
            std::int64_t& sum = held_[row.text(0)];
            sum = plus(sum, should);
        },
        holder.h);
    for (const auto& [subject, minor] : wanted) {
        if (minor == 0) continue;
        report_.find(row_of("held_missing", "held")
                         .with("h", holder.h)
                         .with("subject", subject)
                         .with("wanted", minor));
        std::int64_t& sum = held_[subject];
        sum = plus(sum, minor);
    }
}

void LedgerAudit::check_asks(const Holder& holder) {
    const Told& told = told_[holder.h];
    std::map<std::int64_t, Ask> wanted = authority_->asks();
    db_.each(
        "SELECT seq, state, placement, hash FROM ask WHERE h = ? ORDER BY seq",
        [&](sql::Statement& row) {
            const std::int64_t seq = row.integer(0);
            const auto finding = [&](std::string_view code) {
                return chain_->finding(code, seq, "ask");
            };
            const auto found = wanted.find(seq);
            if (found == wanted.end()) {
                report_.find(finding("ask_extra"));
                return;
            }
            const Ask ask = found->second;
            wanted.erase(found);
            const std::string state = row.text(1);
            const bool open = state == "open" || state == "granted";
            if (open != ask.open || (!open && state != "closed")) {
                report_.find(
                    finding("ask_differs").differs("state", ask.open ? "open" : "closed", state));
            }
            const std::int64_t placement = ask.placement ? 1 : 0;
            if (row.integer(2) != placement)
                report_.find(
                    finding("ask_differs").differs("placement", placement, row.integer(2)));
            if (digest_in(row, 3) != ask.hash) {
                report_.find(finding("ask_differs")
                                 .differs("hash", to_hex(ask.hash), to_hex(row.blob_view(3))));
            }
            if (open == ask.open) check_ask_lines(holder, seq, ask, state);
        },
        holder.h);
    for (const auto& [seq, ask] : wanted) {
        if (!told.any(seq)) report_.find(chain_->finding("ask_missing", seq, "ask"));
    }
}

void LedgerAudit::check_ask_lines(const Holder& holder, std::int64_t seq, const Ask& ask,
                                  const std::string& state) {
    std::map<std::string, std::int64_t> wanted = ask.wanted;
    db_.each(
        "SELECT subject, wanted, granted FROM ask_line WHERE h = ? AND seq = ? ORDER BY subject",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return chain_->finding(code, seq, "ask_line").with("subject", row.text_view(0));
            };
            const std::int64_t granted = row.integer(2);
            const auto found = wanted.find(row.text(0));
            if (state == "closed" || (!ask.placement && found == wanted.end())) {
                report_.find(finding("ask_line_extra"));
                return;
            }
            const std::int64_t most = ask.placement ? granted : found->second;
            if (found != wanted.end()) wanted.erase(found);
            // Granting writes what it gave in both places where the ask named a set.
            if (!ask.placement && row.integer(1) != most) {
                report_.find(finding("ask_line_differs").differs("wanted", most, row.integer(1)));
            }
            if (granted < 0 || granted > most || (state == "open" && granted != 0)) {
                report_.find(finding("ask_line_differs")
                                 .differs("granted", state == "open" ? 0 : most, granted));
            }
        },
        holder.h, seq);
    for (const auto& [subject, amount] : wanted) {
        report_.find(chain_->finding("ask_line_missing", seq, "ask_line")
                         .with("subject", subject)
                         .with("wanted", amount));
    }
}

}  // namespace obol::audit
