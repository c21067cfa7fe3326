#pragma once
// Rows of the double entry, shared by transfers at the centre and by booked entries.

#include <optional>
#include <string_view>
#include <vector>

#include "sync/journal/records.hpp"
#include "sync/sql/db.hpp"

namespace obol::ledger {

struct TransferHead {
    Instant at;
    std::string_view source;
    std::string_view note{};
    std::optional<std::string_view> holder{};
    std::optional<std::int64_t> seq{}, branch{};
};

// Writes the transfer, its postings and the account totals; returns the transfer's id. The postings
// must balance: that is checked before anything is written, since nothing unbalanced may be stored.
std::int64_t write_transfer(sql::Db& db, const TransferHead& head,
                            const std::vector<journal::Posting>& postings);

// "XXX" counts rights; every other code in our own rows is one that was parsed before.
Currency currency_of(std::string_view code);

}  // namespace obol::ledger
