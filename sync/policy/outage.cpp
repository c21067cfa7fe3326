#include "sync/policy/outage.hpp"

#include <algorithm>
#include <set>

#include "sync/core/overloaded.hpp"

namespace obol::policy {
namespace {

using journal::AuthorityAsked;
using journal::AuthorityTaken;

std::size_t first_not_before(const Timeline& timeline, Instant at) {
    const auto& steps = timeline.steps();
    const auto found = std::ranges::lower_bound(steps, at, {}, &Step::at);
    return static_cast<std::size_t>(found - steps.begin());
}

// What comes before a purchase because of it: what it asked for and was given, and the passes that it
// was paid with.
bool prepares(const journal::Record& record) {
    if (const auto* redeemed = std::get_if<journal::PassRedeemed>(&record)) return redeemed->receipt.empty();
    if (const auto* asked = std::get_if<AuthorityAsked>(&record)) return !asked->placement;
    return std::holds_alternative<AuthorityTaken>(record) ||
           std::holds_alternative<journal::WalletOpened>(record);
}

// Back to the first thing that was done for the entry. What was taken in before anything was asked
// belongs to an earlier one.
std::size_t begin_of(const Timeline& timeline, std::size_t step) {
    const auto& steps = timeline.steps();
    std::size_t first = step;
    for (std::size_t i = step; i-- > 0;) {
        if (steps[i].chain != steps[step].chain) continue;
        if (!prepares(steps[i].record)) break;
        if (!std::holds_alternative<AuthorityTaken>(steps[i].record)) first = i;
    }
    return first;
}

Result<std::size_t> find(const Timeline& timeline, const EntryAt& at) {
    const auto& steps = timeline.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& chain = timeline.chains()[steps[i].chain];
        if (steps[i].seq == at.seq && chain.venue == at.venue) return begin_of(timeline, i);
    }
    return Fault{"unknown_entry", "venue " + at.venue.text + " has no entry " + std::to_string(at.seq)};
}

Result<std::size_t> find(const Timeline& timeline, const TicketAt& at) {
    const auto& steps = timeline.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto* purchase = std::get_if<journal::Purchase>(&steps[i].record);
        if (purchase && purchase->facts.basket.ticket == at.ticket) return begin_of(timeline, i);
    }
    return Fault{"unknown_ticket", "no purchase has the ticket " + at.ticket};
}

Result<std::vector<std::size_t>> chains_of(const Timeline& timeline, const std::vector<VenueId>& venues) {
    std::vector<std::size_t> out;
    std::set<VenueId> met;
    for (std::size_t c = 0; c < timeline.chains().size(); ++c) {
        const VenueId& venue = timeline.chains()[c].venue;
        if (!venues.empty() && std::ranges::find(venues, venue) == venues.end()) continue;
        met.insert(venue);
        out.push_back(c);
    }
    for (const VenueId& venue : venues) {
        if (!met.contains(venue)) return Fault{"unknown_venue", "no export is of venue " + venue.text};
    }
    return out;
}

// The parts of [from, until) that lie in the daily outages.
std::vector<Outage> each_day(const Timeline& timeline, const Daily& daily, const Zone& zone,
                             const Outage& whole) {
    std::vector<Outage> out;
    const Instant first = timeline.steps()[whole.from].at;
    const Instant last = timeline.steps()[whole.until - 1].at;
    const LocalDate end = add_days(zone.local(last).date, 1);
    for (LocalDate day = add_days(zone.local(first).date, -1); day < end; day = add_days(day, 1)) {
        const Instant begins = zone.first_instant(day, daily.from_minute * 60);
        const std::size_t from = std::max(whole.from, first_not_before(timeline, begins));
        const std::size_t until = std::min(whole.until, first_not_before(timeline, begins + daily.lasts));
        if (from < until) out.push_back({from, until, whole.chains});
    }
    return out;
}

}  // namespace

Result<std::size_t> step_at(const Timeline& timeline, const Position& position) {
    return std::visit(overloaded{
                          [&](Instant at) { return Result<std::size_t>(first_not_before(timeline, at)); },
                          [&](const auto& at) { return find(timeline, at); },
                      },
                      position);
}

Result<std::vector<Outage>> outages_of(const Timeline& timeline, const Pattern& pattern,
                                       const Zone& zone) {
    Outage whole{0, timeline.steps().size(), {}};
    if (pattern.from) {
        const Result<std::size_t> from = step_at(timeline, *pattern.from);
        if (!from) return from.error();
        whole.from = *from;
    }
    if (pattern.until) {
        const Result<std::size_t> until = step_at(timeline, *pattern.until);
        if (!until) return until.error();
        whole.until = *until;
    }
    Result<std::vector<std::size_t>> chains = chains_of(timeline, pattern.venues);
    if (!chains) return chains.error();
    whole.chains = std::move(*chains);
    const Fault empty{"empty_outage", "no entry of the journals lies in the outage"};
    if (whole.from >= whole.until) return empty;
    if (!pattern.daily) return std::vector<Outage>{std::move(whole)};
    std::vector<Outage> out = each_day(timeline, *pattern.daily, zone, whole);
    if (out.empty()) return empty;
    return out;
}

}  // namespace obol::policy
