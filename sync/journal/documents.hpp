#pragma once
// How domain values look as documents; see fields.hpp. Shared by the records of all kinds.

#include "sync/journal/fields.hpp"
#include "sync/journal/records.hpp"

namespace obol::journal {

template <>
struct Names<Pocket> {
    static std::string_view name(Pocket x) { return name_of(x); }
    static std::optional<Pocket> parse(std::string_view text) { return pocket_named(text); }
};
template <>
struct Names<PassType> {
    static std::string_view name(PassType x) { return name_of(x); }
    static std::optional<PassType> parse(std::string_view text) { return pass_type_named(text); }
};
template <>
struct Names<PlanState> {
    static std::string_view name(PlanState x) { return name_of(x); }
    static std::optional<PlanState> parse(std::string_view text) { return plan_state_named(text); }
};
template <>
struct Names<Alphabet> {
    static std::string_view name(Alphabet x) { return name_of(x); }
    static std::optional<Alphabet> parse(std::string_view text) { return alphabet_named(text); }
};
template <>
struct Names<Code> {
    static std::string_view name(Code x) { return name_of(x); }
    static std::optional<Code> parse(std::string_view text) { return code_named(text); }
};
template <>
struct Names<SpendMode> {
    static std::string_view name(SpendMode x) { return name_of(x); }
    static std::optional<SpendMode> parse(std::string_view text) { return spend_mode_named(text); }
};
template <>
struct Names<SpendOn> {
    static std::string_view name(SpendOn x) {
        return x == SpendOn::basket ? "basket" : "matching_lines";
    }
    static std::optional<SpendOn> parse(std::string_view text) {
        if (text == "basket") return SpendOn::basket;
        if (text == "matching_lines") return SpendOn::matching_lines;
        return std::nullopt;
    }
};

template <>
struct Names<Claim> {
    static std::string_view name(Claim x) { return name_of(x); }
    static std::optional<Claim> parse(std::string_view text) { return claim_named(text); }
};
template <>
struct Names<AwardUndo> {
    static std::string_view name(AwardUndo x) { return name_of(x); }
    static std::optional<AwardUndo> parse(std::string_view text) { return award_undo_named(text); }
};

// Neither more parts nor greater ones than 63 bits hold in sum: hostile records overflow nothing.
bool sums_fit(const std::vector<PaidFrom>& paid);
bool sums_fit(const std::vector<RefundDecision>& refunds);

// --- rules
// ------------------------------------------------------------------------------------------
template <class Io>
void members(Io& io, Ref<Io, Period> x) {
    io.sparse("months", x.months);
    io.sparse("days", x.days);
}

template <class Io>
void members(Io& io, Ref<Io, Boundary> x) {
    io("date", x.date);
    io("instant", x.instant);
}

template <class Io>
void members(Io& io, Ref<Io, Validity> x) {
    io("from", x.from);
    io("until", x.until);
    io("period", x.period);
}

template <class Io>
void members(Io& io, Ref<Io, Span> x) {
    io("from", x.from);
    io("until", x.until);
}

template <class Io>
void members(Io& io, Ref<Io, TimeWindow> x) {
    io.sparse("days", x.days);
    io.sparse("months", x.months);
    io("from", x.from_minute);
    io("to", x.to_minute);
    io.check(x.from_minute >= 0 && x.from_minute < 1440, "from", "out of range");
    io.check(x.to_minute >= 0 && x.to_minute <= 1440, "to", "out of range");
}

template <class Io>
void members(Io& io, Ref<Io, Pool> x) {
    io("id", x.id);
    io("business", x.business);
    io("name", x.name);
    io("version", x.version);
    io.sparse("time", x.time);
    io.sparse("venues", x.venues);
    io.sparse("businesses", x.businesses);
    io.sparse("brands", x.brands);
    io.sparse("families", x.families);
    io.sparse("skus", x.skus);
    io.sparse("types", x.types);
    io("spend_on", x.spend_on);
    io.sparse("validity", x.validity);
}

template <class Io>
void members(Io& io, Ref<Io, Reward> x) {
    io.sparse("basis_points", x.basis_points);
    io.sparse("amount", x.amount);
    io("cap", x.cap);
    io.check(x.basis_points >= 0 && x.basis_points <= whole_in_basis_points, "basis_points",
             "out of range");
    io.check(x.amount.minor >= 0 && (x.amount.minor > 0) != (x.basis_points > 0), "amount",
             "does not go with the percentage");
    io.check(!x.cap || x.cap->minor > 0, "cap", "not above zero");
}

template <class Io>
void members(Io& io, Ref<Io, Offer> x) {
    io("id", x.id);
    io("business", x.business);
    io("name", x.name);
    io("version", x.version);
    io("currency", x.currency);
    io("claim", x.claim);
    io.sparse("valid", x.valid);
    io.sparse("time", x.time);
    io.sparse("venues", x.venues);
    io.sparse("businesses", x.businesses);
    io.sparse("segments", x.segments);
    io.sparse("brands", x.brands);
    io.sparse("families", x.families);
    io.sparse("skus", x.skus);
    io.sparse("types", x.types);
    io.sparse("least_spend", x.least_spend);
    io.check(x.least_spend.minor >= 0, "least_spend", "below zero");
    io("reward", x.reward);
    io("pool", x.pool);
    io.sparse("instant", x.instant);
    io("uses", x.uses);
    io("uses_per_contact", x.uses_per_contact);
}

template <class Io>
void members(Io& io, Ref<Io, RedeemBy> x) {
    io("period", x.period);
    io("date", x.date);
}

template <class Io>
void members(Io& io, Ref<Io, CodeFormat> x) {
    io("alphabet", x.alphabet);
    io.sparse("prefix", x.prefix);
    io.sparse("suffix", x.suffix);
    io("length", x.length);
}

template <class Io>
void members(Io& io, Ref<Io, Plan> x) {
    io("id", x.id);
    io("business", x.business);
    io("name", x.name);
    io("type", x.type);
    io("printed", x.printed);
    io("sold", x.sold);
    io("currency", x.currency);
    io.value("value_min", x.value_min);
    io.value("value_max", x.value_max);
    io.sparse("redeem_by", x.redeem_by);
    io("code", x.code);
    io("pin", x.pin);
    io("pool", x.pool);
    io("offline", x.offline);
    io("offer", x.offer);
    io.sparse("state", x.state);
    io.sparse("count", x.count);
    io.sparse("fields", x.fields);
    io.check(x.count >= 0, "count", "below zero");
}

// --- money
// ------------------------------------------------------------------------------------------
template <class Io>
void members(Io& io, Ref<Io, Money> x) {
    io.value("amount", x.amount);
    io("currency", x.currency);
}

template <class Io>
void members(Io& io, Ref<Io, Lot> x) {
    io("id", x.id);
    io("wallet", x.wallet);
    io("business", x.business);
    io("pool", x.pool);
    io("currency", x.currency);
    io.sparse("valid", x.valid);
    io("credited_at", x.credited_at);
    io("source", x.source);
}

template <class Io>
void members(Io& io, Ref<Io, Wallet> x) {
    io("id", x.id);
    io("contact", x.contact);
    io.sparse("holder", x.holder);
    io("currency", x.currency);
    io.sparse("home", x.home);
    io("opened_by", x.opened_by);
    io.sparse("blocked", x.blocked);
    io.sparse("segments", x.segments);
}

template <class Io>
void members(Io& io, Ref<Io, Line> x) {
    io("id", x.id);
    io.sparse("sku", x.sku);
    io.sparse("quantity", x.quantity);
    io("amount", x.amount);
    io.sparse("name", x.name);
    io.sparse("brand", x.brand);
    io.sparse("family", x.family);
    io.sparse("type", x.type);
}

template <class Io>
void members(Io& io, Ref<Io, Basket> x) {
    io("currency", x.currency);
    io.sparse("ticket", x.ticket);
    io("lines", x.lines);
    io.check(x.lines.size() <= most_lines, "lines", "too many");
}

template <class Io>
void members(Io& io, Ref<Io, Reason> x) {
    io("code", x.code);
    io.sparse("detail", x.detail);
    io("moment", x.moment);
    io.sparse("moment_offset", x.moment_offset);
    io.sparse("wanted", x.wanted);
    io.total("available", x.available);
    io("attempts_left", x.attempts_left);
    io.sparse("venue", x.venue);
    io.sparse("offer", x.offer);
    io.sparse("criterion", x.criterion);
    io.total("least", x.least);
    io.sparse("limit", x.limit);
}

template <class Io>
void members(Io& io, Ref<Io, LineShare> x) {
    io("line", x.line);
    io.part("amount", x.amount);
}

template <class Io>
void members(Io& io, Ref<Io, PaidFrom> x) {
    io("pocket", x.pocket);
    io.sparse("lot", x.lot);
    io.sparse("pool", x.pool);
    io.sparse("pool_version", x.pool_version);
    io.part("amount", x.amount);
    io("lines", x.lines);
    io.sparse("at_risk", x.at_risk);
    io.check(x.at_risk.minor >= 0 && x.at_risk <= x.amount, "at_risk", "more than the part");
}

template <class Io>
void members(Io& io, Ref<Io, RefusedLot> x) {
    io("lot", x.lot);
    io("pool", x.pool);
    io("amount", x.amount);
    io("reasons", x.reasons);
}

template <class Io>
void members(Io& io, Ref<Io, Award> x) {
    io("offer", x.offer);
    io("version", x.version);
    io.part("amount", x.amount);
    io.sparse("instant", x.instant);
    io.sparse("counted", x.counted);
    io.sparse("pass", x.pass);
    io("lot", x.lot);
}

template <class Io>
void members(Io& io, Ref<Io, PurchaseDecision> x) {
    io("accepted", x.accepted);
    io.sparse("reasons", x.reasons);
    io.total("basket_total", x.basket_total);
    io.total("spent", x.spent);
    io.total("due", x.due);
    io.sparse("allocations", x.allocations);
    io.sparse("refused", x.refused);
    io.sparse("awards", x.awards);
    io.check(x.awards.size() <= most_offers, "awards", "too many");
    io("policy", x.policy);
    if constexpr (Io::reads) io.check(sums_fit(x.allocations), "allocations", "too large");
}

}  // namespace obol::journal
