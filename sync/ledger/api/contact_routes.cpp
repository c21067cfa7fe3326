// Contacts, and wallets made for them.

#include "sync/core/ensure.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/fact_words.hpp"
#include "sync/ledger/api/wallet_words.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

Words with_wallets(Books& books, const ContactShape& person) {
    Words words = contact_in_words(person);
    words["wallets"] = wallets_of(books, person.id);
    return words;
}

template <class Shape>
std::variant<Outcome, Answer> put(Office& office, const Call& call, const Shape& shape,
                                  wire::JsonFaults& faults) {
    if (!faults.empty()) return malformed(faults);
    Registrar registrar{office.books, office.keys, call.now, office.random, call.source(), faults};
    const Outcome outcome = registrar.put(Placed<Shape>{shape, ""});
    if (outcome == Outcome::refused) return malformed(faults);
    return outcome;
}

int status_of(Outcome outcome) { return outcome == Outcome::created ? 201 : 200; }

Answer put_contact(Office& office, const Call& call) {
    wire::JsonFaults faults;
    const ContactShape given =
        read_contact(call.body, "", faults, make_uuid7(call.now, office.random));
    const auto done = put(office, call, given, faults);
    if (const auto* refused = std::get_if<Answer>(&done)) return *refused;
    return answer(status_of(std::get<Outcome>(done)), with_wallets(office.books, given));
}

Answer put_wallet_of(Office& office, const Call& call) {
    wire::JsonFaults faults;
    const WalletShape given = read_wallet(call.body, "", faults, make_uuid7(call.now, office.random));
    const auto done = put(office, call, given, faults);
    if (const auto* refused = std::get_if<Answer>(&done)) return *refused;
    const auto made = wallet(office.books, given.id);
    ENSURE(made);
    return answer(status_of(std::get<Outcome>(done)), wallet_in_words(office.books, *made));
}

Answer list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    std::vector<std::string> ids;
    office.books.db().each("SELECT id FROM contact WHERE id > ? ORDER BY id LIMIT ?",
                           [&](sql::Statement& row) { ids.push_back(row.text(0)); }, ask->after,
                           ask->limit + 1);
    std::vector<std::pair<std::string, Words>> items;
    for (const std::string& id : ids) {
        const auto person = contact(office.books, ContactId{id});
        ENSURE(person);
        items.emplace_back(id, with_wallets(office.books, *person));
    }
    return page(*ask, std::move(items));
}

}  // namespace

Routes contact_routes() {
    return {{"POST", "/contacts", may_support, put_contact},
            {"GET", "/contacts", may_read, list},
            {"POST", "/wallets", may_finance, put_wallet_of}};
}

}  // namespace obol::ledger
