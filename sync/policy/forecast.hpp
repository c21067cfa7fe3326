#pragma once
// What an outage would have changed, spend by spend, and in all.

#include <map>
#include <string>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::policy {

using Sums = std::map<Currency, Amount>;

enum class Outcome {
    unchanged,    // as with the link: nothing was wanting
    other_money,  // as much, but out of other lots or pockets of the wallet
    cut_short,    // it paid, but less
    refused,      // nothing was paid, redeemed or given back
    not_reached   // a refund of a purchase that was refused
};
std::string_view name_of(Outcome outcome);

struct Decided {  // one entry, decided anew
    VenueId venue;
    std::int64_t seq = 0;
    Instant at{};
    std::string kind;    // of the entry
    std::string ticket;  // of a purchase, or of the one refunded
    WalletId wallet;
    Currency currency{};
    Outcome outcome = Outcome::unchanged;
    Amount recorded{};  // as it was: spent, redeemed, or refunded
    Amount simulated{};
    Amount lacking{};   // what it came short for want of authority
    Amount at_risk{};   // spent beyond what was held, by an allowance
    Amount due_back{};  // of a refund, by the other tender
    std::vector<PaidFrom> allocations{};
    std::vector<RefusedLot> refused{};
    std::vector<Reason> reasons{};
};

struct HeldAtCut {
    VenueId venue;
    Sums held{};
};

struct OutageForecast {
    Instant from{}, until{};  // of the first entry in it, and of the last
    std::vector<HeldAtCut> cut{};
    std::vector<Decided> decided{};  // at every venue, in order
    Sums lost{};  // found spent twice when the venues met again: what allowances cost
};

// Of the spends, or of those of one venue.
struct Tally {
    std::int64_t spends = 0, unchanged = 0, other_money = 0, cut_short = 0, refused = 0;
    std::int64_t passes_refused = 0, refunds_refused = 0, others_refused = 0;
    std::int64_t at_risk_spends = 0;
    Sums spent{}, lacking{}, at_risk{};
};
Tally tally_of(const std::vector<Decided>& decided, const VenueId* venue = nullptr);
void add(Sums& to, Currency currency, Amount amount);  // zero leaves no trace

// Those that lack most, first; at most so many.
std::vector<const Decided*> largest(const std::vector<OutageForecast>& outages, std::size_t most);

}  // namespace obol::policy
