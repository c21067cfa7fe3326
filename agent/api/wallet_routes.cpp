#include "agent/api/wallet_routes.hpp"

#include "agent/api/bodies.hpp"
#include "agent/app/lookup_wallet.hpp"
#include "agent/app/top_up.hpp"

namespace obol::agent {

namespace {

awaitable<net::Reply> look_up(Context& context, Call call) {
    wire::JsonFaults faults;
    const WalletRef ref = read_wallet_ref(call.body, "", faults, false);
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await lookup_wallet(context, call.caller, ref));
}

awaitable<net::Reply> show(Context& context, Call call) {
    WalletRef ref;
    ref.by = WalletRef::By::id;
    ref.value = call.param("id");
    co_return reply_of(co_await lookup_wallet(context, call.caller, ref));
}

awaitable<net::Reply> add_money(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    TopUpInput input;
    input.wallet = WalletId{call.param("id")};
    input.amount = read_required_amount(reader, "amount", faults);
    input.tender = read_tender(reader);
    if (const auto pool = reader.optional_id("pool")) input.pool = PoolId{*pool};
    input.ticket = read_ticket(reader);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await top_up(context, call.caller, call.once, input));
}

}  // namespace

Routes wallet_routes(Context& context) {
    return {
        {"POST", "/v1/wallets/lookup", Access::everyone, Body::json,
         [&context](Call call) { return look_up(context, std::move(call)); }},
        {"GET", "/v1/wallets/{id}", Access::everyone, Body::none,
         [&context](Call call) { return show(context, std::move(call)); }},
        {"POST", "/v1/wallets/{id}/top-ups", Access::everyone, Body::keyed,
         [&context](Call call) { return add_money(context, std::move(call)); }},
    };
}

}  // namespace obol::agent
