#include "sync/domain/limit.hpp"

#include <algorithm>
#include <array>

#include "sync/core/ensure.hpp"

namespace obol {
namespace {

constexpr std::array<std::string_view, 4> kinds{"debit", "credit", "top_up", "transfer"};
constexpr std::array<std::string_view, 4> periods{"transaction", "day", "week", "month"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<Enum>(at - names.begin());
}

// Zones exist that skipped a whole date.
bool is_shown(LocalDate date, const Zone& zone) {
    return zone.local(zone.start_of_day(date)).date == date;
}

Instant opening_of(LocalDate date, const BusinessCalendar& calendar) {
    return calendar.zone.first_instant(date, calendar.cutoff_minute * 60);
}

std::string money_text(Amount amount, Currency currency) {
    return to_decimal(amount, currency) + " " + std::string(currency.code());
}

std::string_view verb_of(LimitKind kind) {
    switch (kind) {
        case LimitKind::debit:
            return "debited";
        case LimitKind::credit:
            return "credited from passes";
        case LimitKind::top_up:
            return "topped up";
        case LimitKind::transfer:
            return "transferred from";
    }
    ENSURE(false);
}

std::string may_be(const Limit& limit) {
    return "The wallet may be " + std::string(verb_of(limit.kind)) + " ";
}

Reason too_often(const Limit& limit, const Activity& done) {
    return {.code = Code::limit_reached,
            .detail = may_be(limit) + "at most " + std::to_string(*limit.most_count) +
                      " times per " + std::string(name_of(limit.period)) + ".",
            .moment = done.resets_at,
            .moment_offset = done.resets_offset,
            .limit = name_of(limit)};
}

Reason too_much(const Limit& limit, const Activity& done, Amount left) {
    return {.code = Code::limit_reached,
            .detail = may_be(limit) + "at most " + money_text(*limit.most_amount, limit.currency) +
                      " per " + std::string(name_of(limit.period)) + "; " +
                      money_text(left, limit.currency) + " are left.",
            .moment = done.resets_at,
            .moment_offset = done.resets_offset,
            .available = left,
            .limit = name_of(limit)};
}

Reason above_most(const Limit& limit) {
    return {.code = Code::above_maximum,
            .detail = may_be(limit) + "at most " + money_text(*limit.most_amount, limit.currency) +
                      " at once.",
            .available = limit.most_amount,
            .limit = name_of(limit)};
}

Reason below_least(const Limit& limit) {
    return {.code = Code::below_minimum,
            .detail = may_be(limit) + "at least " +
                      money_text(*limit.least_amount, limit.currency) + " at once.",
            .least = limit.least_amount,
            .limit = name_of(limit)};
}

Activity done_in(const LimitFacts& facts, LimitPeriod period) {
    const auto at = std::find_if(facts.activity.begin(), facts.activity.end(),
                                 [&](const Activity& each) { return each.period == period; });
    return at == facts.activity.end() ? Activity{.period = period} : *at;
}

class Judge {
public:
    Judge(const LimitFacts& facts, Money asked) : facts_(facts), asked_(asked) {
        verdict_.most = asked.amount;
    }

    void judge(const Limit& limit) {
        if (limit.period == LimitPeriod::transaction) return judge_one(limit);
        const Activity done = done_in(facts_, limit.period);
        if (limit.most_count && done.count >= *limit.most_count) {
            verdict_.refused.push_back(too_often(limit, done));
        } else if (limit.most_amount && counts_money(limit)) {
            const Amount left = std::max(*limit.most_amount - done.amount, Amount{});
            if (asked_.amount > left) lower(left, too_much(limit, done, left));
        }
    }

    LimitVerdict verdict() {
        // What would be left is nothing, or less than the least: then all of it is refused.
        const bool too_little = verdict_.most <= Amount{} || verdict_.most < least_;
        if (!verdict_.refused.empty() || too_little) {
            verdict_.refused.insert(verdict_.refused.end(), verdict_.lowered.begin(),
                                    verdict_.lowered.end());
            verdict_.lowered.clear();
            verdict_.most = Amount{};
        }
        sort_by_precedence(verdict_.refused);
        sort_by_precedence(verdict_.lowered);
        return std::move(verdict_);
    }

private:
    bool counts_money(const Limit& limit) const { return limit.currency == asked_.currency; }

    void judge_one(const Limit& limit) {
        if (!counts_money(limit)) return;
        if (limit.most_amount && asked_.amount > *limit.most_amount) {
            lower(*limit.most_amount, above_most(limit));
        }
        if (!limit.least_amount) return;
        least_ = std::max(least_, *limit.least_amount);
        if (asked_.amount < *limit.least_amount) verdict_.refused.push_back(below_least(limit));
    }

    void lower(Amount to, Reason why) {
        verdict_.most = std::min(verdict_.most, to);
        verdict_.lowered.push_back(std::move(why));
    }

    const LimitFacts& facts_;
    Money asked_;
    Amount least_{};
    LimitVerdict verdict_{};
};

}  // namespace

std::string_view name_of(LimitKind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::optional<LimitKind> limit_kind_named(std::string_view name) {
    return named<LimitKind>(kinds, name);
}

std::string_view name_of(LimitPeriod period) { return periods[static_cast<std::size_t>(period)]; }
std::optional<LimitPeriod> limit_period_named(std::string_view name) {
    return named<LimitPeriod>(periods, name);
}

std::string name_of(const Limit& limit) {
    return std::string(name_of(limit.kind)) + " per " + std::string(name_of(limit.period));
}

bool is_lifted(const Limit& limit) {
    return !limit.most_count && !limit.most_amount && !limit.least_amount;
}

LocalDate business_day_of(Instant at, const BusinessCalendar& calendar) {
    // From the day after, because a clock set back over midnight shows the old date again.
    LocalDate day = add_days(calendar.zone.local(at).date, 1);
    while (at < opening_of(day, calendar) || !is_shown(day, calendar.zone)) {
        day = add_days(day, -1);
    }
    return day;
}

DayRange period_of(LimitPeriod period, Instant at, const BusinessCalendar& calendar) {
    ENSURE(period != LimitPeriod::transaction);
    DayRange range;
    range.first = business_day_of(at, calendar);
    if (period == LimitPeriod::month) {
        range.first.day = 1;
        range.end = add_months(range.first, 1);
    } else if (period == LimitPeriod::week) {
        range.first = add_days(range.first, -weekday_of(range.first));
        range.end = add_days(range.first, 7);
    } else {
        range.end = add_days(range.first, 1);
    }
    LocalDate next = range.end;
    while (!is_shown(next, calendar.zone)) next = add_days(next, 1);
    range.resets_at = opening_of(next, calendar);
    return range;
}

LimitFacts after(LimitFacts facts, Money money) {
    for (Activity& done : facts.activity) {
        ++done.count;
        const bool in_money =
            std::any_of(facts.limits.begin(), facts.limits.end(),
                        [&](const Limit& limit) { return limit.currency == money.currency; });
        if (in_money) done.amount += money.amount;
    }
    return facts;
}

LimitVerdict judge_up_to(const LimitFacts& facts, Money asked) {
    if (asked.amount <= Amount{}) return {};
    Judge judge(facts, asked);
    for (const Limit& limit : facts.limits) judge.judge(limit);
    return judge.verdict();
}

std::vector<Reason> judge_limits(const LimitFacts& facts, Money asked) {
    LimitVerdict verdict = judge_up_to(facts, asked);
    if (verdict.refused.empty()) return std::move(verdict.lowered);
    return std::move(verdict.refused);
}

}  // namespace obol
