#include <algorithm>

#include "sync/audit/agent_db.hpp"
#include "sync/core/time.hpp"

namespace obol::audit {
namespace {

// The state of a pass after this entry; nothing where the entry is not about it.
std::optional<std::string> state_after(const Body& body, const std::string& pass) {
    const auto names = [&](std::string_view list) {
        return std::ranges::any_of(body.detail.list(list),
                                   [&](const Value& it) { return it.text("pass") == pass; });
    };
    if (body.kind == "purchase" && names("decision.awards")) return "redeemed";
    if ((body.kind == "refund" || body.kind == "void") && names("decision.undone")) return "active";
    if (body.detail.text("pass") != pass) return std::nullopt;
    if (body.kind == "pass_activated") return "active";
    if (body.kind == "activation_voided") return "draft";
    if (body.kind == "pass_redeemed") return "redeemed";
    if (body.kind == "issue_voided") return "cancelled";
    return std::nullopt;
}

struct Alarm {
    std::string code, detail;
};
// What somebody has to look at after this entry.
std::optional<Alarm> alarm_of(const Body& body) {
    const Value& it = body.detail;
    if (body.kind == "alarm") return Alarm{it.text_or_empty("code"), it.text_or_empty("detail")};
    if (body.kind != "clock_event" || it.flag("trusted")) return std::nullopt;
    const auto moment = [&](std::string_view member) {
        return to_rfc3339(from_millis(it.integer_or_zero(member)));
    };
    return Alarm{"clock_untrusted", it.text_or_empty("reason") + ": the system clock showed " +
                                        moment("system") + ", the time was taken to be " +
                                        moment("taken")};
}

std::int64_t sum_of(const Value& detail, std::string_view list) {
    std::int64_t sum = 0;
    for (const Value& part : detail.list(list)) sum = plus(sum, part.integer_or_zero("amount"));
    return sum;
}

}  // namespace

void AgentAudit::check_alarms() {
    db_.each(
        "SELECT id, code, detail, seq, minor, currency, at, closed_at, closed_reason FROM "
        "exception "
        "ORDER BY id",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "exception").with("id", row.text_view(0));
            };
            if (row.null(4) != row.null(5))
                report_.find(finding("exception_differs").with("column", "currency"));
            if (row.null(7) != row.null(8))
                report_.find(finding("exception_differs").with("column", "closed_at"));
            if (row.null(3) || !refers_well(row.integer(3), "exception_without_entry", finding("")))
                return;
            const std::optional<Body> body = body_at(row.integer(3));
            if (!body) return;
            const std::optional<Alarm> wanted = alarm_of(*body);
            if (!wanted) {
                report_.find(finding("exception_differs").differs("seq", "alarm", body->kind));
            } else if (wanted->code != row.text_view(1)) {
                report_.find(
                    finding("exception_differs").differs("code", wanted->code, row.text_view(1)));
            } else if (wanted->detail != row.text_view(2)) {
                report_.find(finding("exception_differs")
                                 .differs("detail", wanted->detail, row.text_view(2)));
            }
            if (row.integer(6) > body->wall)
                report_.find(
                    finding("exception_differs").differs("at", body->wall, row.integer(6)));
        });
}

