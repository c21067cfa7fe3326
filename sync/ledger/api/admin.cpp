#include "sync/ledger/api/admin.hpp"

#include <algorithm>
#include <charconv>

namespace obol::ledger {

namespace {

constexpr std::string_view prefix = "/admin/v1";
constexpr std::int64_t most_items = 500;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty() && path.front() == '/') {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

// The ids that stand where the pattern has braces; nullopt: another path.
std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path) {
    const auto wanted = segments_of(pattern);
    const auto given = segments_of(path);
    if (wanted.size() != given.size()) return std::nullopt;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            if (!is_id_form(given[i])) return std::nullopt;
            ids.emplace_back(given[i]);
        } else if (wanted[i] != given[i]) {
            return std::nullopt;
        }
    }
    return ids;
}

bool accepts_json(std::string_view accept) {
    if (accept.empty()) return true;
    for (const std::string_view kind : {"*/*", "application/*", "application/json", "+json"}) {
        if (accept.find(kind) != std::string_view::npos) return true;
    }
    return false;
}

bool is_json(std::string_view content_type) {
    constexpr std::string_view json = "application/json";
    if (!content_type.starts_with(json)) return false;
    const std::string_view rest = content_type.substr(json.size());
    return rest.empty() || rest.front() == ';' || rest.front() == ' ';
}

std::string_view bearer_of(const net::Request& request) {
    const std::string_view given = request.header("authorization");
    constexpr std::string_view scheme = "Bearer ";
    return given.starts_with(scheme) ? given.substr(scheme.size()) : std::string_view{};
}

// Programs send no Origin; a page of the ledger's own would send its own. Host was checked before.
bool is_own_origin(const net::Request& request) {
    const std::string_view origin = request.header("origin");
    const std::string_view site = request.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin") return false;
    const std::string_view host = request.header("host");
    return origin.empty() || (origin.starts_with("http://") && origin.substr(7) == host) ||
           (origin.starts_with("https://") && origin.substr(8) == host);
}

bool is_key_form(std::string_view key) {
    return !key.empty() && key.size() <= 255 &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

Bytes fingerprint_of(const Office& office, const Call& call) {
    // Under a key outside the database, since bodies carry PINs.
    const std::string text = call.request.method + "\n" + call.request.path + "\n" +
                             wire::canonical_text(call.body);
    const auto mac = crypto::hmac_sha256(office.keys.code, as_bytes("request\n" + text));
    return {mac.begin(), mac.end()};
}

}  // namespace

struct AdminApi::Match {
    const Route* route = nullptr;
    std::vector<std::string> ids{};
    std::string allowed{};  // methods that the path knows
};

AdminApi::AdminApi(Office office) : office_(std::move(office)) {
    for (auto* routes : {fact_routes, plan_routes, pass_routes, contact_routes, wallet_routes, limit_routes, device_routes,
                         token_routes, book_routes}) {
        for (Route& route : routes()) routes_.push_back(route);
    }
}

net::Reply AdminApi::handle(const net::Request& request) {
    if (auto open = open_route(office_.books, request)) return *open;
    try {
        return reply_of(route(request));
    } catch (const sql::SqlError& error) {
        if (error.disk_full()) return reply_of(problem("storage_full", "the ledger's disk is full"));
        if (office_.broken) office_.broken(error.what());
        return reply_of(problem("outcome_unknown", "the ledger could not commit; send the same key again"));
    } catch (const RecordLost& lost) {
        if (office_.broken) office_.broken(lost.what());
        return reply_of(problem("outcome_unknown", "the record of issued keys could not be written; send the same key again"));
    }
}

AdminApi::Match AdminApi::match(const net::Request& request) const {
    Match found;
    if (!request.path.starts_with(prefix)) return found;
    const std::string_view path = std::string_view(request.path).substr(prefix.size());
    for (const Route& route : routes_) {
        auto ids = fit(route.pattern, path);
        if (!ids) continue;
        if (!found.allowed.empty()) found.allowed += ", ";
        found.allowed += route.method;
        if (route.method != request.method) continue;
        found.route = &route;
        found.ids = std::move(*ids);
    }
    return found;
}

