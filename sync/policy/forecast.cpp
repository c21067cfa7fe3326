#include "sync/policy/forecast.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

constexpr std::string_view outcomes[] = {"unchanged", "other_money", "cut_short", "refused", "not_reached"};

void count_spend(Tally& tally, const Decided& each) {
    ++tally.spends;
    tally.unchanged += each.outcome == Outcome::unchanged;
    tally.other_money += each.outcome == Outcome::other_money;
    tally.cut_short += each.outcome == Outcome::cut_short;
    tally.refused += each.outcome == Outcome::refused;
    tally.at_risk_spends += each.at_risk > Amount{};
    add(tally.spent, each.currency, each.simulated);
}

}  // namespace

std::string_view name_of(Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; }

void add(Sums& to, Currency currency, Amount amount) {
    if (amount != Amount{}) to[currency] += amount;
}

Tally tally_of(const std::vector<Decided>& decided, const VenueId* venue) {
    Tally out;
    for (const Decided& each : decided) {
        if (venue && each.venue != *venue) continue;
        const bool refused = each.outcome == Outcome::refused;
        if (each.kind == journal::Purchase::kind) {
            count_spend(out, each);
        } else if (each.kind == journal::PassRedeemed::kind) {
            out.passes_refused += refused;
        } else if (each.kind == journal::Refund::kind || each.kind == "void") {
            out.refunds_refused += refused;
        } else {
            out.others_refused += refused;
        }
        add(out.lacking, each.currency, each.lacking);
        add(out.at_risk, each.currency, each.at_risk);
    }
    return out;
}

std::vector<const Decided*> largest(const std::vector<OutageForecast>& outages, std::size_t most) {
    std::vector<const Decided*> out;
    for (const OutageForecast& outage : outages) {
        for (const Decided& each : outage.decided) {
            if (each.lacking > Amount{}) out.push_back(&each);
        }
    }
    std::ranges::stable_sort(out, std::greater{}, [](const Decided* each) { return each->lacking; });
    if (out.size() > most) out.resize(most);
    return out;
}

}  // namespace obol::policy
