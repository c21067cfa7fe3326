#include "agent/app/day_overview.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "agent/app/business_day.hpp"
#include "agent/app/day_report.hpp"
#include "agent/app/day_totals.hpp"
#include "agent/app/journal_read.hpp"
#include "agent/app/refusals.hpp"

namespace obol::agent {

namespace {

// Where money came from and went back to, and in which hour.
class Flows {
public:
    void add(Instant at, const journal::Record& record) {
        if (const auto* it = std::get_if<journal::Purchase>(&record)) {
            const Currency currency = it->facts.basket.currency;
            DayOverview::Hour& within = hour(at, currency);
            ++within.purchases;
            std::set<const DayOverview::Source*> seen;
            for (const PaidFrom& paid : it->decision.allocations) {
                DayOverview::Source& from = source(paid, currency);
                from.spent += paid.amount;
                within.spent += paid.amount;
                if (seen.insert(&from).second) ++from.count;
            }
        } else if (const auto* back = std::get_if<journal::Refund>(&record)) {
            for (const PaidFrom& paid : back->decision.allocations) source(paid, back->currency).given_back += paid.amount;
        } else if (const auto* redeemed = std::get_if<journal::PassRedeemed>(&record)) {
            hour(at, redeemed->value.currency).redeemed += redeemed->value.amount;
        }
    }
    void finish(DayOverview& out, Facts& facts) const {
        for (const auto& [key, each] : sources_) {
            out.sources.push_back(each);
            const std::optional<Pool> pool = each.pool.text.empty() ? std::nullopt : facts.pool(each.pool);
            out.sources.back().pool_name = pool ? pool->name : each.pool.text;
        }
        for (const auto& [key, each] : hours_) out.hours.push_back(each);
    }

private:
    DayOverview::Source& source(const PaidFrom& paid, Currency currency) {
        DayOverview::Source& out = sources_[{paid.pocket, paid.pool, currency}];
        out.pocket = paid.pocket;
        out.pool = paid.pool;
        out.currency = currency;
        return out;
    }
    DayOverview::Hour& hour(Instant at, Currency currency) {
        const Instant from = std::chrono::floor<std::chrono::hours>(at);
        DayOverview::Hour& out = hours_[{from, currency}];
        out.from = from;
        out.currency = currency;
        return out;
    }

    std::map<std::tuple<Pocket, PoolId, Currency>, DayOverview::Source> sources_;
    std::map<std::pair<Instant, Currency>, DayOverview::Hour> hours_;
};

}  // namespace

awaitable<DayOverview> day_overview(Context& context, std::optional<LocalDate> day) {
    DayOverview out;
    Facts& facts = context.store.facts();
    const std::optional<Business> business = facts.business(context.here.business);
    const std::optional<Venue> venue = facts.venue(context.here.venue);
    out.business = business ? business->name : context.here.business.text;
    out.venue = venue ? venue->name : context.here.venue.text;
    out.zone = business ? business->zone : context.here.zone;
    out.at = context.wall.now();
    const std::optional<BusinessCalendar> calendar = calendar_of(facts, context.here);
    if (!calendar) co_return out;
    out.day = day ? *day : business_day_of(out.at, *calendar);
    out.from = opening_of(out.day, *calendar);
    out.to = opening_of(add_days(out.day, 1), *calendar);

    std::int64_t next = first_entry_since(facts, out.from);
    out.after = next - 1;
    out.upto = first_entry_since(facts, out.to) - 1;
    DayTotals totals;
    Flows flows;
    SeeRecord see = [&totals, &flows](std::int64_t, const journal::Entry& entry, const journal::Record& record) {
        totals.add(record);
        flows.add(entry.wall, record);
    };
    co_await read_in_turns(context, next, out.upto, std::move(see));
    out.lines = totals.lines();
    flows.finish(out, context.store.facts());
    out.refusals = refusals_of(context.store.facts(), out.day);
    co_return out;
}

Words day_overview_in_words(const DayOverview& overview) {
    const Result<Zone> zone = Zone::find(overview.zone);
    const auto moment = [&zone](Instant at) { return zone ? to_rfc3339(at, *zone) : to_rfc3339(at); };
    Words words;
    words["report"] = "day";
    words["business"] = overview.business;
    words["venue"] = overview.venue;
    words["day"] = to_iso_date(overview.day);
    words["from"] = moment(overview.from);
    words["to"] = moment(overview.to);
    words["at"] = moment(overview.at);
    words["entries"] = {{"after", overview.after}, {"upto", overview.upto}};
    words["lines"] = Words::array();
    for (const journal::DayLine& line : overview.lines) words["lines"].push_back(day_line_in_words(line));
    words["sources"] = Words::array();
    for (const DayOverview::Source& each : overview.sources) {
        Words source;
        source["pocket"] = name_of(each.pocket);
        source["pool"] = each.pocket == Pocket::commerce ? Words{{"id", each.pool.text}, {"name", each.pool_name}} : Words(nullptr);
        source["currency"] = each.currency.code();
        source["count"] = each.count;
        source["spent"] = each.spent.minor;
        source["given_back"] = each.given_back.minor;
        words["sources"].push_back(std::move(source));
    }
    words["hours"] = Words::array();
    for (const DayOverview::Hour& each : overview.hours) {
        words["hours"].push_back({{"from", moment(each.from)}, {"currency", each.currency.code()}, {"purchases", each.purchases},
                                  {"spent", each.spent.minor}, {"redeemed", each.redeemed.minor}});
    }
    words["refusals"] = Words::array();
    for (const auto& [code, count] : overview.refusals) words["refusals"].push_back({{"code", code}, {"count", count}});
    return words;
}

}  // namespace obol::agent
