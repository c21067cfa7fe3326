// What the venue may spend at its own risk, and what its journal says that it has spent.

#include "agent/store/facts.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

Allowance Facts::allowance(const VenueId& venue_id, const BusinessId& business_id) {
    if (const std::optional<Venue> here = venue(venue_id); here && here->allowance) return *here->allowance;
    const std::optional<Business> known = business(business_id);
    return known ? known->allowance : Allowance{};
}

Facts::UnreportedRisk Facts::unreported_risk() {
    UnreportedRisk out;
    db_.each(
        "SELECT coalesce(sum(minor), 0), count(DISTINCT seq) FROM at_risk WHERE seq > ?",
        [&out](sql::Statement& row) { out = {Amount{row.integer(0)}, row.integer(1)}; }, acked_seq());
    return out;
}

Amount Facts::at_risk_in(std::int64_t first, std::int64_t last) {
    return Amount{
        db_.value<std::int64_t>("SELECT sum(minor) FROM at_risk WHERE seq BETWEEN ? AND ?", first, last).value_or(0)};
}

AllowanceFacts Facts::allowance_facts(const VenueId& venue, const BusinessId& business, const WalletId& wallet,
                                      bool manager, Instant at) {
    AllowanceFacts out;
    out.allowance = allowance(venue, business);
    if (!out.in_force()) return {};
    out.manager = manager;
    out.acked = acked_seq();
    out.since = at - split_sale_window;
    const UnreportedRisk used = unreported_risk();
    out.spent = used.spent;
    out.count = used.count;
    out.recent = Amount{db_.value<std::int64_t>("SELECT sum(minor) FROM at_risk WHERE wallet = ? AND at > ?", wallet.text,
                                                to_millis(out.since))
                            .value_or(0)};
    return out;
}

void Facts::add_risked(PurchaseFacts& facts, const WalletId& wallet) {
    const auto risked = [&](const Subject& subject) {
        return Amount{db_.value<std::int64_t>("SELECT sum(minor) FROM at_risk WHERE seq > ? AND subject = ?",
                                              facts.allowance.acked, subject)
                          .value_or(0)};
    };
    for (LotFacts& lot : facts.lots) lot.funds.risked = risked(lot_subject(lot.lot.id));
    facts.business.risked = risked(business_subject(wallet, facts.place.business));
    facts.personal.risked = risked(personal_subject(wallet));
}

}  // namespace obol::agent
