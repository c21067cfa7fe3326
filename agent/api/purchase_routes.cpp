#include "agent/api/purchase_routes.hpp"

#include "agent/api/event_routes.hpp"
#include "agent/api/words.hpp"
#include "agent/app/purchase.hpp"
#include "agent/app/refund.hpp"
#include "agent/app/void.hpp"

namespace obol::agent {
namespace {

awaitable<net::Reply> create(Context& context, EventHub& events, Call call) {
    wire::JsonFaults faults;
    PurchaseOrder order = read_purchase_order(call.body, OrderOf::purchase, faults);
    if (!faults.empty()) co_return reply_of(malformed(faults));
    const Answer got = co_await purchase(context, call.caller, call.once, std::move(order));
    tell_of_purchase(events, call.caller, got, "sold");
    co_return reply_of(got);
}

awaitable<net::Reply> show(Context& context, Call call) {
    PurchaseId id{call.param("id")};
    const Answer got = co_await purchase_told(context, call.caller, std::move(id));
    co_return reply_of(got);
}

awaitable<net::Reply> give_back_part(Context& context, EventHub& events, Call call) {
    wire::JsonFaults faults;
    RefundOrder order = read_refund_order(call.body, faults);
    if (!faults.empty()) co_return reply_of(malformed(faults));
    PurchaseId id{call.param("id")};
    const Answer got = co_await refund(context, call.caller, call.once, std::move(id), std::move(order));
    tell_of_purchase(events, call.caller, got, "refunded");
    co_return reply_of(got);
}

awaitable<net::Reply> give_back_all(Context& context, EventHub& events, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader(call.body, "", faults).done();  // has no members
    if (!faults.empty()) co_return reply_of(malformed(faults));
    PurchaseId id{call.param("id")};
    const Answer got = co_await void_purchase(context, call.caller, call.once, std::move(id));
    tell_of_purchase(events, call.caller, got, "voided");
    co_return reply_of(got);
}

}  // namespace

Routes purchase_routes(Context& context, EventHub& events) {
    Routes routes;
    routes.push_back({"POST", "/v1/purchases", Access::everyone, Body::keyed,
                      [&context, &events](Call call) { return create(context, events, std::move(call)); }});
    routes.push_back({"GET", "/v1/purchases/{id}", Access::everyone, Body::none,
                      [&context](Call call) { return show(context, std::move(call)); }});
    routes.push_back({"POST", "/v1/purchases/{id}/refunds", Access::everyone, Body::keyed,
                      [&context, &events](Call call) { return give_back_part(context, events, std::move(call)); }});
    routes.push_back({"POST", "/v1/purchases/{id}/void", Access::everyone, Body::keyed,
                      [&context, &events](Call call) { return give_back_all(context, events, std::move(call)); }});
    return routes;
}

}  // namespace obol::agent
