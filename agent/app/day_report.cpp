#include "agent/app/day_report.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/business_day.hpp"
#include "agent/app/day_totals.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/journal_read.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

struct LastZ {
    std::int64_t seq = 0, number = 0;
    std::optional<Instant> at{};
};

LastZ last_z(Facts& facts) {
    const auto seq = facts.db().value<std::int64_t>(
        "SELECT seq FROM operation WHERE kind = 'day_closed' ORDER BY seq DESC LIMIT 1");
    if (!seq) return {};
    const std::optional<journal::Entry> entry = facts.entry(*seq);
    ENSURE(entry.has_value());
    const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    ENSURE(record && std::holds_alternative<journal::DayClosed>(*record));
    return {*seq, std::get<journal::DayClosed>(*record).number, entry->wall};
}

void name_place(DayReport& report, Facts& facts, const Here& here) {
    const std::optional<Business> business = facts.business(here.business);
    const std::optional<Venue> venue = facts.venue(here.venue);
    report.business = business ? business->name : here.business.text;
    report.venue = venue ? venue->name : here.venue.text;
    report.zone = here.zone;
}

LocalDate business_day_now(Facts& facts, const Here& here, Instant now) {
    const std::optional<BusinessCalendar> calendar = calendar_of(facts, here);
    return calendar ? business_day_of(now, *calendar) : LocalDate{};
}

void finish(DayReport& report, const DayTotals& totals) {
    report.lines = totals.lines();
    report.first_receipt = totals.first_receipt();
    report.last_receipt = totals.last_receipt();
}

struct Counted {
    LastZ last;
    DayTotals totals;
    std::int64_t next = 1;

    SeeRecord adds() {
        return [this](std::int64_t, const journal::Entry&, const journal::Record& record) { totals.add(record); };
    }
};

Answer close_in(WriteTxn& txn, const Here& here, const Caller& caller, Counted counted) {
    const LastZ last = last_z(txn);
    if (last.seq != counted.last.seq) counted = {last, {}, last.seq + 1};  // another Z came in between
    const std::int64_t upto = txn.head().seq;
    read_records(txn, counted.next, upto, std::numeric_limits<std::size_t>::max(), counted.adds());
    journal::DayClosed closed;
    closed.id = txn.new_id();
    closed.terminal = caller.terminal;
    closed.venue = here.venue;
    closed.number = last.number + 1;
    closed.after = last.seq;
    closed.since = last.at;
    closed.day = business_day_now(txn, here, txn.now());
    closed.first_receipt = counted.totals.first_receipt();
    closed.last_receipt = counted.totals.last_receipt();
    closed.lines = counted.totals.lines();
    closed.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(closed);
    const std::optional<journal::Entry> written = txn.entry(entry.seq);
    ENSURE(written.has_value());
    Words words;
    words["id"] = closed.id;
    words.update(day_report_in_words(day_report_of(txn, here, closed, written->wall, entry)));
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

}  // namespace

DayReport day_report_of(Facts& facts, const Here& here, const journal::DayClosed& closed, Instant at,
                        const Appended& entry) {
    DayReport out;
    name_place(out, facts, here);
    out.number = closed.number;
    out.receipt = closed.receipt;
    out.terminal = closed.terminal.text;
    out.day = closed.day;
    out.since = closed.since;
    out.at = at;
    out.after = closed.after;
    out.upto = entry.seq - 1;
    out.first_receipt = closed.first_receipt;
    out.last_receipt = closed.last_receipt;
    out.lines = closed.lines;
    out.entry = entry;
    return out;
}

awaitable<DayReport> x_report(Context& context) {
    const LastZ last = last_z(context.store.facts());
    const std::int64_t upto = context.store.facts().head().seq;
    Counted counted;
    counted.next = last.seq + 1;
    SeeRecord adds = counted.adds();
    co_await read_in_turns(context, counted.next, upto, std::move(adds));
    DayReport out;
    Facts& facts = context.store.facts();
    name_place(out, facts, context.here);
    out.at = context.wall.now();
    out.day = business_day_now(facts, context.here, out.at);
    out.since = last.at;
    out.after = last.seq;
    out.upto = upto;
    finish(out, counted.totals);
    co_return out;
}

awaitable<Answer> close_day(Context& context, Caller caller, Idempotency once) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));
    Counted counted;
    counted.last = last_z(context.store.facts());
    counted.next = counted.last.seq + 1;
    const std::int64_t upto = context.store.facts().head().seq;
    SeeRecord adds = counted.adds();
    co_await read_in_turns(context, counted.next, upto, std::move(adds));
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) { return close_in(txn, context.here, caller, counted); };
    co_return co_await context.once.commit(ticket, std::move(job));
}

namespace {

DayReport z_at(Facts& facts, const Here& here, std::int64_t seq) {
    const std::optional<journal::Entry> entry = facts.entry(seq);
    ENSURE(entry.has_value());
    const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    ENSURE(record && std::holds_alternative<journal::DayClosed>(*record));
    const auto& closed = std::get<journal::DayClosed>(*record);
    return day_report_of(facts, here, closed, entry->wall, {seq, facts.hash_at(seq).value_or(journal::Hash{})});
}

}  // namespace

std::optional<DayReport> z_report(Facts& facts, const Here& here, std::int64_t number) {
    const sql::ReadTxn one_moment{facts.db()};
    const auto seq = facts.db().value<std::int64_t>(
        "SELECT seq FROM operation WHERE kind = 'day_closed' ORDER BY seq LIMIT 1 OFFSET ?", number - 1);
    if (!seq) return std::nullopt;
    DayReport out = z_at(facts, here, *seq);
    ENSURE(out.number == number);
    return out;
}

Answer list_z(Context& context, std::int64_t after, std::size_t limit) {
    Facts& facts = context.store.facts();
    const sql::ReadTxn one_moment{facts.db()};
    std::vector<std::int64_t> seqs;
    facts.db().each(
        "SELECT seq FROM operation WHERE kind = 'day_closed' ORDER BY seq LIMIT ? OFFSET ?",
        [&seqs](sql::Statement& row) { seqs.push_back(row.integer(0)); }, static_cast<std::int64_t>(limit) + 1, after);
    const bool more = seqs.size() > limit;
    if (more) seqs.pop_back();
    Words words;
    words["items"] = Words::array();
    for (const std::int64_t seq : seqs) words["items"].push_back(day_report_in_words(z_at(facts, context.here, seq)));
    words["next"] = more ? Words(std::to_string(after + static_cast<std::int64_t>(limit))) : Words(nullptr);
    return answer(200, words);
}

}  // namespace obol::agent
