#pragma once
// How much a venue may spend without authority while it is cut off: a risk budget that its business
// sets, zero by default. What is used counts until the ledger has booked it, so the journal alone
// says how much is left.

#include <optional>

#include "sync/core/time.hpp"
#include "sync/domain/money.hpp"
#include "sync/domain/reason.hpp"

namespace obol {

// One customer who pays in parts within this time is one transaction: long enough to queue at
// another till of the venue, short enough for who comes back for a second coffee.
inline constexpr Millis split_sale_window{15 * 60 * 1000};

struct AllowanceCaps {
    Amount per_transaction{};  // of one wallet within split_sale_window
    Amount per_subject{};      // of one pass, lot or pocket in an outage
    Amount per_outage{};       // of all
    std::int64_t count = 0;    // so many entries in an outage
    bool operator==(const AllowanceCaps&) const = default;
};

struct Allowance {
    AllowanceCaps any_till{};
    AllowanceCaps with_manager{};  // nowhere below any_till
    bool operator==(const Allowance&) const = default;
};

// The facts of one decision. Empty: nothing may be spent at risk, because the business allows
// nothing or because the link is up.
struct AllowanceFacts {
    Allowance allowance{};
    bool manager = false;
    std::int64_t acked = 0;  // entries after this one are not reported
    Instant since{};         // from when on what the wallet spent counts as the same transaction
    Amount spent{};          // at risk, in all unreported entries
    std::int64_t count = 0;  // of those entries
    Amount recent{};         // at risk by this wallet after `since`, reported or not
    bool operator==(const AllowanceFacts&) const = default;

    bool in_force() const { return allowance != Allowance{}; }
};

// What may still be spent at risk.
struct RiskRoom {
    Amount in_all{};       // by this wallet now
    Amount per_subject{};  // of one subject, with what is unreported of it
    bool operator==(const RiskRoom&) const = default;

    // Of a subject of which so much is spent at risk and unreported.
    Amount of(Amount risked) const;
};
RiskRoom risk_room(const AllowanceFacts& facts);
RiskRoom risk_room(const AllowanceFacts& facts, bool manager);

// allowance_exhausted, with what could be spent and whether a manager could allow more.
Reason allowance_exhausted(const AllowanceFacts& facts, Amount available);

// The facts as they are once so much was spent at risk in one more entry.
AllowanceFacts after(AllowanceFacts facts, Amount at_risk);

// The most that could be lost from now on if the venue were cut off: what is spent and unreported,
// and what a manager could still allow.
Amount most_at_risk(const Allowance& allowance, Amount spent, std::int64_t count);

}  // namespace obol
