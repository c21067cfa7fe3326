#pragma once
// Routes and what every request goes through before a handler sees it. A handler reads the body, calls
// one use case and words the answer; it holds no rule and no SQL, and it never sees a socket.
//
// Order of refusals: OPTIONS 403, origin 403, path 404, method 405, token 401, role 403, Accept 406,
// Content-Type 415, body 400, Idempotency-Key 400, no snapshot yet 503. Host and framing are refused by
// net::Server.
//
// What passes is answered within Deadline::patience, but for GET: else 503 outcome_unknown (busy, where the
// call moves nothing), and it goes on.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/deadline.hpp"
#include "agent/app/context.hpp"
#include "sync/net/http.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

enum class Access { open, everyone, manager };  // open: needs no token
enum class Body { none, json, keyed };          // keyed: JSON and an Idempotency-Key

struct Call {
    net::Request request{};
    Caller caller{};
    std::vector<std::pair<std::string, std::string>> params{};  // of the pattern, in its order
    wire::Json body{};                    // an object where the route has a body
    Idempotency once{};                   // set where the route is keyed
    std::string accept{};                 // the one of Route::produces that was chosen

    const std::string& param(std::string_view name) const;
};

using RouteHandler = std::function<awaitable<net::Reply>(Call)>;

struct Route {
    std::string method;   // GET | POST
    std::string pattern;  // "/v1/wallets/{id}/top-ups"
    Access access = Access::everyone;
    Body body = Body::none;
    RouteHandler handler;
    std::vector<std::string> produces{"application/json"};  // the first is the default
};
using Routes = std::vector<Route>;

// Called once per request that was answered, for the metrics.
using Observe = std::function<void(const std::string& pattern, int status)>;
// Called once per call that a rule refused to a customer: the code.
using CountRefusal = std::function<void(const TerminalId& terminal, const std::string& code)>;
// Fault not_ready: what passes and wallets are is not known yet. Asked for calls that need to know.
using Ready = std::function<Result<void>()>;

class Router {
public:
    // `fingerprint_key`: HMAC key of idempotency fingerprints, from outside the database.
    Router(Store& store, WallClock& wall, Timers& timers, Bytes fingerprint_key, std::string language, Routes routes,
           Observe observe = {}, Ready ready = {}, CountRefusal refused = {});

    // By value: the request outlives every suspension below.
    awaitable<net::Reply> handle(net::Request request);
    // Something is under way, answered or not: nothing that it uses may go.
    bool busy() const { return handling_ > 0 || deadline_.working() > 0; }

private:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::pair<std::string, std::string>> params{};
        std::string allowed{};  // methods that the path knows
    };
    Match match(const net::Request& request) const;
    std::optional<Answer> authenticate(const Route& route, Call& call) const;
    std::optional<Answer> negotiate(const Route& route, Call& call) const;
    std::optional<Answer> read_body(const Route& route, Call& call) const;
    std::optional<Answer> read_key(const Route& route, Call& call) const;
    std::optional<Answer> judge(const Match& found, Call& call) const;
    std::optional<Answer> await_facts(const Route& route) const;
    awaitable<net::Reply> serve(const Route& route, Call call);

    Store& store_;
    WallClock& wall_;
    Bytes fingerprint_key_;
    std::string language_;
    Routes routes_;
    Observe observe_;
    Ready ready_;
    CountRefusal refused_;
    Deadline deadline_;
    int handling_ = 0;
};

// Refused: another page's Origin, "null", and what a browser fetched for another site. A program sends
// neither header.
bool origin_allowed(const net::Request& request, bool open_route);

// ?after=CURSOR&limit=N of lists. Fault malformed_request.
struct PageAsk {
    std::string after{};
    std::size_t limit = 50;
};
Result<PageAsk> page_asked(const net::Request& request);

}  // namespace obol::agent
