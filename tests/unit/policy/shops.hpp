#pragma once
// Two small shops with a good link: their chains as agents would have written them.

#include <map>

#include "sync/policy/simulate.hpp"

namespace obol::policy::shops {

inline const Currency eur = *Currency::parse("EUR");
inline const Instant opening = *parse_rfc3339("2026-11-24T08:00:00Z");
inline const BusinessId aroma{"aroma"};
inline const WalletId maria{"w1"};
inline const Subject pocket = business_subject(maria, aroma);

inline Pool anything() {
    Pool pool;
    pool.id = PoolId("any");
    pool.business = aroma;
    return pool;
}

inline Lot lot(const char* id) {
    Lot lot;
    lot.id = LotId(id);
    lot.wallet = maria;
    lot.business = aroma;
    lot.pool = PoolId("any");
    lot.currency = eur;
    lot.credited_at = opening - std::chrono::days{10};
    lot.source = "import";
    return lot;
}

class Shops {
public:
    Shops() {
        for (const char* venue : {"ay", "nic"}) {
            chains_.push_back({DeviceId(std::string("device-") + venue), VenueId(venue), {}});
        }
    }

    // The centre's money for a venue from the first moment.
    void place(const char* venue, const Subject& subject, std::int64_t amount) {
        value_[subject] += Amount{amount};
        take(venue, subject, Amount{amount});
    }
    void place(const char* venue, const Lot& lot, std::int64_t amount) {
        lots_.push_back(lot);
        place(venue, lot_subject(lot.id), amount);
    }
    void leave_at_centre(const Subject& subject, std::int64_t amount) { value_[subject] += Amount{amount}; }

    // Spends at most; asks for what the venue lacks, which the other returns.
    journal::Purchase buy(const char* venue, const char* ticket, std::int64_t total, SpendRequest request = {}) {
        journal::Purchase x;
        x.id = PurchaseId(std::string("p-") + ticket);
        x.wallet = maria;
        x.request = std::move(request);
        x.facts.place = {VenueId(venue), aroma};
        x.facts.zone = "Asia/Nicosia";
        x.facts.zone_version = zone_database_version();
        x.facts.now = tick();
        x.facts.basket = {eur, ticket, {{LineId("1"), "C1", "1", Amount{total}, "", "", "", ""}}};
        for (const Lot& lot : lots_) {
            const Amount left = value_[lot_subject(lot.id)];
            if (left > Amount{}) x.facts.lots.push_back({lot, {left, left}});
        }
        x.facts.pools = {anything()};
        x.facts.business = {value_[pocket], value_[pocket]};
        x.facts.limits = limits;
        x.decision = decide_purchase(x.facts, x.request);
        append(venue, x);
        return x;
    }

    journal::Refund refund(const char* venue, const journal::Purchase& of, std::optional<std::int64_t> amount = {}) {
        journal::Refund x;
        x.id = "r-" + of.id.text + std::to_string(++refunds_);
        x.purchase = of.id;
        x.wallet = maria;
        x.venue = VenueId(venue);
        x.business = aroma;
        x.currency = eur;
        if (amount) x.request.amount = Amount{*amount};
        x.is_void = !amount;
        x.facts.basket = of.facts.basket;
        x.facts.paid = of.decision.allocations;
        x.facts.before = before_[of.id];
        x.decision = decide_refund(x.facts, x.request);
        before_[of.id].push_back(x.decision);
        append(venue, x);
        return x;
    }

    // A gift into the pocket; alone, or (without a receipt) within the purchase that follows.
    void redeem(const char* venue, const char* pass, std::int64_t amount, const char* receipt = "N-1") {
        journal::PassRedeemed x;
        x.id = std::string("redeemed-") + pass;
        x.pass = PassId(pass);
        x.plan = PlanId("gift");
        x.venue = VenueId(venue);
        x.value = {Amount{amount}, eur};
        x.credit = {maria, aroma, Pocket::business, {}, x.value};
        x.receipt = receipt;
        append(venue, x);
    }

    void give_back(const char* venue, const Subject& subject, std::int64_t amount, const char* why) {
        write(venue, journal::AuthorityReturned{why, {line(subject, Amount{amount})}});
        held_[venue][subject] -= Amount{amount};
    }

    Instant wait(Millis passed) { return now_ += passed; }
    Instant now() const { return now_; }
    Timeline timeline() const { return Timeline(chains_); }
    std::int64_t entries_of(const char* venue) const {
        return static_cast<std::int64_t>(chains_[chain_of(venue)].entries.size());
    }
    LimitFacts limits{};

private:
    static std::size_t chain_of(std::string_view venue) { return venue == "ay" ? 0 : 1; }
    static journal::AuthorityLine line(const Subject& subject, Amount amount) {
        const bool right = subject.starts_with("right:") || subject.starts_with("draft:");
        return {subject, amount, right ? Currency::none() : eur};
    }
    Instant tick() { return now_ += std::chrono::minutes{1}; }

    void write(const char* venue, journal::Record record) {
        Chain& chain = chains_[chain_of(venue)];
        chain.entries.push_back({static_cast<std::int64_t>(chain.entries.size()) + 1, now_, std::move(record)});
        now_ += Millis{1};
    }
    void take(const char* venue, const Subject& subject, Amount amount) {
        write(venue, journal::AuthorityTaken{entries_of(venue), {line(subject, amount)}});
        held_[venue][subject] += amount;
    }
    void acquire(const char* venue, const Subject& subject, Amount lacking) {
        const char* other = std::string_view(venue) == "ay" ? "nic" : "ay";
        write(venue, journal::AuthorityAsked{false, {line(subject, lacking)}});
        const Amount from_other = std::min(lacking, held_[other][subject]);
        if (from_other > Amount{}) give_back(other, subject, from_other.minor, "recall");
        take(venue, subject, lacking);
    }
    void append(const char* venue, const journal::Record& record) {
        tick();
        const std::vector<journal::AuthorityLine> moves = value_moves(record);
        for (const journal::AuthorityLine& each : moves) {
            const Amount after = held_[venue][each.subject] + each.amount;
            if (after < Amount{}) acquire(venue, each.subject, -after);
        }
        write(venue, record);
        for (const journal::AuthorityLine& each : moves) {
            held_[venue][each.subject] += each.amount;
            value_[each.subject] += each.amount;
        }
    }

    std::vector<Chain> chains_;
    std::vector<Lot> lots_;
    std::map<Subject, Amount> value_;
    std::map<std::string, std::map<Subject, Amount>> held_;
    std::map<PurchaseId, std::vector<RefundDecision>> before_;
    int refunds_ = 0;
    Instant now_ = opening;
};

// Cut off from `from` on until `until`, or to the end.
inline std::vector<OutageForecast> forecast(const Shops& shops, Pattern pattern, const AllowanceCaps& caps = {}) {
    const Timeline timeline = shops.timeline();
    const auto outages = outages_of(timeline, pattern, *Zone::find("Asia/Nicosia"));
    return simulate(timeline, outages.value(), caps);
}
inline std::vector<OutageForecast> forecast(const Shops& shops, Instant from, std::vector<VenueId> venues = {},
                                            const AllowanceCaps& caps = {}) {
    Pattern pattern;
    pattern.from = Position{from};
    pattern.venues = std::move(venues);
    return forecast(shops, pattern, caps);
}

}  // namespace obol::policy::shops
