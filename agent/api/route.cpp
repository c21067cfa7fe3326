#include "agent/api/route.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "agent/api/refusal.hpp"
#include "agent/api/words.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace {

// "/v1/wallets/{id}" against "/v1/wallets/w1", segment by segment, without allocating on a miss.
bool path_matches(std::string_view pattern, std::string_view path,
                  std::vector<std::pair<std::string, std::string>>& params) {
    params.clear();
    while (!pattern.empty() && !path.empty()) {
        if (pattern.front() != '/' || path.front() != '/') return false;
        pattern.remove_prefix(1);
        path.remove_prefix(1);
        const std::string_view expected = pattern.substr(0, pattern.find('/'));
        const std::string_view got = path.substr(0, path.find('/'));
        if (expected.starts_with('{')) {
            if (!is_id_form(got)) return false;
            params.emplace_back(expected.substr(1, expected.size() - 2), got);
        } else if (expected != got) {
            return false;
        }
        pattern.remove_prefix(expected.size());
        path.remove_prefix(got.size());
    }
    return pattern.empty() && path.empty();
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// One element of Accept: how much it wants this media type, in thousandths; 0: not at all.
int wish(std::string_view element, std::string_view type) {
    const std::size_t semicolon = element.find(';');
    const std::string range = lower(trimmed(element.substr(0, semicolon)));
    const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
    if (range != "*/*" && range != family && range != type) return 0;
    std::string_view rest = semicolon == std::string_view::npos ? "" : element.substr(semicolon + 1);
    while (!rest.empty()) {
        const std::string parameter = lower(trimmed(rest.substr(0, rest.find(';'))));
        if (parameter.starts_with("q=")) {
            if (!parameter.starts_with("q=0")) return 1000;
            int thousandths = 0, weight = 100;
            for (std::size_t i = 4; i < parameter.size() && weight > 0; ++i, weight /= 10) {
                if (parameter[i] < '0' || parameter[i] > '9') return 0;
                thousandths += (parameter[i] - '0') * weight;
            }
            return thousandths;
        }
        const std::size_t next = rest.find(';');
        rest = next == std::string_view::npos ? "" : rest.substr(next + 1);
    }
    return 1000;
}

int wish_of_list(std::string_view accept, std::string_view type) {
    int best = 0;
    while (!accept.empty()) {
        const std::size_t comma = accept.find(',');
        best = std::max(best, wish(accept.substr(0, comma), type));
        accept = comma == std::string_view::npos ? "" : accept.substr(comma + 1);
    }
    return best;
}

bool key_form(std::string_view key) {
    return key.size() <= 255 && !key.empty() &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Bytes fingerprint_of(const Bytes& key, const net::Request& request, const wire::Json& body) {
    const std::string text = request.method + " " + request.path + "\n" + wire::canonical_text(body);
    const crypto::Digest digest = crypto::hmac_sha256(key, as_bytes(text));
    return {digest.begin(), digest.end()};
}

}  // namespace

const std::string& Call::param(std::string_view name) const {
    static const std::string none;
    for (const auto& [key, value] : params) {
        if (key == name) return value;
    }
    return none;
}

bool origin_allowed(const net::Request& request, bool open_route) {
    const std::string_view origin = request.header("origin");
    const std::string_view site = request.header("sec-fetch-site");
    const bool from_browser =
        std::any_of(request.headers.begin(), request.headers.end(),
                    [](const auto& header) { return header.first.starts_with("sec-fetch-"); });
    if (!origin.empty()) {
        // Host was checked against the list of names that are served, so it is the page's own origin.
        const std::string own = "http://" + std::string(request.header("host"));
        return origin == own && (site.empty() || site == "same-origin");
    }
    if (!from_browser || site == "same-origin") return true;
    // Typed into the address bar: fine for what anyone may see.
    return open_route && request.method == "GET" && site == "none";
}

Result<PageAsk> page_asked(const net::Request& request) {
    PageAsk ask;
    if (const auto after = request.query_value("after")) {
        if (!is_id_form(*after)) return Fault{"malformed_request", "after: not a cursor of ours"};
        ask.after = *after;
    }
    if (const auto limit = request.query_value("limit")) {
        const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), ask.limit);
        if (error != std::errc{} || end != limit->data() + limit->size() || ask.limit < 1 || ask.limit > 500) {
            return Fault{"malformed_request", "limit: 1 to 500"};
        }
    }
    return ask;
}

Router::Router(Store& store, WallClock& wall, Timers& timers, Bytes fingerprint_key, std::string language,
               Routes routes, Observe observe, Ready ready, CountRefusal refused)
    : store_(store), wall_(wall), fingerprint_key_(std::move(fingerprint_key)), language_(std::move(language)),
      routes_(std::move(routes)), observe_(std::move(observe)), ready_(std::move(ready)),
      refused_(std::move(refused)), deadline_(timers) {}

Router::Match Router::match(const net::Request& request) const {
    Match out;
    for (const Route& route : routes_) {
        std::vector<std::pair<std::string, std::string>> params;
        if (!path_matches(route.pattern, request.path, params)) continue;
        if (route.method == request.method) {
            out.route = &route;
            out.params = std::move(params);
            return out;
        }
        out.allowed += (out.allowed.empty() ? "" : ", ") + route.method;
    }
    return out;
}

