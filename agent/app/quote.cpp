#include "agent/app/quote.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/purchase_words.hpp"

namespace obol::agent {

awaitable<Answer> quote(Context& context, Caller caller, PurchaseOrder order) {
    Tender tender = co_await present_tender(context, caller, order);
    if (tender.refused) co_return *tender.refused;

    const Gathered gathered = co_await acquire_for(context, tender, order);
    const Result<Settlement> settlement = settle_for_quote(context.store.facts(), context.here, tender,
                                                           order, context.wall.now(), risk_of(caller, gathered.online));
    if (!settlement) co_return problem(settlement.error());
    co_return answer(200, quote_in_words(*settlement, gathered.online));
}

}  // namespace obol::agent
