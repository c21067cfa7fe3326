#include <fmt/format.h>

#include "agent/store/clock_keeping.hpp"
#include "agent/store/write_context.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

WriteTxn::WriteTxn(sql::Db& db, Context& context)
    : Facts(db, context.cache_key,
            [&context] { return ClockNow{context.job_now, context.job_clock_trusted}; }, &context.memory),
      context_(context) {
    // One time for all that a job does, and for whether to believe it.
    const ClockNow clock = context.clock.judged();
    context.job_now = clock.now;
    context.job_clock_trusted = clock.trusted;
}

void WriteTxn::rules_change() {
    context_.rules_touched = true;
    context_.memory.clear();
}

void WriteTxn::refuse(Fault fault) const { throw Refused{std::move(fault)}; }

Appended WriteTxn::append(const journal::Record& record) {
    // A7: a device that the witness or the ledger betrayed writes nothing more.
    if (context_.state.stopped) refuse({"device_quarantined", meta("stopped_why").value_or("")});
    if (!std::holds_alternative<journal::JournalOpened>(record)) tell_clock();
    return write_entry(record);
}

// The journal says by which clock the entries after it were decided, and the next start knows it.
void WriteTxn::tell_clock() {
    WriteTxn::Context::State& state = context_.state;
    if (state.stopped) return;
    const GuardedClock::News news = context_.clock.news(state.clock_told, state.clock_version);
    state.clock_told = news.told;
    for (const journal::ClockEvent& event : news.events) write_entry(event);
    if (news.anchor) {
        keep_anchor(db_, *news.anchor, context_.boot.boot_id(), now(), state.wall);
        state.clock_version = news.version;
        state.clock_seen = now();
    } else if (state.wall > now()) {
        keep_clock_seen();
    }
}

void WriteTxn::keep_clock_seen() {
    constexpr Millis often{10 * 60 * 1000};
    WriteTxn::Context::State& state = context_.state;
    if (now() >= state.clock_seen && now() - state.clock_seen < often) return;
    keep_seen(db_, now(), state.wall);
    state.clock_seen = now();
}

Appended WriteTxn::confirm_clock(const TerminalId& terminal, const std::string& note, const ClockReading& reading) {
    journal::ClockEvent event;
    event.trusted = true;
    event.reason = "confirmed";
    event.system = event.taken = reading.wall;
    event.terminal = terminal;
    event.note = note;
    const Appended out = append(event);
    const ClockAnchor anchor{reading.wall, reading.wall, reading.boot, true};
    keep_anchor(db_, anchor, context_.boot.boot_id(), reading.wall, context_.state.wall);
    context_.state.clock_seen = reading.wall;
    return out;
}

Appended WriteTxn::write_entry(const journal::Record& record) {
    journal::Entry entry;
    entry.device = context_.device;
    entry.kind = std::string(journal::kind_of(record));
    context_.random.fill(entry.nonce);
    entry.wall = std::max(now(), context_.state.wall);
    entry.boot = context_.boot.since_boot();
    entry.boot_id = context_.boot.boot_id();
    entry.generation = context_.state.generation;
    entry.postings = journal::postings_of(record);
    entry.detail = journal::to_detail(record);
    ENSURE(journal::balanced(entry.postings));
    const journal::Sealed sealed = journal::seal(entry, context_.state.head);

    db_.run("INSERT INTO entry (seq, hash, kind, body) VALUES (?, ?, ?, ?)", entry.seq, sealed.hash, entry.kind,
            sealed.body);
    std::int64_t n = 0;
    for (const journal::Posting& posting : entry.postings) {
        db_.run("INSERT INTO posting (seq, n, account, minor, currency) VALUES (?, ?, ?, ?, ?)", entry.seq, n++,
                posting.account, posting.amount.minor, posting.currency.code());
    }
    context_.state.head = {entry.seq, sealed.hash};
    context_.state.wall = entry.wall;
    Effects(*this, context_, entry.seq, now(), entry.wall).apply(record, entry.postings);
    return {entry.seq, sealed.hash};
}