Answer AdminApi::route(const net::Request& request) {
    Match found = match(request);
    if (!is_own_origin(request)) {
        return problem("origin_refused", "no page of another origin may call this");
    }
    if (found.allowed.empty()) return problem("not_found", "there is nothing at this path");
    if (!found.route) {
        Answer refused = problem("method_not_allowed", "this path takes " + found.allowed);
        refused.headers.emplace_back("Allow", found.allowed);
        return refused;
    }
    const auto user = user_of(office_.books, bearer_of(request));
    if (!user) {
        Answer refused = problem("unauthenticated", "needs Authorization: Bearer with a valid token");
        refused.headers.emplace_back("WWW-Authenticate", "Bearer");
        return refused;
    }
    if ((found.route->roles & bit(user->role)) == 0) {
        return problem("forbidden", "the role " + std::string(name_of(user->role)) + " may not do this");
    }
    if (!accepts_json(request.header("accept"))) {
        return problem("not_acceptable", "answers are application/json");
    }
    Call call{.request = request, .ids = std::move(found.ids), .user = *user, .now = office_.wall.now()};
    return run(*found.route, call);
}

Answer AdminApi::run(const Route& route, Call& call) {
    if (route.method == "GET") {
        sql::ReadTxn snapshot{office_.books.db()};
        return route.handler(office_, call);
    }
    if (!is_json(call.request.header("content-type"))) {
        return problem("unsupported_media_type", "send application/json");
    }
    auto parsed = wire::parse_json(call.request.body);
    if (const auto* faults = std::get_if<wire::JsonFaults>(&parsed)) return malformed(*faults);
    call.body = std::get<wire::Json>(std::move(parsed));
    if (route.method == "POST") {
        const std::string key(call.request.header("idempotency-key"));
        if (!is_key_form(key)) {
            return problem("idempotency_key_missing", "needs Idempotency-Key: 1 to 255 visible characters");
        }
        return run_once(route, call, key);
    }
    sql::Txn txn{office_.books.db()};
    Answer given = route.handler(office_, call);
    if (given.status >= 300) return given;  // rolls back
    txn.commit();
    committed(route);
    return given;
}

// What is durable in the books is durable in the record, too, before anybody hears of it.
void AdminApi::committed(const Route& route) {
    if (office_.record && route.pattern.starts_with("/devices")) office_.record->catch_up(office_.books.db());
    if (office_.changed) office_.changed();
}

// Looking, acting and keeping the answer are one transaction; calls run one after the other, so no
// second one can find the first still running.
Answer AdminApi::run_once(const Route& route, const Call& call, const std::string& key) {
    sql::Db& db = office_.books.db();
    const Bytes fingerprint = fingerprint_of(office_, call);
    sql::Txn txn{db};

    std::optional<Answer> first;
    db.each("SELECT fingerprint, status, body FROM answer WHERE user = ? AND key = ?",
            [&](sql::Statement& row) {
                const bool same = equal_constant_time(row.blob_view(0), fingerprint);
                const int status = static_cast<int>(row.integer(1));
                first = same ? Answer{.status = status, .body = row.text(2), .problem = status >= 400}
                             : problem("idempotency_key_reused", "this key was used for another request");
                if (same) first->headers.emplace_back("Idempotency-Replayed", "true");
            },
            call.user.name, key);
    if (first) return *first;

    Answer given;
    {
        sql::Savepoint effects{db};
        given = route.handler(office_, call);
        if (given.status < 300) effects.release();
    }
    if (!is_kept(given)) return given;
    db.run("INSERT INTO answer (user, key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?, ?)",
           call.user.name, key, fingerprint, given.status, given.kept.value_or(given.body),
           to_millis(call.now));
    txn.commit();
    if (given.status < 300) committed(route);
    return given;
}

Result<PageAsk> page_asked(const net::Request& request) {
    PageAsk ask{.after = request.query_value("after").value_or("")};
    if (const auto text = request.query_value("limit")) {
        const char* end = text->data() + text->size();
        const auto read = std::from_chars(text->data(), end, ask.limit);
        if (read.ec != std::errc{} || read.ptr != end || ask.limit < 1 || ask.limit > most_items) {
            return Fault{"malformed_request", "limit must be a whole number from 1 to 500"};
        }
    }
    return ask;
}

Answer page(const PageAsk& ask, std::vector<std::pair<std::string, Words>> items) {
    Words body{{"items", Words::array()}, {"next", nullptr}};
    for (auto& [cursor, item] : items) {
        if (body["items"].size() == static_cast<std::size_t>(ask.limit)) break;
        body["items"].push_back(std::move(item));
        if (body["items"].size() == static_cast<std::size_t>(ask.limit) &&
            items.size() > static_cast<std::size_t>(ask.limit)) {
            body["next"] = cursor;
        }
    }
    return answer(200, body);
}

}  // namespace obol::ledger
