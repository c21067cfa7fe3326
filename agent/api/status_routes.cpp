#include "agent/api/status_routes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/api/bodies.hpp"
#include "agent/app/confirm_clock.hpp"
#include "agent/app/journal_list.hpp"
#include "agent/app/reconcile.hpp"
#include "agent/app/status.hpp"

namespace obol::agent {

namespace {

awaitable<net::Reply> show_status(Context& context, Call) { co_return reply_of(status(context)); }

awaitable<net::Reply> show_journal(Context& context, Call call) {
    const Result<PageAsk> ask = page_asked(call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    const bool number = ask->after.size() <= 18 && std::all_of(ask->after.begin(), ask->after.end(), [](char c) {
                            return c >= '0' && c <= '9';
                        });
    if (!number) co_return reply_of(problem("malformed_request", "after: not a cursor of ours"));
    const std::int64_t after = ask->after.empty() ? 0 : std::stoll(ask->after);
    co_return reply_of(list_journal(context, after, ask->limit));
}

awaitable<net::Reply> show_exceptions(Context& context, Call call) {
    const Result<PageAsk> ask = page_asked(call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    co_return reply_of(list_exceptions(context, ask->after, ask->limit));
}

awaitable<net::Reply> close(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::string reason = reader.required_text("reason", 1, 200);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await close_exception(context, call.caller, call.once, call.param("id"), reason));
}

awaitable<net::Reply> confirm(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::string reason = reader.required_text("reason", 1, 200);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(co_await confirm_clock(context, call.caller, call.once, reason));
}

awaitable<net::Reply> compare_rows(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await reconcile(context));
}

awaitable<net::Reply> switch_link(Context& context, Call call) {
    static const std::vector<std::string_view> modes{"up", "down", "slow", "flapping"};
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::size_t mode = reader.required_word("mode", modes);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    context.link.set_mode(static_cast<uplink::LinkMode>(mode));
    Words words;
    words["mode"] = modes[mode];
    co_return reply_of(answer(200, words));
}
static_assert(static_cast<int>(uplink::LinkMode::up) == 0 && static_cast<int>(uplink::LinkMode::flapping) == 3);

}  // namespace

Routes status_routes(Context& context) {
    return {
        {"GET", "/v1/status", Access::everyone, Body::none,
         [&context](Call call) { return show_status(context, std::move(call)); }},
        {"GET", "/v1/journal", Access::manager, Body::none,
         [&context](Call call) { return show_journal(context, std::move(call)); }},
        {"GET", "/v1/exceptions", Access::manager, Body::none,
         [&context](Call call) { return show_exceptions(context, std::move(call)); }},
        {"POST", "/v1/exceptions/{id}/close", Access::manager, Body::keyed,
         [&context](Call call) { return close(context, std::move(call)); }},
        {"POST", "/v1/clock/confirm", Access::manager, Body::keyed,
         [&context](Call call) { return confirm(context, std::move(call)); }},
        {"POST", "/v1/reconciliation", Access::manager, Body::json,
         [&context](Call call) { return compare_rows(context, std::move(call)); }},
        {"POST", "/v1/link", Access::manager, Body::json,
         [&context](Call call) { return switch_link(context, std::move(call)); }},
    };
}

}  // namespace obol::agent
