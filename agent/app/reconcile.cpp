#include "agent/app/reconcile.hpp"

#include <nlohmann/json.hpp>

#include "agent/store/comparison.hpp"

namespace obol::agent {

awaitable<Answer> reconcile(Context& context) {
    const Result<uplink::Comparison> found = co_await context.link.compare();
    if (!found) co_return problem(found.error());
    Words rows = Words::array();
    for (const uplink::Comparison::Row& row : found->different) {
        const wire::Difference& one = row.difference;
        rows.push_back({{"what", wire::name_of(row.what)},
                        {"subject", one.subject},
                        {"here", one.device.minor},
                        {"ledger", one.ledger.minor},
                        {"currency", one.currency.code()}});
    }
    Words words;
    const std::optional<ComparisonNoted> noted = last_comparison(context.store.facts());
    words["at"] = instant_in_words(noted ? noted->at : context.store.clock().judged().now);
    words["state"] = rows.empty() ? "same" : "different";
    words["differences"] = std::move(rows);
    co_return answer(200, words);
}

}  // namespace obol::agent
