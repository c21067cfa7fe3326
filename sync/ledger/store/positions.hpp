#pragma once
// centre(s), held(h,s), suspense(h,s) and loss(s) as rows, moved by what sync/ledger/book decides.

#include <string_view>
#include <vector>

#include "sync/ledger/book/booking.hpp"
#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

book::Position position(sql::Db& db, const DeviceId& h, std::string_view subject);
// The subject's row must exist. The value moved with the postings; here go centre, held, suspense,
// loss.
void apply(Books& books, const DeviceId& h, const book::Move& move);
// L2: authority leaves the centre for a holder.
void give(sql::Db& db, const DeviceId& h, const journal::AuthorityLine& line);
Amount held_elsewhere(sql::Db& db, const DeviceId& h, std::string_view subject);
std::vector<Subject> subjects_held_by(sql::Db& db, const DeviceId& h);

}  // namespace obol::ledger