std::optional<Answer> Router::authenticate(const Route& route, Call& call) const {
    call.caller.language = language_;
    if (route.access == Access::open) return std::nullopt;
    const std::string_view header = call.request.header("authorization");
    if (header.size() <= 7 || lower(header.substr(0, 7)) != "bearer ") {
        return problem("unauthenticated", "send Authorization: Bearer TOKEN");
    }
    const crypto::Digest hash = crypto::sha256(as_bytes(trimmed(header.substr(7))));
    const std::optional<TokenRow> token = store_.facts().token_by_hash(hash);
    const std::optional<Role> role = token ? role_named(token->role) : std::nullopt;
    if (!role || token->revoked || (token->expires && *token->expires <= wall_.now())) {
        return problem("unauthenticated", "this token is not valid, or no longer");
    }
    call.caller.terminal = TerminalId{token->terminal};
    call.caller.role = *role;
    if (route.access == Access::manager && *role != Role::manager) {
        return problem("forbidden", "this is for managers");
    }
    return std::nullopt;
}

std::optional<Answer> Router::negotiate(const Route& route, Call& call) const {
    const std::string_view accept = call.request.header("accept");
    if (trimmed(accept).empty()) {
        call.accept = route.produces.front();
        return std::nullopt;
    }
    int best = 0;
    for (const std::string& type : route.produces) {
        const int wanted = wish_of_list(accept, type);
        if (wanted <= best) continue;
        best = wanted;
        call.accept = type;
    }
    if (best > 0) return std::nullopt;
    std::string types;
    for (const std::string& type : route.produces) types += (types.empty() ? "" : ", ") + type;
    return problem("not_acceptable", "this answers in " + types);
}

std::optional<Answer> Router::read_body(const Route& route, Call& call) const {
    if (route.body == Body::none) return std::nullopt;
    const std::string_view header = call.request.header("content-type");
    if (lower(trimmed(header.substr(0, header.find(';')))) != "application/json") {
        return problem("unsupported_media_type", "send Content-Type: application/json");
    }
    std::variant<wire::Json, wire::JsonFaults> parsed = wire::parse_json(call.request.body);
    if (const auto* faults = std::get_if<wire::JsonFaults>(&parsed)) return malformed(*faults);
    call.body = std::get<wire::Json>(std::move(parsed));
    if (!std::holds_alternative<wire::Json::Object>(call.body.value)) {
        const wire::JsonFaults faults{{"", "an object is expected"}};
        return malformed(faults);
    }
    return std::nullopt;
}

std::optional<Answer> Router::read_key(const Route& route, Call& call) const {
    if (route.body != Body::keyed) return std::nullopt;
    const std::string_view key = call.request.header("idempotency-key");
    if (!key_form(key)) {
        return problem("idempotency_key_missing", "send Idempotency-Key: 1 to 255 visible characters");
    }
    call.once.key = key;
    call.once.fingerprint = fingerprint_of(fingerprint_key_, call.request, call.body);
    return std::nullopt;
}

std::optional<Answer> Router::await_facts(const Route& route) const {
    static constexpr std::array<std::string_view, 8> need{"/v1/scans",  "/v1/passes",    "/v1/activations", "/v1/wallets",
                                                          "/v1/quotes", "/v1/purchases", "/v1/receipts",
                                                          "/v1/reports"};
    const bool needs = std::any_of(need.begin(), need.end(), [&route](std::string_view prefix) {
        return route.pattern.starts_with(prefix);
    });
    if (!needs || !ready_) return std::nullopt;
    const Result<void> is_ready = ready_();
    if (is_ready) return std::nullopt;
    return problem(is_ready.error());
}

std::optional<Answer> Router::judge(const Match& found, Call& call) const {
    const bool open = found.route && found.route->access == Access::open;
    if (call.request.method == "OPTIONS" || !origin_allowed(call.request, open)) {
        return problem("origin_refused", "no page of another origin may call this");
    }
    if (!found.route) {
        if (found.allowed.empty()) return problem("not_found", "there is nothing at this path");
        return problem("method_not_allowed", "this path knows " + found.allowed);
    }
    std::optional<Answer> refused = authenticate(*found.route, call);
    if (!refused) refused = negotiate(*found.route, call);
    if (!refused) refused = read_body(*found.route, call);
    if (!refused) refused = read_key(*found.route, call);
    if (!refused) refused = await_facts(*found.route);
    return refused;
}

awaitable<net::Reply> Router::serve(const Route& route, Call call) {
    const bool moves = route.body == Body::keyed;
    try {
        awaitable<net::Reply> work = route.handler(std::move(call));
        if (route.method == "GET") co_return co_await std::move(work);
        std::optional<net::Reply> in_time = co_await deadline_.wait(std::move(work));
        if (in_time) co_return std::move(*in_time);
    } catch (const std::exception& error) {
        // Disk or bug. What it did to the books only the key can tell.
        host::log_line(host::Level::error, route.pattern + ": " + error.what());
        co_return reply_of(problem(moves ? "outcome_unknown" : "not_ready", "see the log of the agent", 1));
    }
    co_return reply_of(moves ? problem("outcome_unknown", "this takes long and goes on; the same key tells how it ended", 1)
                             : problem("busy", "this takes too long; ask again", 1));
}

awaitable<net::Reply> Router::handle(net::Request request) {
    struct Handling {
        int& count;
        explicit Handling(int& of) : count(++of) {}
        ~Handling() { --count; }
    } const here(handling_);
    Match found = match(request);
    const std::string pattern = found.route ? found.route->pattern : "";
    Call call;
    call.request = std::move(request);
    call.params = std::move(found.params);

    const std::optional<Answer> refused = judge(found, call);
    const TerminalId terminal = call.caller.terminal;
    net::Reply reply;
    if (refused) {
        reply = reply_of(*refused);
        if (refused->status == 405) reply.headers.emplace_back("allow", found.allowed);
    } else {
        reply = co_await serve(*found.route, std::move(call));
    }
    guard(reply);
    if (observe_) observe_(pattern, reply.status);
    if (refused_ && !refused) {
        if (const std::string code = refusal_in(pattern, reply); !code.empty()) refused_(terminal, code);
    }
    co_return reply;
}

}  // namespace obol::agent