void AgentAudit::check_pins() {
    db_.each(
        "SELECT pass, wrong, locked, seq FROM pin_tries ORDER BY pass", [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "pin_tries").with("pass", row.text_view(0));
            };
            if (row.integer(1) < 0)
                report_.find(
                    finding("pin_differs").differs("wrong", std::int64_t{0}, row.integer(1)));
            if (row.null(2) != row.null(3))
                report_.find(finding("pin_differs").with("column", "locked"));
            if (row.null(3) || !refers_well(row.integer(3), "pin_without_entry", finding("")))
                return;
            const std::optional<Body> body = body_at(row.integer(3));
            if (!body || row.null(2)) return;
            const std::string_view wanted = row.integer(2) != 0 ? "pin_locked" : "pin_unlocked";
            if (body->kind != wanted || body->detail.text("pass") != row.text(0)) {
                report_.find(finding("pin_differs")
                                 .with("seq", row.integer(3))
                                 .differs("locked", body->kind, wanted));
            }
        });
    db_.each("SELECT pass, seq, wrong FROM pin_told ORDER BY pass, seq", [&](sql::Statement& row) {
        const auto finding = [&](std::string_view code) {
            return row_of(code, "pin_told").with("pass", row.text_view(0));
        };
        if (!refers_well(row.integer(1), "pin_without_entry", finding(""))) return;
        const std::optional<Body> body = body_at(row.integer(1));
        if (!body) return;
        const bool tells = body->kind == "pin_tried" || body->kind == "pin_unlocked";
        const std::int64_t wrong = body->detail.integer_or_zero("wrong");
        if (!tells || body->detail.text("pass") != row.text(0)) {
            report_.find(finding("pin_differs").differs("seq", "pin_tried", body->kind));
        } else if (wrong != row.integer(2)) {
            report_.find(finding("pin_differs")
                             .with("seq", row.integer(1))
                             .differs("wrong", wrong, row.integer(2)));
        }
    });
}

void AgentAudit::check_pass_states() {
    db_.each("SELECT pass, seq, state, value, redeemed_at FROM pass_local ORDER BY pass",
             [&](sql::Statement& row) {
                 const auto finding = [&](std::string_view code) {
                     return row_of(code, "pass_local").with("pass", row.text_view(0));
                 };
                 if (!refers_well(row.integer(1), "pass_without_entry", finding(""))) return;
                 const std::optional<Body> body = body_at(row.integer(1));
                 if (!body) return;
                 const std::optional<std::string> wanted = state_after(*body, row.text(0));
                 const auto differs = [&](std::string_view column, const std::string& should,
                                          const std::string& is) {
                     report_.find(finding("pass_differs")
                                      .with("seq", row.integer(1))
                                      .differs(column, should, is));
                 };
                 if (wanted != row.text(2)) return differs("state", or_none(wanted), row.text(2));
                 const auto value = body->detail.integer("value.amount"),
                            at = integer_or_null(row, 4);
                 // Back to a draft, a pass whose plan leaves the value open has none.
                 if (value && value != row.integer(3) && wanted != "draft")
                     differs("value", said(value), std::to_string(row.integer(3)));
                 if (at.has_value() != (wanted == "redeemed") || at.value_or(0) > body->wall)
                     differs("redeemed_at",
                             wanted == "redeemed" ? std::to_string(body->wall) : "none", said(at));
             });
}

void AgentAudit::check_awards() {
    db_.each(
        "SELECT purchase, offer, wallet, party FROM award ORDER BY purchase, offer",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "award")
                    .with("purchase", row.text_view(0))
                    .with("offer", row.text_view(1));
            };
            const auto seq = db_.value<std::int64_t>(
                "SELECT seq FROM operation WHERE ref = ? AND kind = 'purchase'", row.text_view(0));
            if (!seq) {
                report_.find(finding("award_without_purchase"));
                return;
            }
            const std::optional<Body> body = body_at(*seq);
            if (!body) return;
            const bool given = std::ranges::any_of(
                body->detail.list("decision.awards"),
                [&](const Value& it) { return it.text("offer") == row.text(1); });
            if (!given) report_.find(finding("award_without_purchase").with("seq", *seq));
            const std::string wallet = body->detail.text_or_empty("wallet");
            if (wallet != row.text_view(2))
                report_.find(finding("award_differs").differs("wallet", wallet, row.text_view(2)));
            // Of whom the wallet was then; whose it is now is known if it is known.
            const auto bytes =
                db_.value<Bytes>("SELECT body FROM fact WHERE kind = 'wallet' AND id = ?", wallet);
            const Result<Value> known = decode(bytes.value_or(Bytes{}));
            const auto contact = known ? known->text("wallet.contact") : std::nullopt;
            if (contact && row.text_view(3) != *contact && row.text_view(3) != wallet)
                report_.find(finding("award_differs").differs("party", *contact, row.text_view(3)));
        });
}

