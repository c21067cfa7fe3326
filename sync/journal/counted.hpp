#pragma once
// What an entry adds to the counters that limits are judged by (sync/domain/limit.hpp says what
// counts). Agent and ledger count with this same function.

#include <functional>
#include <optional>

#include "sync/journal/records.hpp"

namespace obol::journal {

struct Counted {
    WalletId wallet;
    BusinessId business;
    LimitKind kind = LimitKind::debit;
    Instant at;     // when it happened: a void counts on its purchase's day
    int count = 1;  // -1: taken out again
    Money money;    // with the sign of `count`
    bool operator==(const Counted&) const = default;
};

// `wall` is the entry's. `purchase` finds the one that a void takes back; where it is unknown
// nothing is taken out.
std::optional<Counted> counted(
    const Record& record, Instant wall,
    const std::function<std::optional<Purchase>(const PurchaseId&)>& purchase);

// The centre's counters of one wallet at one business as a fact (kind "activity", id wallet ":"
// business). `kind` is a text, so that others may count besides limits; `day` "" counts over all
// days.
struct Tally {
    std::string kind, day;
    std::int64_t count = 0;
    Amount amount{};
    bool operator==(const Tally&) const = default;
};
struct Tallies {
    WalletId wallet;
    BusinessId business;
    std::vector<Tally> tallies{};
    bool operator==(const Tallies&) const = default;
};
// The kind under which uses of an offer with a bound per contact are counted.
inline std::string uses_kind(const OfferId& offer) { return "offer:" + offer.text; }
std::string tallies_id(const WalletId& wallet, const BusinessId& business);
Map to_map(const Tallies& tallies);
Result<Tallies> tallies_from(const Map& body);

}  // namespace obol::journal
