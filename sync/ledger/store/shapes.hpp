#pragma once
// The shapes that `import` and the admin API share (API.md, "The ledger"): strict decoding, every
// fault with its JSON pointer. Whether what they refer to exists is registrar.hpp's question.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/secret.hpp"
#include "sync/domain/allowance.hpp"
#include "sync/domain/limit.hpp"
#include "sync/domain/offer.hpp"
#include "sync/domain/pass.hpp"
#include "sync/domain/pool.hpp"
#include "sync/journal/value.hpp"
#include "sync/wire/json.hpp"

namespace obol::ledger {

struct BusinessShape {
    BusinessId id;
    std::string name;
    Currency currency;
    std::string zone;
    int cutoff_minute = 0;  // of the business day
    Period refund_grace{0, 30};
    std::optional<Amount> manager_above{};
    std::string wallet_proof = "none";  // none | card
    AwardUndo award_undo = AwardUndo::unspent;
    std::optional<Allowance> allowance{};  // of each of its venues; none: they spend with authority alone
};

struct VenueShape {
    VenueId id;
    BusinessId business;
    std::string name, zone;
    std::optional<Allowance> allowance{};  // instead of its business's
};

struct ProductShape {
    BusinessId business;
    std::string sku, name, brand, family, type;
};

struct OfferShape {
    Offer offer{};  // `valid` is resolved from the two boundaries, in the zone of the business
    std::optional<Boundary> from{}, until{};
    std::optional<Secret> code{};  // normalised; with Claim::code alone
};

struct PassShape {
    std::optional<PassId> id{};
    PlanId plan;
    Secret code;  // normalised
    std::optional<Secret> pin{};
    PassState state = PassState::active;
    std::optional<Amount> value{};
    std::optional<Instant> redeem_by{};
    VenueId venue{};
};

struct ContactShape {
    ContactId id;
    std::string name;
    std::optional<std::string> phone{}, email{}, card{};
    std::vector<std::string> segments{};
};

struct LotShape {
    PoolId pool;
    Amount amount{};
    std::optional<Boundary> valid_from{}, valid_until{};
};

struct PocketShape {
    BusinessId business;
    Amount open{};
    std::vector<LotShape> lots{};
};

struct WalletShape {
    WalletId id;
    std::optional<ContactId> contact{};
    Currency currency;
    VenueId home{};
    Amount personal{};
    bool blocked = false;
    std::vector<PocketShape> pockets{};
};

template <class Shape>
struct Placed {  // with the pointer at which it stands, for faults found later
    Shape shape;
    std::string pointer;
};

struct ImportDocument {
    std::vector<Placed<BusinessShape>> businesses{};
    std::vector<Placed<VenueShape>> venues{};
    std::vector<Placed<ProductShape>> products{};
    std::vector<Placed<Pool>> pools{};
    std::vector<Placed<OfferShape>> offers{};
    std::vector<Placed<Plan>> plans{};
    std::vector<Placed<PassShape>> passes{};
    std::vector<Placed<ContactShape>> contacts{};
    std::vector<Placed<WalletShape>> wallets{};
    std::vector<Placed<Limit>> limits{};
};

// `made_id` stands in for an id that is left out; while it is empty, none may be.
BusinessShape read_business(const wire::Json& json, const std::string& pointer,
                            wire::JsonFaults& faults);
VenueShape read_venue(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
ProductShape read_product(const wire::Json& json, const std::string& pointer,
                          wire::JsonFaults& faults);
Pool read_pool(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
OfferShape read_offer(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
Plan read_plan(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
// Texts under keys of the business's own; null where one is to be taken away.
std::map<std::string, std::optional<std::string>, std::less<>> read_fields(
    const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
PassShape read_pass(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
ContactShape read_contact(const wire::Json& json, const std::string& pointer,
                          wire::JsonFaults& faults, const std::string& made_id = "");
WalletShape read_wallet(const wire::Json& json, const std::string& pointer,
                        wire::JsonFaults& faults, const std::string& made_id = "");
// A limit of a business; its currency and version are the registrar's to say.
Limit read_limit(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults);
// Of this wallet: `wallet` is not among the members, and `id` may be left out.
Limit read_limit_of(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults,
                    const WalletId& wallet);
ImportDocument read_import(const wire::Json& json, wire::JsonFaults& faults);

// A date (its midnight; as an end it takes in the whole day) or an RFC 3339 instant. Fault
// malformed.
Result<Boundary> parse_boundary(std::string_view text);
std::string boundary_text(const Boundary& boundary);
std::string clock_text(int minute_of_day);  // "04:00"

// Bodies of facts that have no domain type of their own (sync/wire/messages.hpp).
journal::Map to_document(const BusinessShape& business);
journal::Map to_document(const VenueShape& venue);
journal::Map to_document(const ProductShape& product);
std::string product_id(const ProductShape& product);

}  // namespace obol::ledger
