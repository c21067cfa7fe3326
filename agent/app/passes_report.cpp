#include "agent/app/passes_report.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/app/journal_read.hpp"
#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::agent {

namespace {

constexpr std::int64_t entries_at_once = 100;

// What the entry alone tells; the plan of a void stands with its pass.
std::optional<PassEvent> event_of(const journal::Record& record) {
    const auto made = [](std::string what, const auto& it, std::string terminal) {
        PassEvent out;
        out.what = std::move(what);
        out.pass = it.pass;
        out.value = it.value;
        out.terminal = std::move(terminal);
        out.receipt = it.receipt;
        return std::optional<PassEvent>(std::move(out));
    };
    const auto sold = [&made](const auto& it) {
        std::optional<PassEvent> out = made("sold", it, it.terminal.text);
        out->plan = it.plan;
        out->tender = it.tender;
        return out;
    };
    const auto voided = [&made](const auto& it) {
        std::optional<PassEvent> out = made("voided", it, it.terminal.text);
        out->tender = it.tender;
        return out;
    };
    return std::visit(overloaded{[&](const journal::PassActivated& it) { return sold(it); },
                                 [&](const journal::PassIssued& it) { return sold(it); },
                                 [&](const journal::ActivationVoided& it) { return voided(it); },
                                 [&](const journal::IssueVoided& it) { return voided(it); },
                                 [&](const journal::PassRedeemed& it) {
                                     std::optional<PassEvent> out = made("redeemed", it, it.terminal.text);
                                     out->plan = it.plan;
                                     return out;
                                 },
                                 [](const auto&) { return std::optional<PassEvent>(); }},
                      record);
}

void name_plan(PassEvent& event, Facts& facts) {
    if (const std::optional<PassRow> row = facts.pass(event.pass)) {
        event.display = row->pass.display;
        if (event.plan.text.empty()) event.plan = row->pass.plan;
    }
    if (const std::optional<Plan> plan = facts.plan(event.plan)) {
        event.plan_name = plan->name;
        event.type = name_of(plan->type);
    }
}

bool wanted(const PassEvent& event, const PassesAsk& ask) {
    const auto is = [](const std::string& asked, std::string_view met) { return asked.empty() || asked == met; };
    return is(ask.what, event.what) && is(ask.plan, event.plan.text) && is(ask.type, event.type) &&
           is(ask.terminal, event.terminal);
}

// The index entry_of_passes answers it, so that other entries are not read.
std::vector<std::pair<std::int64_t, Bytes>> bodies_of_passes(Facts& facts, std::int64_t from, std::int64_t end) {
    std::vector<std::pair<std::int64_t, Bytes>> out;
    facts.db().each(
        "SELECT seq, body FROM entry WHERE kind IN ('pass_activated', 'pass_issued', 'pass_redeemed', "
        "'activation_voided', 'issue_voided') AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?",
        [&out](sql::Statement& row) { out.emplace_back(row.integer(0), row.blob(1)); }, from, end, entries_at_once);
    return out;
}

// false: enough has been seen.
using SeeEvent = std::function<bool(PassEvent event)>;

void read_events(Facts& facts, const PassesAsk& ask, std::int64_t& next, std::int64_t end, const SeeEvent& see) {
    const auto bodies = bodies_of_passes(facts, next, end);
    next = bodies.size() < static_cast<std::size_t>(entries_at_once) ? end : bodies.back().first + 1;
    for (const auto& [seq, body] : bodies) {
        const Result<journal::Entry> entry = journal::decode_body(body);
        ENSURE(entry.has_value());
        const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
        ENSURE(record.has_value());
        std::optional<PassEvent> event = event_of(*record);
        ENSURE(event.has_value());
        event->seq = seq;
        event->at = entry->wall;
        name_plan(*event, facts);
        if (wanted(*event, ask) && !see(std::move(*event))) {
            next = end;
            return;
        }
    }
}

awaitable<void> read_in_turns(Context& context, const PassesAsk& ask, std::int64_t after, SeeEvent see) {
    const boost::asio::any_io_executor loop = co_await boost::asio::this_coro::executor;
    std::int64_t next = std::max(after + 1, first_entry_since(context.store.facts(), ask.from));
    const std::int64_t end = first_entry_since(context.store.facts(), ask.to);
    while (next < end) {
        read_events(context.store.facts(), ask, next, end, see);
        co_await boost::asio::post(loop, boost::asio::use_awaitable);
    }
}

PassesReport headed(Context& context, const PassesAsk& ask) {
    PassesReport out;
    const std::optional<Business> business = context.store.facts().business(context.here.business);
    const std::optional<Venue> venue = context.store.facts().venue(context.here.venue);
    out.business = business ? business->name : context.here.business.text;
    out.venue = venue ? venue->name : context.here.venue.text;
    out.zone = context.here.zone;
    out.from = ask.from;
    out.to = ask.to;
    out.at = context.wall.now();
    return out;
}

void add(PlanSums& sums, PassEvent event) {
    PlanSums::Sum& sum = event.what == "sold" ? sums.sold : event.what == "redeemed" ? sums.redeemed : sums.voided;
    ++sum.count;
    sum.value += event.value.amount;
    sums.name = std::move(event.plan_name);
    sums.type = std::move(event.type);
}

}  // namespace

awaitable<PassesReport> passes_analysis(Context& context, PassesAsk ask, std::int64_t after, std::size_t limit) {
    PassesReport out = headed(context, ask);
    SeeEvent see = [&out, limit](PassEvent event) {
        if (out.events.size() == limit) {
            out.next = out.events.back().seq;
            return false;
        }
        out.events.push_back(std::move(event));
        return true;
    };
    co_await read_in_turns(context, ask, after, std::move(see));
    co_return out;
}

awaitable<PassesReport> passes_summary(Context& context, PassesAsk ask) {
    PassesReport out = headed(context, ask);
    SeeEvent see = [&out](PassEvent event) {
        PlanSums& sums = out.plans[{event.plan, event.value.currency}];
        add(sums, std::move(event));
        return true;
    };
    co_await read_in_turns(context, ask, 0, std::move(see));
    co_return out;
}

}  // namespace obol::agent
