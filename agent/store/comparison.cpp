#include "agent/store/comparison.hpp"

#include "agent/store/page_moves.hpp"
#include "agent/store/rows.hpp"

namespace obol::agent {

namespace {

constexpr std::string_view held_after =
    "SELECT subject, minor, currency FROM held WHERE subject > ? AND minor <> 0 ORDER BY subject LIMIT ?";
// What the centre said, not what own entries made of it since; counts are told of offers alone.
constexpr std::string_view balances_after =
    "SELECT subject, central, currency FROM balance WHERE subject > ? AND central <> 0 AND "
    "(currency <> 'XXX' OR subject LIKE 'offer:%') ORDER BY subject LIMIT ?";

void note_difference(WriteTxn& txn, const uplink::Comparison::Row& row) {
    const wire::Difference& one = row.difference;
    const std::string detail = std::string(wire::name_of(row.what)) + " " + one.subject + ": here " +
                               std::to_string(one.device.minor) + ", at the ledger " +
                               std::to_string(one.ledger.minor) + " " + std::string(one.currency.code());
    const auto open = txn.db().value<std::int64_t>(
        "SELECT 1 FROM exception WHERE code = 'reconciliation_difference' AND detail = ? AND closed_at IS NULL",
        detail);
    if (open) return;
    const Amount by = one.device > one.ledger ? one.device - one.ledger : one.ledger - one.device;
    txn.db().run(
        "INSERT INTO exception (id, at, code, detail, minor, currency) "
        "VALUES (?, ?, 'reconciliation_difference', ?, ?, ?)",
        txn.new_id(), to_millis(txn.now()), detail, by.minor, one.currency.code());
}

}  // namespace

uplink::Slice read_slice(Facts& facts, wire::Compared what, std::string_view after, std::size_t most) {
    const sql::ReadTxn one_moment{facts.db()};
    uplink::Slice out;
    out.generation = number_in_meta(facts, "generation");
    out.head = facts.head();
    out.cursor = number_in_meta(facts, "cursor");
    out.last = true;
    facts.db().each(
        what == wire::Compared::held ? held_after : balances_after,
        [&](sql::Statement& row) {
            if (out.rows.size() == most) {
                out.last = false;
                return;
            }
            out.rows.push_back({row.text(0), Amount{row.integer(1)}, currency_in(row, 2)});
        },
        after, static_cast<std::int64_t>(most) + 1);
    return out;
}

void note_comparison(WriteTxn& txn, const uplink::Comparison& found) {
    for (const uplink::Comparison::Row& row : found.different) note_difference(txn, row);
    txn.set_meta("compared_at", to_millis(txn.now()));
    txn.set_meta("compared_different", static_cast<std::int64_t>(found.different.size()));
}

std::optional<ComparisonNoted> last_comparison(Facts& facts) {
    const std::int64_t at = number_in_meta(facts, "compared_at");
    if (at == 0) return std::nullopt;
    return ComparisonNoted{from_millis(at), number_in_meta(facts, "compared_different")};
}

}  // namespace obol::agent
