#include "agent/api/health_routes.hpp"

#include <nlohmann/json.hpp>

#include "agent/api/words.hpp"
#include "agent/app/status.hpp"
#include "agent_contract_embedded.hpp"

namespace obol::agent {

namespace {

net::Reply fine() {
    Words words;
    words["status"] = "ok";
    return reply_of(answer(200, words));
}

awaitable<net::Reply> health(Call) { co_return fine(); }

awaitable<net::Reply> readiness(Context& context, Call) {
    if (context.store.read_only()) {
        co_return reply_of(problem("storage_read_only", "the file system of the agent's state is read-only", 1));
    }
    const Result<void> is_ready = ready(context);
    if (is_ready) co_return fine();
    co_return reply_of(problem(is_ready.error()));
}

awaitable<net::Reply> metric_text(Context& context, Metrics& metrics, Call) {
    net::Reply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.body = metrics.text(context);
    co_return reply;
}

awaitable<net::Reply> contract(Call) {
    net::Reply reply;
    reply.body = std::string(embedded::agent_contract::openapi);
    co_return reply;
}

}  // namespace

Routes health_routes(Context& context, Metrics& metrics) {
    return {
        {"GET", "/healthz", Access::open, Body::none, [](Call call) { return health(std::move(call)); }},
        {"GET", "/readyz", Access::open, Body::none,
         [&context](Call call) { return readiness(context, std::move(call)); }},
        {"GET", "/metrics", Access::open, Body::none,
         [&context, &metrics](Call call) { return metric_text(context, metrics, std::move(call)); },
         {"text/plain"}},
        {"GET", "/openapi.json", Access::open, Body::none, [](Call call) { return contract(std::move(call)); }},
    };
}

net::Reply without_store(const net::Request& request, const Fault& why) {
    const bool asks_health = request.method == "GET" && request.path == "/healthz";
    net::Reply reply = asks_health ? fine() : reply_of(problem(why));
    guard(reply);
    return reply;
}

}  // namespace obol::agent
