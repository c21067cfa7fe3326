#include "sync/ledger/api/limit_words.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"

namespace obol::ledger {

namespace {

Words amount_or_null(const std::optional<Amount>& amount) {
    return amount ? Words(amount->minor) : Words(nullptr);
}

}  // namespace

Words limit_in_words(const Limit& limit) {
    return Words{{"id", limit.id},
                 {"business", limit.business.text},
                 {"wallet", text_or_null(limit.wallet.text)},
                 {"version", limit.version},
                 {"kind", name_of(limit.kind)},
                 {"period", name_of(limit.period)},
                 {"currency", limit.currency.code()},
                 {"most_count", limit.most_count ? Words(*limit.most_count) : Words(nullptr)},
                 {"most_amount", amount_or_null(limit.most_amount)},
                 {"least_amount", amount_or_null(limit.least_amount)}};
}

Words used_limit_in_words(const Limit& limit, const LimitFacts& facts) {
    Words words = limit_in_words(limit);
    words["used"] = nullptr;
    for (const Activity& done : facts.activity) {
        if (done.period != limit.period) continue;
        words["used"] = Words{{"count", done.count},
                              {"amount", done.amount.minor},
                              {"resets_at", to_rfc3339(done.resets_at)}};
    }
    return words;
}

Answer refused_by_limits(std::vector<Reason> reasons) {
    ENSURE(!reasons.empty());
    sort_by_precedence(reasons);
    Words said = Words::array();
    for (const Reason& reason : reasons) {
        Words each{{"code", name_of(reason.code)}, {"detail", reason.detail}};
        each["limit"] = reason.limit;
        if (reason.moment) each["resets_at"] = to_rfc3339(*reason.moment);
        if (reason.least) each["least"] = reason.least->minor;
        if (reason.available) each["available"] = reason.available->minor;
        said.push_back(std::move(each));
    }
    const Reason& first = reasons.front();
    return problem(name_of(first.code), first.detail,
                   Words{{"customer_text", customer_text(first.code, "en")}, {"reasons", said}});
}

}  // namespace obol::ledger
