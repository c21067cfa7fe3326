#pragma once
// What the books come to: exposure, reconciliation, and a check of the books against themselves.

#include <string>
#include <vector>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

// The most money that could be lost if every doubtful thing went wrong now, per currency. There are no
// allowances yet.
struct Exposure {
    Currency currency;
    Amount suspense{};   // written off and not yet accounted for
    Amount forgotten{};  // grants of which this ledger had lost the memory: the centre is below zero by them
    Amount loss{};       // lost already: booked, no longer a risk

    Amount amount() const { return suspense + forgotten; }
};
// One row per currency that money was ever kept in; all zero unless something went wrong.
std::vector<Exposure> exposure(sql::Db& db);

// One subject as it stands: value + loss = centre + held (I2).
struct SubjectFigures {
    Subject subject;
    BusinessId business;
    VenueId home;
    Currency currency;
    Amount value{}, centre{}, held{}, suspense{}, loss{};
};
// After `after`, in the order of subjects; rights (XXX) too.
std::vector<SubjectFigures> subject_figures(sql::Db& db, std::string_view after, std::int64_t limit);
// Every account of the double entry, subjects and others; sums to zero per currency.
struct AccountFigures {
    std::string account;
    Currency currency;
    Amount balance{};
};
std::vector<AccountFigures> account_figures(sql::Db& db, std::string_view after, std::int64_t limit);

struct HeldFigures {
    Subject subject;
    Money held{}, suspense{};
};
// What one device shows, by subject.
std::vector<HeldFigures> held_figures(sql::Db& db, const DeviceId& h);

// Findings, empty when all is well: postings that do not sum to zero, totals that differ from their
// postings, subjects that break I2, authority below zero, chains with gaps.
std::vector<std::string> check_books(sql::Db& db);

// L5: what this holder shows goes back to the centre at the operator's risk and stands in suspense until
// its journal accounts for it; it is granted no more. Returns the sums per currency. Faults
// device_unknown | recovery_running. Call SyncEnd::centre_changed afterwards.
Result<std::vector<Money>> write_off(Books& books, const DeviceId& h, Instant now, Random& random);

}  // namespace obol::ledger
