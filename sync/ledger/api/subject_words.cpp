#include "sync/ledger/api/subject_words.hpp"

namespace obol::ledger {

Words subject_in_words(Books& books, const Subject& subject) {
    Words held = Words::array();
    books.db().each(
        "SELECT holder.venue, holder.name, held.minor FROM held JOIN holder ON holder.h = held.h "
        "WHERE held.subject = ? AND held.minor > 0 ORDER BY holder.venue, holder.name",
        [&](sql::Statement& row) {
            held.push_back(
                Words{{"venue", row.text(0)}, {"device", row.text(1)}, {"amount", row.integer(2)}});
        },
        subject);
    const auto known = books.subject(subject);
    return Words{{"amount", books.balance(subject).minor},
                 {"centre", known ? known->centre.minor : 0},
                 {"held", held}};
}

}  // namespace obol::ledger
