#include "agent/api/pass_routes.hpp"

#include "agent/api/bodies.hpp"
#include "agent/app/activate_pass.hpp"
#include "agent/app/check_pass.hpp"
#include "agent/app/issue_pass.hpp"
#include "agent/app/redeem_pass.hpp"
#include "agent/app/scan.hpp"
#include "agent/app/unlock_pass.hpp"

namespace obol::agent {

namespace {

constexpr std::size_t longest_scan = 4096;
constexpr std::size_t longest_code = 256;

awaitable<net::Reply> scan_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::string data = reader.required_text("data", 1, longest_scan);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await scan(context, call.caller, data));
}

awaitable<net::Reply> check_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    CodeAndPin input;
    read_code_and_pin(reader, input);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await check_pass(context, call.caller, input));
}

awaitable<net::Reply> redeem_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    RedeemInput input;
    read_code_and_pin(reader, input.pass);
    if (const wire::Json* wallet = reader.required("wallet")) {
        input.wallet = read_wallet_ref(*wallet, "/wallet", faults, true);
    }
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await redeem_pass(context, call.caller, call.once, input));
}

awaitable<net::Reply> activate_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    ActivateInput input;
    input.code = reader.required_text("code", 1, longest_code);
    input.amount = read_amount(reader, "amount", faults);
    input.tender = read_tender(reader);
    input.ticket = read_ticket(reader);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await activate_pass(context, call.caller, call.once, input));
}

awaitable<net::Reply> void_call(Context& context, Call call) {
    wire::JsonFaults faults;
    read_nothing(call.body, faults);
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await void_activation(context, call.caller, call.once, call.param("id")));
}

awaitable<net::Reply> issue_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    IssueInput input;
    input.plan = PlanId{reader.required_id("plan")};
    input.amount = read_amount(reader, "amount", faults);
    input.tender = read_tender(reader);
    if (const auto contact = reader.optional_id("contact")) input.contact = ContactId{*contact};
    input.print = reader.optional_bool("print").value_or(false);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await issue_pass(context, call.caller, call.once, input));
}

awaitable<net::Reply> unlock_call(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    UnlockInput input;
    input.code = reader.required_text("code", 1, longest_code);
    input.reason = reader.required_text("reason", 1, 200);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await unlock_pass(context, call.caller, call.once, input));
}

using PassCall = awaitable<net::Reply> (*)(Context&, Call);

RouteHandler bound(Context& context, PassCall call) {
    return [&context, call](Call arguments) { return call(context, std::move(arguments)); };
}

}  // namespace

Routes pass_routes(Context& context) {
    return {
        {"POST", "/v1/scans", Access::everyone, Body::json, bound(context, scan_call)},
        {"POST", "/v1/passes/check", Access::everyone, Body::json, bound(context, check_call)},
        {"POST", "/v1/passes/redeem", Access::everyone, Body::keyed, bound(context, redeem_call)},
        {"POST", "/v1/passes/activate", Access::everyone, Body::keyed, bound(context, activate_call)},
        {"POST", "/v1/activations/{id}/void", Access::everyone, Body::keyed, bound(context, void_call)},
        {"POST", "/v1/passes/issue", Access::everyone, Body::keyed, bound(context, issue_call)},
        {"POST", "/v1/passes/unlock", Access::manager, Body::keyed, bound(context, unlock_call)},
    };
}

}  // namespace obol::agent
