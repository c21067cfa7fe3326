// Tokens of the admin API itself, so that nobody has to stop the ledger for one.

#include "sync/ledger/api/admin.hpp"

namespace obol::ledger {

namespace {

constexpr std::string_view columns = "SELECT id, user, role, created, revoked FROM admin_token ";

Words token_in_words(sql::Statement& row) {
    return Words{{"id", row.text(0)},
                 {"user", row.text(1)},
                 {"role", row.text(2)},
                 {"created_at", to_rfc3339(from_millis(row.integer(3)))},
                 {"revoked_at", row.null(4) ? Words(nullptr) : Words(to_rfc3339(from_millis(row.integer(4))))}};
}

Answer make(Office& office, const Call& call) {
    static const std::vector<std::string_view> roles{"admin", "finance", "support", "readonly"};
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const auto role = role_named(roles[reader.required_word("role", roles)]);
    const std::string user = reader.required_id("user");
    reader.done();
    if (!faults.empty() || !role) return malformed(faults);
    const Secret token = make_admin_token(office.books, user, *role, call.now, office.random);
    Words body{{"token", token.reveal()}, {"user", user}, {"role", name_of(*role)}};
    Answer given = answer(201, body);
    body["token"] = nullptr;
    given.kept = body.dump();
    return given;
}

Answer list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    std::vector<std::pair<std::string, Words>> items;
    office.books.db().each(std::string(columns) + "WHERE id > ? ORDER BY id LIMIT ?",
                           [&](sql::Statement& row) { items.emplace_back(row.text(0), token_in_words(row)); },
                           ask->after, ask->limit + 1);
    return page(*ask, std::move(items));
}

Answer revoke(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader{call.body, "", faults}.done();
    if (!faults.empty()) return malformed(faults);
    sql::Db& db = office.books.db();
    // The first revocation is the one that counts.
    db.run("UPDATE admin_token SET revoked = ? WHERE id = ? AND revoked IS NULL", to_millis(call.now),
           call.ids[0]);
    std::optional<Words> body;
    db.each(std::string(columns) + "WHERE id = ?",
            [&](sql::Statement& row) { body = token_in_words(row); }, call.ids[0]);
    if (!body) return problem("token_unknown", "there is no such token");
    return answer(201, *body);
}

}  // namespace

Routes token_routes() {
    return {{"POST", "/tokens", may_admin, make},
            {"GET", "/tokens", may_admin, list},
            {"POST", "/tokens/{id}/revoke", may_admin, revoke}};
}

}  // namespace obol::ledger
