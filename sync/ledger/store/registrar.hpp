#pragma once
// Writes what import and admin calls bring, after looking whether what it refers to exists. Runs in
// the caller's transaction; with a fault the caller rolls back.

#include <map>
#include <set>
#include <string>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/secrets.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

enum class Outcome { created, changed, same, refused };

class Registrar {
public:
    // `source` names who writes in the transfers: "import", "admin:USER".
    Registrar(Books& books, const SecretKeys& keys, Instant now, Random& random, std::string source,
              wire::JsonFaults& faults)
        : books_(books),
          keys_(keys),
          now_(now),
          random_(random),
          source_(std::move(source)),
          faults_(faults) {}

    Outcome put(const Placed<BusinessShape>& business);
    Outcome put(const Placed<VenueShape>& venue);
    Outcome put(const Placed<ProductShape>& product);
    Outcome put(const Placed<Pool>& pool);  // a changed one gets the next version
    Outcome put(const Placed<OfferShape>& offer);  // as a pool; its cap on uses lies at the centre
    Outcome put(const Placed<Plan>& plan);  // one that has a pass cannot change
    // What exists is left as it is: it has had a life since the first import.
    Outcome put(const Placed<PassShape>& pass);
    Outcome put(const Placed<ContactShape>& contact);
    Outcome put(const Placed<WalletShape>& wallet);
    // A changed one gets the next version; what it bounds cannot change.
    Outcome put(const Placed<Limit>& limit);

private:
    Outcome refuse(const std::string& pointer, std::string_view member, std::string detail);
    bool business_known(const BusinessId& id, const std::string& pointer,
                        std::string_view member = "business");
    bool venue_known(const VenueId& id, const std::string& pointer, std::string_view member);
    std::optional<Plan> plan(const PlanId& id);

    bool refers_well(const Placed<PassShape>& pass, const Plan& plan);
    bool refers_well(const Placed<OfferShape>& offer);
    bool refers_well(const Placed<Plan>& plan);
    bool set_code(const Placed<OfferShape>& offer);
    bool set_uses(const Placed<OfferShape>& offer);
    bool places_known(const std::vector<VenueId>& venues, const std::vector<BusinessId>& businesses,
                      const std::string& pointer);
    bool refers_well(const Placed<WalletShape>& wallet);
    std::optional<BusinessId> owner_of(const WalletShape& wallet);
    void fund(const WalletShape& wallet, const BusinessId& owner);

    Books& books_;
    const SecretKeys& keys_;
    Instant now_;
    Random& random_;
    std::string source_;
    wire::JsonFaults& faults_;
    std::map<std::string, std::optional<Plan>>
        plans_{};  // read once: an import has many passes of one plan
    std::set<Bytes> codes_{};  // digests of those that this document brought
};

std::optional<Offer> current_offer(Books& books, const OfferId& offer);
std::optional<Pool> current_pool(Books& books, const PoolId& pool);
std::optional<Zone> zone_of(Books& books, const BusinessId& business);
std::optional<BusinessId> business_of_venue(Books& books, const VenueId& venue);

// "Maria Georgiou" → "M. G.": all that a venue learns of a name.
std::string initials_of(std::string_view name);

}  // namespace obol::ledger
