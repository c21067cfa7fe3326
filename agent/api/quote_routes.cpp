#include "agent/api/quote_routes.hpp"

#include "agent/api/words.hpp"
#include "agent/app/quote.hpp"

namespace obol::agent {
namespace {

awaitable<net::Reply> ask(Context& context, Call call) {
    wire::JsonFaults faults;
    PurchaseOrder order = read_purchase_order(call.body, OrderOf::quote, faults);
    if (!faults.empty()) co_return reply_of(malformed(faults));
    const Answer got = co_await quote(context, call.caller, std::move(order));
    co_return reply_of(got);
}

}  // namespace

Routes quote_routes(Context& context) {
    Routes routes;
    routes.push_back({"POST", "/v1/quotes", Access::everyone, Body::json,
                      [&context](Call call) { return ask(context, std::move(call)); }});
    return routes;
}

}  // namespace obol::agent
