#include "agent/api/event_routes.hpp"

#include <nlohmann/json.hpp>

#include "agent/api/bodies.hpp"
#include "agent/api/words.hpp"

namespace obol::agent {
namespace {

// A token that was revoked, or is over, hears no more.
std::function<bool()> token_check(Context& context, const Call& call) {
    const std::string header{call.request.header("authorization")};
    const crypto::Digest hash = crypto::sha256(as_bytes(std::string_view(header).substr(header.rfind(' ') + 1)));
    return [&context, hash] {
        const std::optional<TokenRow> token = context.store.facts().token_by_hash(hash);
        return token && !token->revoked && (!token->expires || *token->expires > context.wall.now());
    };
}

awaitable<net::Reply> listen(Context& context, EventHub& events, Call call) {
    const std::string_view last_id = call.request.header("last-event-id");
    net::Reply reply;
    reply.stream = events.listen(call.caller, last_id, token_check(context, call));
    if (!reply.stream) co_return reply_of(problem("busy", "too many listen already", 5));
    reply.content_type = "text/event-stream";
    reply.headers.emplace_back("cache-control", "no-store");
    co_return reply;
}

awaitable<net::Reply> show_basket(Context& context, EventHub& events, Baskets& baskets, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    std::optional<Basket> basket;
    if (const wire::Json* given = reader.optional("basket")) basket = read_basket(*given, reader.pointer_of("basket"), faults);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    const TerminalId terminal{call.param("id")};
    if (const auto may = may_use(context, call.caller, terminal); !may) co_return reply_of(problem(may.error()));
    baskets.show(terminal, std::move(basket), context.wall.now());
    events.publish("basket", terminal, basket_event(baskets, terminal));
    co_return reply_of(basket_answer(context, baskets, terminal));
}

awaitable<net::Reply> tell_basket(Context& context, Baskets& baskets, Call call) {
    const TerminalId terminal{call.param("id")};
    if (const auto may = may_use(context, call.caller, terminal); !may) co_return reply_of(problem(may.error()));
    co_return reply_of(basket_answer(context, baskets, terminal));
}

}  // namespace

void tell_of_purchase(EventHub& events, const Caller& caller, const Answer& done, std::string_view change) {
    if (done.status != 201 || done.replayed) return;
    if (!events.wanted()) return events.leave_out();
    const Words body = Words::parse(done.body);
    Words words;
    words["id"] = body.contains("purchase") ? body["purchase"] : body["id"];
    words["change"] = change;
    words["terminal"] = caller.terminal.text;
    for (const char* const member : {"currency", "basket_total", "spent", "due", "refunded", "due_back", "receipt"}) {
        if (body.contains(member)) words[member] = body[member];
    }
    events.publish("purchase", caller.terminal, words.dump());
}

Routes event_routes(Context& context, EventHub& events, Baskets& baskets) {
    return {
        {"GET", "/v1/events", Access::everyone, Body::none,
         [&context, &events](Call call) { return listen(context, events, std::move(call)); },
         {"text/event-stream"}},
        {"POST", "/v1/terminals/{id}/basket", Access::everyone, Body::json,
         [&context, &events, &baskets](Call call) { return show_basket(context, events, baskets, std::move(call)); }},
        {"GET", "/v1/terminals/{id}/basket", Access::everyone, Body::none,
         [&context, &baskets](Call call) { return tell_basket(context, baskets, std::move(call)); }},
    };
}

}  // namespace obol::agent
