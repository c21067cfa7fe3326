#include "sync/ledger/store/import.hpp"

#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

namespace {

constexpr std::size_t most_faults = 100;  // after so many, one more teaches nobody anything

template <class Shape>
ImportCount put_all(Registrar& registrar, std::string_view kind,
                    const std::vector<Placed<Shape>>& all, const wire::JsonFaults& faults) {
    ImportCount count{.kind = kind};
    // What refers to a kind that is at fault would only repeat it.
    if (!faults.empty()) return count;
    for (const Placed<Shape>& one : all) {
        if (faults.size() >= most_faults) break;
        switch (registrar.put(one)) {
            case Outcome::created:
                ++count.created;
                break;
            case Outcome::changed:
                ++count.changed;
                break;
            case Outcome::same:
                ++count.same;
                break;
            case Outcome::refused:
                break;
        }
    }
    return count;
}

}  // namespace

std::variant<ImportSummary, wire::JsonFaults> import_document(Books& books, const SecretKeys& keys,
                                                              std::string_view text, Instant now,
                                                              Random& random) {
    const auto parsed = wire::parse_json(text);
    if (const auto* faults = std::get_if<wire::JsonFaults>(&parsed)) return *faults;
    wire::JsonFaults faults;
    const ImportDocument all = read_import(std::get<wire::Json>(parsed), faults);
    if (!faults.empty()) return faults;

    sql::Txn txn{books.db()};
    Registrar registrar{books, keys, now, random, "import", faults};
    // In this order, because each kind refers to those before it.
    ImportSummary summary{put_all(registrar, "businesses", all.businesses, faults),
                          put_all(registrar, "venues", all.venues, faults),
                          put_all(registrar, "products", all.products, faults),
                          put_all(registrar, "pools", all.pools, faults),
                          put_all(registrar, "offers", all.offers, faults),
                          put_all(registrar, "plans", all.plans, faults),
                          put_all(registrar, "passes", all.passes, faults),
                          put_all(registrar, "contacts", all.contacts, faults),
                          put_all(registrar, "wallets", all.wallets, faults),
                          put_all(registrar, "limits", all.limits, faults)};
    if (!faults.empty()) return faults;
    txn.commit();
    return summary;
}

}  // namespace obol::ledger
