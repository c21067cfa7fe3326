#include "sync/ledger/book/limit_check.hpp"

#include <algorithm>

namespace obol::ledger::book {
namespace {

std::string money_text(Amount amount, Currency currency) {
    return to_decimal(amount, currency) + " " + std::string(currency.code());
}

std::string what(const Limit& limit, const journal::Counted& counted, std::string_view day) {
    return name_of(limit) + " (" + limit.id + ") of wallet " + counted.wallet.text + " on " +
           std::string(day) + ": ";
}

}  // namespace

std::vector<Doubt> limit_doubts(const LimitFacts& facts, const journal::Counted& counted,
                                std::string_view day) {
    std::vector<Doubt> doubts;
    const Money money = counted.money;
    const auto raise = [&](const Limit& limit, const std::string& how, Amount above) {
        doubts.push_back({"limit_reached", what(limit, counted, day) + how,
                          Money{std::min(above, money.amount), money.currency}});
    };
    for (const Limit& limit : facts.limits) {
        const bool in_money = limit.most_amount && limit.currency == money.currency;
        Amount done = money.amount;
        if (limit.period != LimitPeriod::transaction) {
            const auto at =
                std::find_if(facts.activity.begin(), facts.activity.end(),
                             [&](const Activity& each) { return each.period == limit.period; });
            if (at == facts.activity.end()) continue;
            done = at->amount;
            if (limit.most_count && at->count > *limit.most_count) {
                raise(
                    limit,
                    std::to_string(at->count) + " of at most " + std::to_string(*limit.most_count),
                    money.amount);
            }
        }
        if (in_money && done > *limit.most_amount) {
            raise(limit,
                  money_text(done, limit.currency) + " of at most " +
                      money_text(*limit.most_amount, limit.currency),
                  done - *limit.most_amount);
        }
    }
    // One entry is one excess, however many limits it exceeds: the greatest is what it is about.
    const auto greatest = std::max_element(
        doubts.begin(), doubts.end(),
        [](const Doubt& a, const Doubt& b) { return a.amount->amount < b.amount->amount; });
    for (auto at = doubts.begin(); at != doubts.end(); ++at) {
        if (at != greatest) at->amount->amount = Amount{};
    }
    return doubts;
}

}  // namespace obol::ledger::book