void WriteTxn::store_answer(std::string_view terminal, std::string_view key, ByteView fingerprint, int status,
                            std::string_view body, std::optional<std::int64_t> seq) {
    db_.run("INSERT INTO answer (terminal, key, fingerprint, status, body, seq, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            terminal, key, fingerprint, status, body, seq, to_millis(now()));
}

std::string WriteTxn::next_receipt_number() {
    const std::int64_t number =
        db_.value<std::int64_t>("SELECT value FROM meta WHERE key = 'receipt_number'").value_or(0) + 1;
    db_.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('receipt_number', ?)", number);
    return fmt::format("{}-{}", context_.device_name, number);
}

std::string WriteTxn::new_id() { return make_uuid7(now(), context_.random); }

Instant WriteTxn::now() const { return context_.job_now; }

int WriteTxn::count_wrong_pin(const PassId& id) {
    db_.run(
        "INSERT INTO pin_tries (pass, wrong) VALUES (?, 1) ON CONFLICT (pass) DO UPDATE SET wrong = wrong + 1",
        id.text);
    const std::optional<PassRow> row = pass(id);
    return row ? row->wrong_pins : wrong_pins(id, 0);
}

void WriteTxn::uncount_wrong_pin(const PassId& id) {
    db_.run("UPDATE pin_tries SET wrong = wrong - 1 WHERE pass = ? AND wrong > 0", id.text);
}

void WriteTxn::clear_wrong_pins(const PassId& id, const TerminalId& terminal) {
    db_.run("UPDATE pin_tries SET wrong = 0 WHERE pass = ?", id.text);
    const std::optional<PassRow> row = pass(id);
    const int told = row ? row->wrong_pins : wrong_pins(id, 0);
    if (told > 0) append(journal::PinTried{id, terminal, 0});
}

void WriteTxn::tell_wrong_pins(const PassId& id, const TerminalId& terminal) {
    const auto untold = db_.value<std::int64_t>("SELECT wrong FROM pin_tries WHERE pass = ?", id.text).value_or(0);
    if (untold == 0) return;
    db_.run("UPDATE pin_tries SET wrong = 0 WHERE pass = ?", id.text);
    append(journal::PinTried{id, terminal, static_cast<int>(untold)});
}

void WriteTxn::tell_wrong_pins() {
    std::vector<std::string> passes;
    db_.each("SELECT pass FROM pin_tries WHERE wrong > 0",
             [&passes](sql::Statement& row) { passes.push_back(row.text(0)); });
    for (const std::string& id : passes) tell_wrong_pins(PassId{id}, TerminalId{});
}

void WriteTxn::add_terminal(std::string_view id, std::string_view name) {
    db_.run(
        "INSERT INTO terminal (id, name, created) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        id, name, to_millis(now()));
}

void WriteTxn::add_token(const TokenRow& row, ByteView hash) {
    const std::optional<std::int64_t> expires =
        row.expires ? std::optional(to_millis(*row.expires)) : std::nullopt;
    db_.run("INSERT INTO token (id, hash, terminal, role, created, expires) VALUES (?, ?, ?, ?, ?, ?)", row.id, hash,
            row.terminal, row.role, to_millis(row.created), expires);
    rules_change();
}

bool WriteTxn::revoke_token(std::string_view id) {
    db_.run("UPDATE token SET revoked = ? WHERE id = ? AND revoked IS NULL", to_millis(now()), id);
    rules_change();
    return db_.value<std::int64_t>("SELECT 1 FROM token WHERE id = ?", id).has_value();
}

void WriteTxn::add_pairing(ByteView hash, std::string_view terminal, std::string_view role, Instant expires) {
    // Codes are short, so an old one of the same digits may still lie here.
    db_.run("DELETE FROM pairing WHERE expires <= ?", to_millis(now()));
    db_.run("INSERT OR REPLACE INTO pairing (hash, terminal, role, expires) VALUES (?, ?, ?, ?)", hash, terminal, role,
            to_millis(expires));
}

std::optional<std::pair<std::string, std::string>> WriteTxn::use_pairing(ByteView hash, Instant now_is) {
    std::optional<std::pair<std::string, std::string>> out;
    db_.each(
        "DELETE FROM pairing WHERE hash = ? RETURNING terminal, role, expires",
        [&](sql::Statement& row) {
            if (row.integer(2) > to_millis(now_is)) out.emplace(row.text(0), row.text(1));
        },
        hash);
    return out;
}

Result<void> WriteTxn::keep_elsewhere(const PurchaseId& id, const wire::PurchaseAnswer& answer) {
    const Fault wrong{"malformed_message", "the centre's answer is not about purchase " + id.text};
    const auto read = [](const Bytes& body) -> std::optional<journal::Record> {
        const Result<journal::Entry> entry = journal::decode_body(body);
        if (!entry) return std::nullopt;
        Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
        return record ? std::optional(std::move(*record)) : std::nullopt;
    };
    const auto record = answer.purchase ? read(*answer.purchase) : std::nullopt;
    const auto* bought = record ? std::get_if<journal::Purchase>(&*record) : nullptr;
    if (bought == nullptr || bought->id != id) return wrong;

    db_.run("DELETE FROM elsewhere WHERE purchase = ?", id.text);
    const auto keep = [&](const std::string& ref, std::int64_t n, const Bytes& body) {
        db_.run("INSERT INTO elsewhere (ref, purchase, n, body) VALUES (?, ?, ?, ?)", ref, id.text, n, body);
    };
    keep(id.text, 0, *answer.purchase);
    std::int64_t n = 0;
    for (const Bytes& body : answer.given_back) {
        const auto back = read(body);
        const auto* refund = back ? std::get_if<journal::Refund>(&*back) : nullptr;
        if (refund == nullptr || refund->purchase != id) return wrong;
        keep(refund->id, ++n, body);
    }
    db_.run("DELETE FROM right_was_away WHERE purchase = ?", id.text);
    return {};
}

void WriteTxn::set_meta(std::string_view key, std::string_view value) {
    db_.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
    if (key == "stopped_why") context_.state.stopped = true;
}

void WriteTxn::set_meta(std::string_view key, std::int64_t value) {
    db_.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
}

}  // namespace obol::agent
