// POST and GET of businesses, venues, products, pools, offers and limits.

#include "sync/core/ensure.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/fact_words.hpp"
#include "sync/ledger/api/limit_words.hpp"
#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

namespace {

using journal::Map;
using journal::Value;

Words fact_in_words(std::string_view kind, const Map& body) {
    if (kind == "pool") {
        if (const auto pool = journal::pool_from(Value{body})) return pool_in_words(*pool);
    } else if (kind == "offer") {
        if (const auto offer = journal::offer_from(Value{body})) return offer_in_words(*offer);
    } else if (kind == "limit") {
        if (const auto limit = journal::limit_from(Value{body})) return limit_in_words(*limit);
    }
    return document_in_words(body);
}

std::string id_of(const BusinessShape& shape) { return shape.id.text; }
std::string id_of(const VenueShape& shape) { return shape.id.text; }
std::string id_of(const ProductShape& shape) { return product_id(shape); }
std::string id_of(const Pool& pool) { return pool.id.text; }
std::string id_of(const OfferShape& shape) { return shape.offer.id.text; }
std::string id_of(const Limit& limit) { return limit.id; }

// 201 for what is new, 200 for what is there already, changed or not.
template <class Shape>
Answer put(Office& office, const Call& call, std::string_view kind,
           Shape (*read)(const wire::Json&, const std::string&, wire::JsonFaults&)) {
    wire::JsonFaults faults;
    const Placed<Shape> placed{read(call.body, "", faults), ""};
    if (!faults.empty()) return malformed(faults);
    Registrar registrar{office.books, office.keys, call.now, office.random, call.source(), faults};
    const Outcome outcome = registrar.put(placed);
    if (outcome == Outcome::refused) return malformed(faults);
    const auto body = office.books.fact(kind, id_of(placed.shape));
    ENSURE(body);
    return answer(outcome == Outcome::created ? 201 : 200, fact_in_words(kind, *body));
}

Answer list(Office& office, const Call& call, std::string_view kind) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    const std::string business = call.request.query_value("business").value_or("");
    std::vector<std::pair<std::string, Words>> items;
    office.books.db().each(
        "SELECT id, body FROM fact WHERE kind = ?1 AND id > ?2 AND gone = 0 AND (?3 = '' OR business = ?3) "
        "ORDER BY id LIMIT ?4",
        [&](sql::Statement& row) {
            const auto body = journal::decode(row.blob_view(1));
            ENSURE(body && body->map());
            items.emplace_back(row.text(0), fact_in_words(kind, *body->map()));
        },
        kind, ask->after, business, ask->limit + 1);
    return page(*ask, std::move(items));
}

Answer put_business(Office& office, const Call& call) {
    return put(office, call, "business", read_business);
}
Answer put_venue(Office& office, const Call& call) { return put(office, call, "venue", read_venue); }
Answer put_product(Office& office, const Call& call) {
    return put(office, call, "product", read_product);
}
Answer put_pool(Office& office, const Call& call) { return put(office, call, "pool", read_pool); }

Answer put_offer(Office& office, const Call& call) { return put(office, call, "offer", read_offer); }

Answer list_businesses(Office& office, const Call& call) { return list(office, call, "business"); }
Answer list_venues(Office& office, const Call& call) { return list(office, call, "venue"); }
Answer list_products(Office& office, const Call& call) { return list(office, call, "product"); }
Answer list_pools(Office& office, const Call& call) { return list(office, call, "pool"); }
Answer list_offers(Office& office, const Call& call) { return list(office, call, "offer"); }

Answer put_limit(Office& office, const Call& call) { return put(office, call, "limit", read_limit); }
Answer list_limits(Office& office, const Call& call) { return list(office, call, "limit"); }

}  // namespace

Routes fact_routes() {
    return {{"POST", "/businesses", may_admin, put_business},
            {"GET", "/businesses", may_read, list_businesses},
            {"POST", "/venues", may_admin, put_venue},
            {"GET", "/venues", may_read, list_venues},
            {"POST", "/products", may_admin, put_product},
            {"GET", "/products", may_read, list_products},
            {"POST", "/pools", may_admin, put_pool},
            {"GET", "/pools", may_read, list_pools},
            {"POST", "/offers", may_admin, put_offer},
            {"GET", "/offers", may_read, list_offers},
            {"POST", "/limits", may_admin, put_limit},
            {"GET", "/limits", may_read, list_limits}};
}

}  // namespace obol::ledger
