#pragma once
// How much a wallet may do at a business: how often and for how much money in a business day, week
// or month, and the least and the most of one transaction. The till judges with what it knows, the
// centre with what is true.
//
// What counts, once, on the business day on which it happened, whenever it is heard of:
//   debit     a purchase that took money from the wallet, by what it took; else it is none
//   credit    a pass redeemed into the wallet, by its value; no award, no refund
//   top_up    money paid in for the wallet, at a till or at the centre
//   transfer  money moved to another wallet; the centre alone does that
//
// A refund gives back nothing of a limit: the wallet was used. A void takes its purchase out again,
// on the day of the purchase. Limits add up: each one that names the wallet, or no wallet, must be
// kept. Money is counted in the currency of the business; what a wallet of another currency does
// counts in number alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/domain/money.hpp"
#include "sync/domain/reason.hpp"
#include "sync/domain/zone.hpp"

namespace obol {

enum class LimitKind { debit, credit, top_up, transfer };
std::string_view name_of(LimitKind kind);
std::optional<LimitKind> limit_kind_named(std::string_view name);

enum class LimitPeriod { transaction, day, week, month };
std::string_view name_of(LimitPeriod period);
std::optional<LimitPeriod> limit_period_named(std::string_view name);

struct Limit {
    std::string id;
    int version = 1;
    BusinessId business;
    WalletId wallet{};  // empty: every wallet of the business, each by itself
    LimitKind kind = LimitKind::debit;
    LimitPeriod period = LimitPeriod::day;
    Currency currency;                         // of the business
    std::optional<std::int64_t> most_count{};  // not of a transaction
    std::optional<Amount> most_amount{};
    std::optional<Amount> least_amount{};  // of a transaction alone
    bool operator==(const Limit&) const = default;
};
std::string name_of(const Limit& limit);  // "debit per day"
// One without bounds has been lifted.
bool is_lifted(const Limit& limit);

// A business day begins when the wall clock first shows the cut-off of its date, or later where a
// clock change skips it; a repeated hour begins nothing anew. A date that a zone skipped has no
// business day.
struct BusinessCalendar {
    Zone zone;
    int cutoff_minute = 0;
};
LocalDate business_day_of(Instant at, const BusinessCalendar& calendar);

struct DayRange {
    LocalDate first, end;  // business days [first, end)
    Instant resets_at{};   // when the next period begins
};
// Weeks begin on Monday, months on the 1st, both by business day. Not for a transaction.
DayRange period_of(LimitPeriod period, Instant at, const BusinessCalendar& calendar);

// What the wallet has done in a running period, before what is judged. When the period ends is
// stated and not computed, so that another time-zone database judges alike.
struct Activity {
    LimitPeriod period = LimitPeriod::day;
    std::int64_t count = 0;
    Amount amount{};
    Instant resets_at{};
    std::string resets_offset{};  // of the business: "+02:00"
    bool operator==(const Activity&) const = default;
};

// All that bounds one wallet at one business in one kind of transaction.
struct LimitFacts {
    std::int64_t as_of = 0;            // how much of the centre's feed the venue had
    std::vector<Limit> limits{};       // by id
    std::vector<Activity> activity{};  // one for each period that a limit names
    bool operator==(const LimitFacts&) const = default;
};
// The facts for the next transaction, after one of this amount.
LimitFacts after(LimitFacts facts, Money money);

struct LimitVerdict {
    Amount most{};                  // how much of it may be done
    std::vector<Reason> refused{};  // why nothing may
    std::vector<Reason> lowered{};  // why it may, but less than asked
};
// Asked for nothing, nothing is judged.
LimitVerdict judge_up_to(const LimitFacts& facts, Money asked);
// All of it or nothing: why not.
std::vector<Reason> judge_limits(const LimitFacts& facts, Money asked);

}  // namespace obol
