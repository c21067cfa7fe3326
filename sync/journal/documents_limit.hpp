#pragma once
// How limits, and what was counted of them, look as documents; see fields.hpp.

#include "sync/journal/documents.hpp"

namespace obol::journal {

template <>
struct Names<LimitKind> {
    static std::string_view name(LimitKind x) { return name_of(x); }
    static std::optional<LimitKind> parse(std::string_view text) { return limit_kind_named(text); }
};
template <>
struct Names<LimitPeriod> {
    static std::string_view name(LimitPeriod x) { return name_of(x); }
    static std::optional<LimitPeriod> parse(std::string_view text) {
        return limit_period_named(text);
    }
};

template <class Io>
void members(Io& io, Ref<Io, Limit> x) {
    constexpr Amount none{};
    io("id", x.id);
    io.check(is_id_form(x.id), "id", "not an id");
    io("version", x.version);
    io("business", x.business);
    io.sparse("wallet", x.wallet);
    io("kind", x.kind);
    io("period", x.period);
    io("currency", x.currency);
    io("most_count", x.most_count);
    io.check(x.most_count.value_or(0) >= 0, "most_count", "below zero");
    io("most_amount", x.most_amount);
    io.check(x.most_amount.value_or(none) >= none, "most_amount", "below zero");
    io("least_amount", x.least_amount);
    io.check(x.least_amount.value_or(none) >= none, "least_amount", "below zero");
}

template <class Io>
void members(Io& io, Ref<Io, Activity> x) {
    io("period", x.period);
    io.check(x.period != LimitPeriod::transaction, "period", "no period of time");
    io("count", x.count);
    io.check(x.count >= 0, "count", "below zero");
    io.value("amount", x.amount);
    io("resets_at", x.resets_at);
    io.sparse("resets_offset", x.resets_offset);
}

template <class Io>
void members(Io& io, Ref<Io, LimitFacts> x) {
    io("as_of", x.as_of);
    io.sparse("limits", x.limits);
    io.sparse("activity", x.activity);
}

}  // namespace obol::journal
