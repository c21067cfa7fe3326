#include "sync/journal/records.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

Map to_document(const BusinessShape& business) {
    Map out{
        {"id", business.id.text},
        {"name", business.name},
        {"currency", business.currency.code()},
        {"zone", business.zone},
        {"cutoff", clock_text(business.cutoff_minute)},
        {"refund_grace", to_text(business.refund_grace)},
        {"manager_above", business.manager_above ? Value{business.manager_above->minor} : Value{}},
        {"wallet_proof", business.wallet_proof},
        {"award_undo", name_of(business.award_undo)}};
    if (business.allowance) out["allowance"] = journal::to_value(*business.allowance);
    return out;
}

Map to_document(const VenueShape& venue) {
    Map out{{"id", venue.id.text},
            {"business", venue.business.text},
            {"name", venue.name},
            {"zone", venue.zone}};
    if (venue.allowance) out["allowance"] = journal::to_value(*venue.allowance);
    return out;
}

Map to_document(const ProductShape& product) {
    return {{"business", product.business.text},
            {"sku", product.sku},
            {"name", product.name},
            {"brand", product.brand},
            {"family", product.family},
            {"type", product.type}};
}

}  // namespace obol::ledger
