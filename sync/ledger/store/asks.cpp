#include "sync/ledger/store/asks.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

namespace {

book::AskState state_named(std::string_view name) {
    if (name == "open") return book::AskState::open;
    if (name == "granted") return book::AskState::granted;
    return book::AskState::closed;
}

std::vector<journal::AuthorityLine> granted_lines(sql::Db& db, const DeviceId& h,
                                                  std::int64_t seq) {
    std::vector<journal::AuthorityLine> out;
    db.each(
        "SELECT l.subject, l.granted, s.currency FROM ask_line l JOIN subject s ON s.subject = "
        "l.subject "
        "WHERE l.h = ? AND l.seq = ? AND l.granted > 0 ORDER BY l.subject",
        [&](sql::Statement& row) {
            out.push_back({row.text(0), Amount{row.integer(1)}, currency_of(row.text_view(2))});
        },
        h.text, seq);
    return out;
}

OpenAsk read_open(sql::Statement& row) {
    return {DeviceId{row.text(0)}, row.integer(1), row.integer(2)};
}

}  // namespace

void open_ask(sql::Db& db, const DeviceId& h, std::int64_t seq, const journal::Hash& hash,
              const book::NewAsk& ask) {
    const std::int64_t arrival =
        db.value<std::int64_t>("SELECT max(arrival) FROM ask").value_or(0) + 1;
    db.run(
        "INSERT INTO ask (h, seq, state, placement, hash, arrival) VALUES (?, ?, 'open', ?, ?, ?)",
        h.text, seq, ask.placement, hash, arrival);
    for (const journal::AuthorityLine& line : ask.lines) {
        db.run("INSERT INTO ask_line (h, seq, subject, wanted) VALUES (?, ?, ?, ?)", h.text, seq,
               line.subject, line.amount.minor);
    }
}

void close_ask(sql::Db& db, const DeviceId& h, std::int64_t seq) {
    db.run("UPDATE ask SET state = 'closed' WHERE h = ? AND seq = ?", h.text, seq);
    // The chain says what was asked and taken; the lines served only the answer.
    db.run("DELETE FROM ask_line WHERE h = ? AND seq = ?", h.text, seq);
}

void grant_ask(sql::Db& db, const DeviceId& h, std::int64_t seq,
               const std::vector<journal::AuthorityLine>& lines) {
    const auto done = db.run(
        "UPDATE ask SET state = 'granted' WHERE h = ? AND seq = ? AND state = 'open'", h.text, seq);
    ENSURE(done == 1);  // one grant an ask
    for (const journal::AuthorityLine& line : lines) {
        db.run(
            "INSERT INTO ask_line (h, seq, subject, wanted, granted) VALUES (?1, ?2, ?3, ?4, ?4) "
            "ON CONFLICT (h, seq, subject) DO UPDATE SET granted = ?4",
            h.text, seq, line.subject, line.amount.minor);
    }
}

std::optional<book::Ask> ask_of(sql::Db& db, const DeviceId& h, std::int64_t seq) {
    const auto state =
        db.value<std::string>("SELECT state FROM ask WHERE h = ? AND seq = ?", h.text, seq);
    if (!state) return std::nullopt;
    return book::Ask{seq, state_named(*state), granted_lines(db, h, seq)};
}

std::vector<book::Ask> live_asks_of(sql::Db& db, const DeviceId& h) {
    std::vector<book::Ask> out;
    db.each(
        "SELECT seq, state FROM ask WHERE h = ? AND state <> 'closed' ORDER BY seq",
        [&](sql::Statement& row) {
            out.push_back({row.integer(0), state_named(row.text_view(1)), {}});
        },
        h.text);
    for (book::Ask& ask : out) ask.granted = granted_lines(db, h, ask.seq);
    return out;
}

std::vector<wire::Grant> grants_of(sql::Db& db, const DeviceId& h) {
    std::vector<wire::Grant> out;
    db.each(
        "SELECT seq, hash FROM ask WHERE h = ? AND state = 'granted' ORDER BY seq",
        [&](sql::Statement& row) {
            wire::Grant grant{.ask = row.integer(0), .lines = {}};
            const ByteView hash = row.blob_view(1);
            ENSURE(hash.size() == grant.ask_hash.size());
            std::copy(hash.begin(), hash.end(), grant.ask_hash.begin());
            out.push_back(std::move(grant));
        },
        h.text);
    for (wire::Grant& grant : out) grant.lines = granted_lines(db, h, grant.ask);
    return out;
}

std::vector<OpenAsk> open_asks_naming(sql::Db& db, std::string_view subject) {
    std::vector<OpenAsk> out;
    db.each(
        "SELECT a.h, a.seq, a.arrival FROM ask_line l JOIN ask a ON a.h = l.h AND a.seq = l.seq "
        "WHERE l.subject = ? AND a.state = 'open' AND a.placement = 0 ORDER BY a.arrival",
        [&](sql::Statement& row) { out.push_back(read_open(row)); }, subject);
    return out;
}

std::vector<OpenAsk> open_asks(sql::Db& db, bool placement) {
    std::vector<OpenAsk> out;
    db.each(
        "SELECT h, seq, arrival FROM ask WHERE state = 'open' AND placement = ? ORDER BY arrival",
        [&](sql::Statement& row) { out.push_back(read_open(row)); }, placement);
    return out;
}

std::vector<WantedLine> lines_of(sql::Db& db, const OpenAsk& ask) {
    std::vector<WantedLine> out;
    db.each(
        "SELECT subject, wanted FROM ask_line WHERE h = ? AND seq = ? ORDER BY subject",
        [&](sql::Statement& row) {
            out.push_back({row.text(0), Amount{row.integer(1)}});
        },
        ask.h.text, ask.seq);
    return out;
}

}  // namespace obol::ledger
