#pragma once
// The admin API under /admin/v1: what every request goes through before a handler sees it. A handler
// reads the body, calls the store and words the answer; it runs inside one transaction.
//
// Order of refusals: path 404, method 405, token 401, role 403, Accept 406, Content-Type 415, body 400,
// Idempotency-Key 400. Framing and sizes are refused by net::Server.

#include <functional>
#include <string>
#include <vector>

#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/issued_keys.hpp"
#include "sync/ledger/store/secrets.hpp"
#include "sync/ledger/store/tokens.hpp"
#include "sync/net/http.hpp"

namespace obol::ledger {

// What the handlers work with.
struct Office {
    Books& books;
    const SecretKeys& keys;
    WallClock& wall;
    Random& random;
    std::function<void()> changed{};  // after a commit: feeds may have news, asks may be answerable
    std::function<void(std::string_view why)> broken{};  // a commit failed: its outcome is unknown
    IssuedKeys* record = nullptr;  // outlives the database; null only in tests
    std::function<std::string()> ca_fingerprint{};  // told with enrolment tokens, so that a device knows whom to believe
};

struct Call {
    const net::Request& request;
    std::vector<std::string> ids{};  // of the pattern, in its order
    User user{};
    wire::Json body{};               // of POST and PATCH
    Instant now{};

    std::string source() const { return "admin:" + user.name; }
};

using Handler = Answer (*)(Office&, const Call&);

struct Route {
    std::string_view method;   // GET | POST | PATCH
    std::string_view pattern;  // below /admin/v1: "/wallets/{id}/top-ups"
    unsigned roles;            // bits of who may call it
    Handler handler;
};
using Routes = std::vector<Route>;

inline constexpr unsigned may_admin = bit(Role::admin);
inline constexpr unsigned may_finance = may_admin | bit(Role::finance);
inline constexpr unsigned may_support = may_admin | bit(Role::support);
inline constexpr unsigned may_act = may_finance | may_support;
inline constexpr unsigned may_read = may_act | bit(Role::readonly);

Routes fact_routes();     // businesses, venues, products, pools
Routes plan_routes();
Routes pass_routes();
Routes contact_routes();  // contacts and wallets to be
Routes wallet_routes();
Routes limit_routes();    // of one wallet
Routes device_routes();
Routes token_routes();
Routes book_routes();     // journal, exceptions, exposure, reconciliation

class AdminApi {
public:
    explicit AdminApi(Office office);
    // One transaction per call; never suspends.
    net::Reply handle(const net::Request& request);

private:
    struct Match;
    Answer route(const net::Request& request);
    Match match(const net::Request& request) const;
    Answer run(const Route& route, Call& call);
    Answer run_once(const Route& route, const Call& call, const std::string& key);
    void committed(const Route& route);

    Office office_;
    Routes routes_;
};

// ?after=CURSOR&limit=N of lists.
struct PageAsk {
    std::string after{};
    std::int64_t limit = 50;
};
Result<PageAsk> page_asked(const net::Request& request);
// `items` may hold one more than the limit: then there is a next page, after `cursor_of(last shown)`.
Answer page(const PageAsk& ask, std::vector<std::pair<std::string, Words>> items);

// Needs no token: /healthz, /readyz, /metrics, /openapi.json. nullopt: not one of them.
std::optional<net::Reply> open_route(Books& books, const net::Request& request);

}  // namespace obol::ledger
