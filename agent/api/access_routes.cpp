#include "agent/api/access_routes.hpp"

#include "agent/api/bodies.hpp"
#include "agent/app/access.hpp"

namespace obol::agent {

namespace {

using List = Answer (*)(Context&, const std::string&, std::size_t);

awaitable<net::Reply> listed(Context& context, List list, Call call) {
    const Result<PageAsk> ask = page_asked(call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    co_return reply_of(list(context, ask->after, ask->limit));
}

awaitable<net::Reply> new_terminal(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::string id = reader.required_id("id");
    const std::string name = reader.optional_text("name", 1, 64).value_or(id);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await add_terminal(context, call.caller, call.once, id, name));
}

awaitable<net::Reply> new_pairing_code(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const Role role = read_role(reader);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await make_pairing_code(context, call.caller, call.once, call.param("id"), role));
}

awaitable<net::Reply> new_token(Context& context, Call call) {
    static const std::vector<std::string_view> roles{"pos", "cashier"};
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::size_t role = reader.required_word("role", roles);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await issue_token(context, call.caller, call.once, call.param("id"), *role_named(roles[role])));
}

awaitable<net::Reply> new_session(Context& context, Throttle& pairing, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const Secret code(reader.required_text("pairing_code", 1, 32));
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await open_session(context, pairing, call.caller, call.request.peer_address, code));
}

awaitable<net::Reply> revoke(Context& context, Call call) {
    wire::JsonFaults faults;
    read_nothing(call.body, faults);
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await revoke_token(context, call.caller, call.once, call.param("id")));
}

}  // namespace

Routes access_routes(Context& context, Throttle& pairing) {
    return {
        {"GET", "/v1/terminals", Access::manager, Body::none,
         [&context](Call call) { return listed(context, list_terminals, std::move(call)); }},
        {"POST", "/v1/terminals", Access::manager, Body::keyed,
         [&context](Call call) { return new_terminal(context, std::move(call)); }},
        {"POST", "/v1/terminals/{id}/pairing-codes", Access::manager, Body::keyed,
         [&context](Call call) { return new_pairing_code(context, std::move(call)); }},
        {"POST", "/v1/terminals/{id}/tokens", Access::manager, Body::keyed,
         [&context](Call call) { return new_token(context, std::move(call)); }},
        {"POST", "/v1/sessions", Access::open, Body::json,
         [&context, &pairing](Call call) { return new_session(context, pairing, std::move(call)); }},
        {"GET", "/v1/tokens", Access::manager, Body::none,
         [&context](Call call) { return listed(context, list_tokens, std::move(call)); }},
        {"POST", "/v1/tokens/{id}/revoke", Access::manager, Body::keyed,
         [&context](Call call) { return revoke(context, std::move(call)); }},
    };
}

}  // namespace obol::agent
