// Limits of one wallet. Those of a business are among fact_routes.

#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/limit_words.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

Answer wallet_unknown() { return problem("wallet_unknown", "there is no such wallet"); }

// Without an id a limit replaces the one of the same kind and period.
Answer put_wallet_limit(Office& office, const Call& call) {
    const WalletId id{call.ids[0]};
    wire::JsonFaults faults;
    const Placed<Limit> placed{read_limit_of(call.body, "", faults, id), ""};
    if (!faults.empty()) return malformed(faults);
    if (!wallet(office.books, id)) return wallet_unknown();
    Registrar registrar{office.books, office.keys, call.now, office.random, call.source(), faults};
    const Outcome outcome = registrar.put(placed);
    if (outcome == Outcome::refused) return malformed(faults);
    return answer(outcome == Outcome::created ? 201 : 200,
                  limit_in_words(*current_limit(office.books, placed.shape.id)));
}

// All that bind the wallet now, and how much of each is used.
Answer list_wallet_limits(Office& office, const Call& call) {
    const WalletId id{call.ids[0]};
    if (!wallet(office.books, id)) return wallet_unknown();
    std::vector<BusinessId> businesses;
    office.books.db().each("SELECT DISTINCT business FROM limit_version ORDER BY business",
                           [&](sql::Statement& row) { businesses.emplace_back(row.text(0)); });
    Words items = Words::array();
    for (const BusinessId& business : businesses) {
        for (const LimitKind kind :
             {LimitKind::debit, LimitKind::credit, LimitKind::top_up, LimitKind::transfer}) {
            const LimitFacts facts = limit_facts(office.books, id, business, kind, call.now);
            for (const Limit& limit : facts.limits) {
                items.push_back(used_limit_in_words(limit, facts));
            }
        }
    }
    return answer(200, Words{{"items", items}, {"next", nullptr}});
}

}  // namespace

Routes limit_routes() {
    return {{"POST", "/wallets/{id}/limits", may_finance, put_wallet_limit},
            {"GET", "/wallets/{id}/limits", may_read, list_wallet_limits}};
}

}  // namespace obol::ledger
