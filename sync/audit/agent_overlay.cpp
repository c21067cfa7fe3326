// Rows that own entries leave and that nothing but another entry, or the centre, takes away again.

#include <algorithm>

#include "sync/audit/agent_db.hpp"

namespace obol::audit {

void AgentAudit::note_for_rows(const Body& body) {
    const Value& it = body.detail;
    if (body.kind == "alarm" || (body.kind == "clock_event" && !it.flag("trusted")))
        alarms_.add(body.seq);
    if (body.kind == "clock_event") clock_trusted_ = it.flag("trusted");
    const bool lock = body.kind == "pin_locked" || body.kind == "pin_unlocked";
    if (lock || (body.kind == "pin_tried" && it.integer_or_zero("wrong") > 0))
        tried_.insert(it.text_or_empty("pass"));
    if (body.kind == "purchase") {
        for (const Value& award : it.list("decision.awards"))
            awards_[it.text_or_empty("id")].insert(award.text_or_empty("offer"));
    }
    if (body.kind == "void") awards_.erase(it.text_or_empty("purchase"));
    if (body.kind == "authority_taken") {
        constexpr std::string_view right = "right:";
        for (const Line& line : lines_of(body)) {
            if (line.subject.starts_with(right)) rights_.insert(line.subject.substr(right.size()));
        }
    }
    if (unbooked_after_ && body.seq > *unbooked_after_) note_unbooked(body);
}

void AgentAudit::note_unbooked(const Body& body) {
    const Value& it = body.detail;
    const std::string pass = it.text_or_empty("pass");
    const auto state = [&](const std::string& of) { states_[of] = body.seq; };
    if (body.kind == "pass_activated" || body.kind == "activation_voided" ||
        body.kind == "pass_redeemed" || body.kind == "issue_voided")
        state(pass);
    for (const char* list : {"decision.awards", "decision.undone"}) {
        for (const Value& award : it.list(list)) {
            if (const auto of = award.text("pass")) state(*of);
        }
    }
    if (body.kind == "pin_locked" || body.kind == "pin_unlocked") locks_[pass] = body.seq;
    if (body.kind == "pin_unlocked" || body.kind == "pin_tried") {
        const std::int64_t wrong = it.integer_or_zero("wrong");
        if (wrong == 0)
            std::erase_if(told_tries_, [&](const auto& told) { return told.first == pass; });
        told_tries_.emplace(pass, body.seq);
    }
    const bool spent = body.kind == "purchase" && !it.list("decision.allocations").empty();
    if (spent) counted_.emplace_back(it.text_or_empty("facts.place.business"), body.seq);
    if (body.kind == "pass_redeemed" || body.kind == "top_up")
        counted_.emplace_back(it.text_or_empty("credit.business"), body.seq);
}

void AgentAudit::check_left_rows() {
    if (chain_->doubtful() || chain_->cut()) return;
    alarms_.each([&](std::int64_t seq) {
        if (!db_.value<std::int64_t>("SELECT 1 FROM exception WHERE seq = ?", seq))
            report_.find(row_of("exception_missing", "exception").with("seq", seq));
    });
    for (const std::string& pass : tried_) {
        if (!db_.value<std::int64_t>("SELECT 1 FROM pin_tries WHERE pass = ?", pass))
            report_.find(row_of("pin_missing", "pin_tries").with("pass", pass));
    }
    for (const auto& [purchase, offers] : awards_) {
        for (const std::string& offer : offers) {
            if (!db_.value<std::int64_t>("SELECT 1 FROM award WHERE purchase = ? AND offer = ?",
                                         purchase, offer))
                report_.find(row_of("award_missing", "award")
                                 .with("purchase", purchase)
                                 .with("offer", offer));
        }
    }
    check_rights();
    for (const auto& [pass, seq] : states_) {
        if (!db_.value<std::int64_t>("SELECT 1 FROM pass_local WHERE pass = ? AND seq = ?", pass,
                                     seq))
            report_.find(row_of("pass_missing", "pass_local").with("pass", pass).with("seq", seq));
    }
    for (const auto& [pass, seq] : locks_) {
        if (!db_.value<std::int64_t>("SELECT 1 FROM pin_tries WHERE pass = ? AND seq = ?", pass,
                                     seq))
            report_.find(row_of("pin_missing", "pin_tries").with("pass", pass).with("seq", seq));
    }
    for (const auto& [pass, seq] : told_tries_) {
        if (!db_.value<std::int64_t>("SELECT 1 FROM pin_told WHERE pass = ? AND seq = ?", pass,
                                     seq))
            report_.find(row_of("pin_missing", "pin_told").with("pass", pass).with("seq", seq));
    }
    for (const auto& [business, seq] : counted_) {
        const bool known = db_.value<std::int64_t>(
                                  "SELECT 1 FROM fact WHERE kind = 'business' AND id = ?", business)
                               .has_value();
        if (known &&
            !db_.value<std::int64_t>(
                "SELECT 1 FROM activity_own WHERE seq = ? AND kind NOT LIKE 'offer:%'", seq))
            report_.find(row_of("activity_missing", "activity_own").with("seq", seq));
    }
}

// A right that came from the centre: either nobody knows yet what others gave back, or that is
// here.
void AgentAudit::check_rights() {
    db_.each("SELECT purchase FROM right_was_away ORDER BY purchase", [&](sql::Statement& row) {
        if (!rights_.contains(row.text(0)))
            report_.find(
                row_of("right_extra", "right_was_away").with("purchase", row.text_view(0)));
    });
    for (const std::string& purchase : rights_) {
        if (db_.value<std::int64_t>("SELECT 1 FROM right_was_away WHERE purchase = ? UNION ALL "
                                    "SELECT 1 FROM elsewhere WHERE ref = ? AND n = 0",
                                    purchase, purchase))
            continue;
        report_.find(row_of("right_missing", "right_was_away").with("purchase", purchase));
    }
}

}  // namespace obol::audit