// By what the entry says; on which business day it counts takes the rules, and is not looked at.
void AgentAudit::check_activity() {
    db_.each(
        "SELECT wallet, kind, day, seq, count, amount, business FROM activity_own ORDER BY seq",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "activity_own")
                    .with("wallet", row.text_view(0))
                    .with("kind", row.text_view(1));
            };
            const std::int64_t seq = row.integer(3);
            if (!refers_well(seq, "activity_without_entry", finding(""))) return;
            const std::optional<Body> body = body_at(seq);
            if (!body || row.text_view(1).starts_with("offer:")) return;
            const bool is_void = body->kind == "void", buys = body->kind == "purchase";
            const auto compare = [&](std::string_view column, const std::string& should,
                                     std::string_view is) {
                if (should != is)
                    report_.find(
                        finding("activity_differs").with("seq", seq).differs(column, should, is));
            };
            compare("kind",
                    buys || is_void                 ? "debit"
                    : body->kind == "pass_redeemed" ? "credit"
                                                    : body->kind,
                    row.text_view(1));
            if (!is_void) {
                compare("wallet", body->detail.text_or_empty(buys ? "wallet" : "credit.wallet"),
                        row.text_view(0));
                compare(
                    "business",
                    body->detail.text_or_empty(buys ? "facts.place.business" : "credit.business"),
                    row.text_view(6));
            }
            const std::int64_t amount =
                body->kind == "purchase" ? sum_of(body->detail, "decision.allocations")
                : is_void                ? negated(sum_of(body->detail, "decision.allocations"))
                                         : body->detail.integer_or_zero("credit.money.amount");
            const std::int64_t count = is_void ? -1 : 1;
            if (count != row.integer(4)) {
                report_.find(finding("activity_differs")
                                 .with("seq", seq)
                                 .differs("count", count, row.integer(4)));
            }
            // Money of another currency than the business's is counted, not summed.
            if (row.integer(5) != 0 && row.integer(5) != amount) {
                report_.find(finding("activity_differs")
                                 .with("seq", seq)
                                 .differs("amount", amount, row.integer(5)));
            }
        });
}

void AgentAudit::check_elsewhere() {
    db_.each("SELECT ref, purchase, n, body FROM elsewhere ORDER BY ref", [&](sql::Statement& row) {
        const auto finding = [&](std::string_view code) {
            return row_of(code, "elsewhere").with("ref", row.text_view(0));
        };
        const Result<Body> body = read_body(row.blob_view(3));
        if (!body) {
            report_.find(
                finding("body_malformed").with("column", "body").with("why", body.error().detail));
            return;
        }
        const std::string id = body->detail.text_or_empty("id");
        const std::string purchase =
            row.integer(2) == 0 ? id : body->detail.text_or_empty("purchase");
        if (id != row.text_view(0))
            report_.find(finding("elsewhere_differs").differs("ref", id, row.text_view(0)));
        if (purchase != row.text_view(1)) {
            report_.find(
                finding("elsewhere_differs").differs("purchase", purchase, row.text_view(1)));
        }
        for (sql::Db* ledger : known_.ledgers) {
            bool there = false, same = false;
            ledger->each(
                "SELECT hash FROM entry WHERE h = ? AND seq = ?",
                [&](sql::Statement& entry) {
                    there = true;
                    same = same || digest_in(entry, 0) == hash_of(row.blob_view(3));
                },
                body->device, body->seq);
            if (there && !same) report_.find(finding("elsewhere_differs").with("column", "body"));
        }
    });
}

}  // namespace obol::audit
