// What the journal and its indexes say.

#include <stdexcept>

#include "agent/store/facts.hpp"
#include "agent/store/rows.hpp"
#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

namespace {

journal::Hash hash_in(const sql::Statement& row, int column) {
    const ByteView bytes = row.blob_view(column);
    journal::Hash out;
    ENSURE(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

constexpr std::string_view operation_columns =
    "SELECT ref, kind, receipt, terminal, ticket, wallet, purchase, seq, total, at FROM operation ";

// Checked when it was stored.
journal::Record record_in(const Bytes& body) {
    const Result<journal::Entry> entry = journal::decode_body(body);
    if (!entry) throw std::runtime_error("an entry of another venue is damaged: " + entry.error().detail);
    Result<journal::Record> out = journal::from_detail(entry->kind, entry->detail);
    if (!out) throw std::runtime_error("an entry of another venue is damaged: " + out.error().detail);
    return std::move(*out);
}

}  // namespace

journal::Head Facts::head() {
    journal::Head out;
    db_.each("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1", [&out](sql::Statement& row) {
        out = {row.integer(0), hash_in(row, 1)};
    });
    return out;
}

std::int64_t Facts::acked_seq() {
    return db_.value<std::int64_t>("SELECT value FROM meta WHERE key = 'acked_seq'").value_or(0);
}

std::int64_t Facts::pending() {
    const sql::ReadTxn one_moment{db_};
    return head().seq - acked_seq();
}

std::optional<journal::Entry> Facts::entry(std::int64_t seq) {
    const auto body = db_.value<Bytes>("SELECT body FROM entry WHERE seq = ?", seq);
    if (!body) return std::nullopt;
    Result<journal::Entry> entry = journal::decode_body(*body);
    if (!entry) throw std::runtime_error("entry " + std::to_string(seq) + " is damaged: " + entry.error().detail);
    return std::move(*entry);
}

std::optional<journal::Hash> Facts::hash_at(std::int64_t seq) {
    std::optional<journal::Hash> out;
    db_.each("SELECT hash FROM entry WHERE seq = ?", [&out](sql::Statement& row) { out = hash_in(row, 0); }, seq);
    return out;
}

std::vector<std::pair<std::int64_t, Bytes>> Facts::bodies(std::int64_t from_seq, std::size_t most) {
    std::vector<std::pair<std::int64_t, Bytes>> out;
    db_.each(
        "SELECT seq, body FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?",
        [&out](sql::Statement& row) { out.emplace_back(row.integer(0), row.blob(1)); }, from_seq,
        static_cast<std::int64_t>(most));
    return out;
}

std::optional<journal::Record> Facts::record(std::int64_t seq) {
    const std::optional<journal::Entry> found_entry = entry(seq);
    if (!found_entry) return std::nullopt;
    Result<journal::Record> out = journal::from_detail(found_entry->kind, found_entry->detail);
    if (!out) throw std::runtime_error("entry " + std::to_string(seq) + " is damaged: " + out.error().detail);
    return std::move(*out);
}

std::optional<Operation> Facts::first_operation(sql::Statement& rows) const {
    if (!rows.step()) return std::nullopt;
    Operation out;
    out.ref = rows.text(0);
    out.kind = rows.text(1);
    out.receipt = rows.text(2);
    out.terminal = rows.text(3);
    out.ticket = rows.text(4);
    out.wallet = rows.text(5);
    out.purchase = rows.text(6);
    out.seq = rows.integer(7);
    if (!rows.null(8)) out.total = rows.integer(8);
    out.at = from_millis(rows.integer(9));
    return out;
}

std::optional<Operation> Facts::operation(std::string_view ref) {
    static const std::string sql = std::string(operation_columns) + "WHERE ref = ?";
    sql::Statement rows = db_.prepare(sql);
    rows.bind_all(ref);
    return first_operation(rows);
}

std::optional<Operation> Facts::operation_by_receipt(std::string_view number) {
    static const std::string sql = std::string(operation_columns) + "WHERE receipt = ?";
    sql::Statement rows = db_.prepare(sql);
    rows.bind_all(number);
    return first_operation(rows);
}

std::vector<Operation> Facts::operations_with_ticket(std::string_view terminal, std::string_view ticket,
                                                     Instant since) {
    static const std::string sql =
        std::string(operation_columns) + "WHERE terminal = ? AND ticket = ? AND at >= ? ORDER BY at DESC, seq DESC";
    sql::Statement rows = db_.prepare(sql);
    rows.bind_all(terminal, ticket, to_millis(since));
    std::vector<Operation> out;
    while (auto operation = first_operation(rows)) out.push_back(std::move(*operation));
    return out;
}

std::vector<Operation> Facts::operations_of(std::string_view purchase) {
    static const std::string sql = std::string(operation_columns) + "WHERE purchase = ? ORDER BY seq";
    sql::Statement rows = db_.prepare(sql);
    rows.bind_all(purchase);
    std::vector<Operation> out;
    while (auto operation = first_operation(rows)) out.push_back(std::move(*operation));
    return out;
}

std::optional<journal::Purchase> Facts::purchase(const PurchaseId& id) {
    std::optional<journal::Record> out;
    if (const std::optional<Operation> own = operation(id.text)) {
        if (own->kind != journal::Purchase::kind) return std::nullopt;
        out = record(own->seq);
    } else if (const std::optional<Bytes> body = elsewhere(id.text)) {
        out = record_in(*body);
        if (!std::holds_alternative<journal::Purchase>(*out)) return std::nullopt;
    } else {
        return std::nullopt;
    }
    ENSURE(out && std::holds_alternative<journal::Purchase>(*out));
    return std::get<journal::Purchase>(std::move(*out));
}

std::optional<Bytes> Facts::elsewhere(std::string_view ref) {
    return db_.value<Bytes>("SELECT body FROM elsewhere WHERE ref = ?", ref);
}

bool Facts::right_was_away(const PurchaseId& id) {
    return db_.value<std::int64_t>("SELECT 1 FROM right_was_away WHERE purchase = ?", id.text).has_value();
}

std::vector<journal::Refund> Facts::refunds_of(const PurchaseId& id) {
    const sql::ReadTxn one_moment{db_};
    std::vector<journal::Refund> out;
    // What the centre has booked, own ones among it, and then what it has not booked yet: who refunds here
    // has had the right since.
    db_.each(
        "SELECT body FROM elsewhere WHERE purchase = ? AND n > 0 ORDER BY n",
        [&out](sql::Statement& row) {
            journal::Record booked = record_in(row.blob(0));
            ENSURE(std::holds_alternative<journal::Refund>(booked));
            out.push_back(std::get<journal::Refund>(std::move(booked)));
        },
        id.text);
    const std::size_t booked = out.size();
    for (const Operation& row : operations_of(id.text)) {
        const bool told = std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(booked),
                                      [&row](const journal::Refund& each) { return each.id == row.ref; });
        if (told) continue;
        std::optional<journal::Record> found_record = record(row.seq);
        ENSURE(found_record && std::holds_alternative<journal::Refund>(*found_record));
        out.push_back(std::get<journal::Refund>(std::move(*found_record)));
    }
    return out;
}

std::vector<Facts::HeldTotal> Facts::held_totals() {
    std::vector<HeldTotal> out;
    db_.each("SELECT currency, minor FROM held_total WHERE minor <> 0 ORDER BY currency",
             [&out](sql::Statement& row) { out.push_back({currency_in(row, 0), Amount{row.integer(1)}}); });
    return out;
}

std::vector<journal::AuthorityLine> Facts::held_all() {
    std::vector<journal::AuthorityLine> out;
    db_.each("SELECT subject, minor, currency FROM held ORDER BY subject", [&out](sql::Statement& row) {
        out.push_back({row.text(0), Amount{row.integer(1)}, currency_in(row, 2)});
    });
    return out;
}

}  // namespace obol::agent
