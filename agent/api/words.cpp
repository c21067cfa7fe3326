#include "agent/api/words.hpp"

namespace obol::agent {

net::Reply reply_of(const Answer& answer) {
    net::Reply reply;
    reply.status = answer.status;
    reply.content_type = answer.problem ? "application/problem+json" : "application/json";
    reply.body = answer.body;
    reply.headers.emplace_back("cache-control", "no-store");
    if (answer.replayed) reply.headers.emplace_back("idempotency-replayed", "true");
    if (answer.retry_after_s > 0) reply.headers.emplace_back("retry-after", std::to_string(answer.retry_after_s));
    if (answer.status == 401) reply.headers.emplace_back("www-authenticate", "Bearer");
    return reply;
}

void guard(net::Reply& reply) {
    reply.headers.emplace_back("x-content-type-options", "nosniff");
    reply.headers.emplace_back("referrer-policy", "no-referrer");
}

}  // namespace obol::agent
