#pragma once
// Facts in the shapes of API.md: what was posted is read back in the same words.

#include "sync/domain/pass.hpp"
#include "sync/domain/pool.hpp"
#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

Words document_in_words(const journal::Map& document);  // business, venue, product
Words pool_in_words(const Pool& pool);
Words offer_in_words(const Offer& offer);  // not its code
// As it is imported and posted.
Words plan_shape_in_words(const Plan& plan);
// And what has become of it.
Words plan_in_words(const Plan& plan, std::int64_t passes);
Words contact_in_words(const ContactShape& contact);

}  // namespace obol::ledger
