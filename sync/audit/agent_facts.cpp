// The fact cache's indexes, the clock, and what the database says of itself.

#include <algorithm>

#include "sync/audit/agent_db.hpp"

namespace obol::audit {
namespace {

struct Named {
    std::string_view kind, id;  // where the body says its own
};
constexpr Named named_by_id[] = {{"business", "id"}, {"venue", "id"}, {"pool", "id"},
                                 {"plan", "id"},     {"offer", "id"}, {"limit", "id"},
                                 {"pass", "id"},     {"lot", "id"},   {"wallet", "wallet.id"},
                                 {"device", "id"}};

bool fits(std::string_view what, std::string_view kind) {
    if (what == "code") return kind == "pass" || kind == "offer";
    return kind == "wallet" &&
           (what == "phone" || what == "email" || what == "card" || what == "wallet_code");
}

}  // namespace

void AgentAudit::check_facts() {
    check_documents(db_, report_, "fact", "kind, id");
    std::map<std::string, std::string> wallets;  // by lot
    db_.each("SELECT kind, id, body FROM fact ORDER BY kind, id", [&](sql::Statement& row) {
        const auto named = std::ranges::find(named_by_id, row.text_view(0), &Named::kind);
        const Result<Value> body = decode(row.blob_view(2));
        if (!body || named == std::end(named_by_id)) return;
        const std::string id = body->text_or_empty(named->id);
        if (id != row.text_view(1)) {
            report_.find(row_of("fact_differs", "fact")
                             .with("kind", row.text_view(0))
                             .differs("id", id, row.text_view(1)));
        } else if (row.text_view(0) == "lot") {
            wallets[id] = body->text_or_empty("wallet");
        }
    });
    check_wallet_lots(std::move(wallets));
    db_.each(
        "SELECT what, hex(hmac), kind, id, EXISTS (SELECT 1 FROM fact f WHERE f.kind = l.kind AND "
        "f.id = l.id) FROM lookup l ORDER BY kind, id, what",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "lookup")
                    .with("hmac", row.text_view(1))
                    .with("kind", row.text_view(2))
                    .with("id", row.text_view(3));
            };
            if (!fits(row.text_view(0), row.text_view(2))) {
                report_.find(
                    finding("lookup_differs").with("column", "what").with("met", row.text_view(0)));
            } else if (row.integer(4) == 0) {
                report_.find(finding("lookup_without_fact"));
            }
        });
}

void AgentAudit::check_wallet_lots(std::map<std::string, std::string> wallets) {
    db_.each("SELECT lot, wallet FROM wallet_lot ORDER BY lot, wallet", [&](sql::Statement& row) {
        const auto finding = [&](std::string_view code) {
            return row_of(code, "wallet_lot").with("lot", row.text_view(0));
        };
        const auto found = wallets.find(row.text(0));
        if (found == wallets.end())
            return report_.find(finding("wallet_lot_extra").with("wallet", row.text_view(1)));
        if (found->second != row.text_view(1))
            report_.find(
                finding("wallet_lot_differs").differs("wallet", found->second, row.text_view(1)));
        wallets.erase(found);
    });
    for (const auto& [lot, wallet] : wallets)
        report_.find(
            row_of("wallet_lot_missing", "wallet_lot").with("lot", lot).with("wallet", wallet));
}

// One row, by what the last event of a clock said.
void AgentAudit::check_clock() {
    const auto finding = [&](std::string_view code) { return row_of(code, "clock"); };
    std::int64_t rows = 0;
    db_.each("SELECT one, trusted, stamp FROM clock ORDER BY one", [&](sql::Statement& row) {
        ++rows;
        if (row.integer(0) != 1)
            report_.find(finding("clock_extra").differs("one", std::int64_t{1}, row.integer(0)));
        const std::int64_t met = row.integer(1), wanted = clock_trusted_.value_or(met != 0) ? 1 : 0;
        if (!chain_->doubtful() && met != wanted)
            report_.find(finding("clock_differs").differs("trusted", wanted, met));
        if (!chain_->doubtful() && !chain_->cut() && row.integer(2) > chain_->wall())
            report_.find(finding("clock_differs").differs("stamp", chain_->wall(), row.integer(2)));
    });
    if (rows == 0 && clock_trusted_) report_.find(finding("clock_missing"));
}

void AgentAudit::check_opening() {
    const std::optional<Body> first = body_at(1);
    if (!first || first->kind != "journal_opened") return;
    for (const char* key : {"venue", "business"}) {
        const std::string wanted = first->detail.text_or_empty(key);
        const std::string met = or_none(
            db_.value<std::string>("SELECT CAST(value AS TEXT) FROM meta WHERE key = ?", key));
        if (wanted != met)
            report_.find(
                row_of("meta_differs", "meta").with("key", key).differs("value", wanted, met));
    }
    if (const auto booked = known_.settled.find(device_); booked != known_.settled.end()) {
        if (numbers_["acked_seq"] > booked->second) {
            report_.find(row_of("meta_differs", "meta")
                             .with("key", "acked_seq")
                             .differs("value", booked->second, numbers_["acked_seq"]));
        }
    }
}

}  // namespace obol::audit
