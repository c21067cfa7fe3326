// A forecast for a merchant, and for a program.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/simulate_policy.hpp"

namespace obol::agent {
namespace {

using Json = nlohmann::ordered_json;
using policy::Decided;
using policy::Outcome;
using policy::Sums;
using policy::Tally;

std::string money(Amount amount, Currency currency) {
    return fmt::format("{} {}", currency.code(), to_decimal(amount, currency));
}

std::string in_words(const Sums& sums) {
    std::string out;
    for (const auto& [currency, amount] : sums) {
        out += (out.empty() ? "" : " and ") + money(amount, currency);
    }
    return out.empty() ? "nothing" : out;
}

std::string_view in_words(Outcome outcome) {
    switch (outcome) {
        case Outcome::unchanged: return "as with the link";
        case Outcome::other_money: return "paid out of other money of the wallet";
        case Outcome::cut_short: return "cut short";
        case Outcome::refused: return "refused";
        case Outcome::not_reached: return "of a purchase that was refused";
    }
    return "";
}

std::vector<VenueId> venues_of(const policy::Timeline& timeline) {
    std::vector<VenueId> out;
    for (const auto& chain : timeline.chains()) {
        if (out.empty() || out.back() != chain.venue) out.push_back(chain.venue);
    }
    return out;
}

std::vector<Decided> all_of(const std::vector<policy::OutageForecast>& outages) {
    std::vector<Decided> out;
    for (const auto& outage : outages) out.insert(out.end(), outage.decided.begin(), outage.decided.end());
    return out;
}

Sums lost_in_all(const std::vector<policy::OutageForecast>& outages) {
    Sums out;
    for (const auto& outage : outages) {
        for (const auto& [currency, amount] : outage.lost) policy::add(out, currency, amount);
    }
    return out;
}

// --- for a merchant --------------------------------------------------------------------------

std::string tally_in_words(const Tally& x) {
    std::string out = fmt::format(
        "  purchases  {}: {} as with the link, {} paid out of other money of the wallet, {} cut short, {} refused\n",
        x.spends, x.unchanged, x.other_money, x.cut_short, x.refused);
    if (x.passes_refused + x.refunds_refused + x.others_refused > 0) {
        out += fmt::format("  besides    {} passes, {} refunds and {} other requests refused\n", x.passes_refused,
                           x.refunds_refused, x.others_refused);
    }
    out += fmt::format("  spent      {}\n", in_words(x.spent));
    out += fmt::format("  lacking    {}: what would have been paid besides, had the link been up\n",
                       in_words(x.lacking));
    return out;
}

std::string risk_in_words(const Tally& x, const Sums& lost, bool allowed) {
    if (!allowed) return "  at risk    nothing: no allowance was tried, so a venue spends what it holds and no more\n";
    return fmt::format("  at risk    {} in {} purchases, by the allowance; of it {} turned out to be spent twice\n",
                       in_words(x.at_risk), x.at_risk_spends, in_words(lost));
}

std::string outage_in_words(const policy::OutageForecast& outage, const std::vector<VenueId>& venues, bool allowed) {
    std::string out = fmt::format("from {} to {}\n", to_rfc3339(outage.from), to_rfc3339(outage.until));
    for (const policy::HeldAtCut& each : outage.cut) {
        out += fmt::format("  cut off    {}, which held {}\n", each.venue.text, in_words(each.held));
    }
    out += tally_in_words(policy::tally_of(outage.decided));
    for (const VenueId& venue : venues) {
        const Tally tally = policy::tally_of(outage.decided, &venue);
        if (tally.spends == 0) continue;
        out += fmt::format("    at {}: {} purchases, {} cut short, {} refused, lacking {}\n", venue.text, tally.spends,
                           tally.cut_short, tally.refused, in_words(tally.lacking));
    }
    return out + risk_in_words(policy::tally_of(outage.decided), outage.lost, allowed);
}

std::string largest_in_words(const Forecast& forecast) {
    std::string out;
    for (const Decided* each : policy::largest(forecast.outages, forecast.largest)) {
        out += fmt::format("  {} lacking: {} {}, {} entry {}{}, {} instead of {}\n", money(each->lacking, each->currency),
                           each->kind, in_words(each->outcome), each->venue.text, each->seq,
                           each->ticket.empty() ? "" : ", ticket " + each->ticket,
                           to_decimal(each->simulated, each->currency), to_decimal(each->recorded, each->currency));
    }
    return out.empty() ? out : "largest\n" + out;
}

// --- for a program ---------------------------------------------------------------------------

Json to_json(const Sums& sums) {
    Json out = Json::array();
    for (const auto& [currency, amount] : sums) out.push_back({{"amount", amount.minor}, {"currency", currency.code()}});
    return out;
}

Json to_json(const Tally& x) {
    return {{"purchases", x.spends},
            {"unchanged", x.unchanged},
            {"other_money", x.other_money},
            {"cut_short", x.cut_short},
            {"refused", x.refused},
            {"passes_refused", x.passes_refused},
            {"refunds_refused", x.refunds_refused},
            {"others_refused", x.others_refused},
            {"spent", to_json(x.spent)},
            {"lacking", to_json(x.lacking)},
            {"at_risk_purchases", x.at_risk_spends},
            {"at_risk", to_json(x.at_risk)}};
}

Json codes_of(const std::vector<Reason>& reasons) {
    Json out = Json::array();
    for (const Reason& reason : reasons) out.push_back(name_of(reason.code));
    return out;
}

Json to_json(const PaidFrom& part) {
    Json out{{"pocket", name_of(part.pocket)}};
    if (part.pocket == Pocket::commerce) {
        out["lot"] = part.lot.text;
        out["pool"] = part.pool.text;
    }
    out["amount"] = part.amount.minor;
    return out;
}

Json to_json(const Decided& x) {
    Json out{{"venue", x.venue.text}, {"entry", x.seq}, {"at", to_rfc3339(x.at)}, {"kind", x.kind}};
    if (!x.ticket.empty()) out["ticket"] = x.ticket;
    if (!x.wallet.empty()) out["wallet"] = x.wallet.text;
    out["currency"] = x.currency.code();
    out["outcome"] = name_of(x.outcome);
    out["recorded"] = x.recorded.minor;
    out["simulated"] = x.simulated.minor;
    out["lacking"] = x.lacking.minor;
    out["at_risk"] = x.at_risk.minor;
    if (x.kind == journal::Refund::kind || x.kind == "void") out["due_back"] = x.due_back.minor;
    out["allocations"] = Json::array();
    for (const PaidFrom& part : x.allocations) out["allocations"].push_back(to_json(part));
    out["refused"] = Json::array();
    for (const RefusedLot& lot : x.refused) {
        out["refused"].push_back({{"lot", lot.lot.text},
                                  {"pool", lot.pool.text},
                                  {"amount", lot.amount.minor},
                                  {"reasons", codes_of(lot.reasons)}});
    }
    out["reasons"] = codes_of(x.reasons);
    return out;
}

Json to_json(const policy::OutageForecast& outage, const std::vector<VenueId>& venues) {
    Json out{{"from", to_rfc3339(outage.from)}, {"until", to_rfc3339(outage.until)}};
    out["cut"] = Json::array();
    for (const policy::HeldAtCut& each : outage.cut) {
        out["cut"].push_back({{"venue", each.venue.text}, {"held", to_json(each.held)}});
    }
    out["totals"] = to_json(policy::tally_of(outage.decided));
    out["venues"] = Json::array();
    for (const VenueId& venue : venues) {
        out["venues"].push_back({{"venue", venue.text}, {"totals", to_json(policy::tally_of(outage.decided, &venue))}});
    }
    out["lost"] = to_json(outage.lost);
    out["decided"] = Json::array();
    for (const Decided& each : outage.decided) out["decided"].push_back(to_json(each));
    return out;
}

Json to_json(const AllowanceCaps& caps) {
    if (!policy::in_force(caps)) return nullptr;
    return {{"per_transaction", caps.per_transaction.minor},
            {"per_subject", caps.per_subject.minor},
            {"per_outage", caps.per_outage.minor},
            {"count", caps.count}};
}

}  // namespace

std::string forecast_in_words(const Forecast& forecast) {
    const std::vector<VenueId> venues = venues_of(forecast.timeline);
    const bool allowed = policy::in_force(forecast.caps);
    std::string out;
    for (const policy::OutageForecast& outage : forecast.outages) out += outage_in_words(outage, venues, allowed);
    if (forecast.outages.size() > 1) {
        const Tally tally = policy::tally_of(all_of(forecast.outages));
        out += fmt::format("in all {} outages\n", forecast.outages.size()) + tally_in_words(tally) +
               risk_in_words(tally, lost_in_all(forecast.outages), allowed);
    }
    return out + largest_in_words(forecast);
}

std::string forecast_as_json(const Forecast& forecast) {
    const std::vector<VenueId> venues = venues_of(forecast.timeline);
    Json out;
    out["caps"] = to_json(forecast.caps);
    out["totals"] = to_json(policy::tally_of(all_of(forecast.outages)));
    out["lost"] = to_json(lost_in_all(forecast.outages));
    out["largest"] = Json::array();
    for (const Decided* each : policy::largest(forecast.outages, forecast.largest)) out["largest"].push_back(to_json(*each));
    out["outages"] = Json::array();
    for (const policy::OutageForecast& outage : forecast.outages) out["outages"].push_back(to_json(outage, venues));
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace obol::agent
