// What needs no token, and so holds no amounts, names or codes.

#include <fmt/core.h>

#include "ledger_contract_embedded.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/recovery.hpp"

namespace obol::ledger {

namespace {

std::int64_t count(Books& books, std::string_view sql) {
    return books.db().value<std::int64_t>(sql).value_or(0);
}

std::string metrics(Books& books) {
    std::string text;
    const auto gauge = [&](std::string_view name, std::string_view help, std::int64_t value) {
        text += fmt::format("# HELP obol_ledger_{0} {1}\n# TYPE obol_ledger_{0} gauge\nobol_ledger_{0} {2}\n",
                            name, help, value);
    };
    const Era now = era(books.db());
    gauge("generation", "Generation of the ledger.", now.generation);
    gauge("recovery", "1 while nothing is granted because a restore is not over.", now.recovery ? 1 : 0);
    gauge("recovery_awaited", "Devices that recovery waits for.",
          count(books, "SELECT count(*) FROM recovery_holder WHERE state = 'awaited'"));
    gauge("later_ledger_seen", "1 where a device has seen a later ledger than this one.",
          later_ledger_seen(books.db()) ? 1 : 0);
    gauge("devices", "Enrolled devices.", count(books, "SELECT count(*) FROM holder"));
    gauge("devices_active", "Enrolled devices that may hold authority.",
          count(books, "SELECT count(*) FROM holder WHERE status = 'active'"));
    gauge("entries", "Journal entries of all devices.",
          count(books, "SELECT COALESCE(sum(head_seq), 0) FROM holder"));
    gauge("changes", "Number of the last change that the feed brings.", books.last_change());
    gauge("asks_open", "Asks for authority that wait.",
          count(books, "SELECT count(*) FROM ask WHERE state = 'open'"));
    gauge("exceptions_open", "Exceptions that nobody has closed.",
          count(books, "SELECT count(*) FROM exception WHERE closed_at IS NULL"));
    return text;
}

net::Reply text(std::string body) {
    return {.status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(body)};
}

}  // namespace

std::optional<net::Reply> open_route(Books& books, const net::Request& request) {
    const bool known = request.path == "/healthz" || request.path == "/readyz" ||
                       request.path == "/metrics" || request.path == "/openapi.json";
    if (!known) return std::nullopt;
    if (request.method != "GET") {
        Answer refused = problem("method_not_allowed", "this path takes GET");
        refused.headers.emplace_back("Allow", "GET");
        return reply_of(refused);
    }
    if (request.path == "/metrics") return text(metrics(books));
    if (request.path == "/openapi.json") {
        return net::Reply{.status = 200, .body = std::string(embedded::ledger_contract::openapi)};
    }
    // The store was opened and checked before the port was.
    return reply_of(answer(200, Words{{"status", request.path == "/healthz" ? "alive" : "ready"}}));
}

}  // namespace obol::ledger
