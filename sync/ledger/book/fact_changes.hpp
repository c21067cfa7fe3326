#pragma once
// What an entry makes true for other venues: a pass is redeemed, a lot exists, a PIN is locked. And
// where its facts disagree with the ledger's own. Pure, like booking.hpp.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/journal/records.hpp"
#include "sync/ledger/book/booking.hpp"

namespace obol::ledger::book {

// The ledger's fact of this kind and id (sync/wire/messages.hpp names the members).
using FactView =
    std::function<std::optional<journal::Map>(std::string_view kind, std::string_view id)>;

struct FactChange {
    std::string kind, id;
    BusinessId business;
    journal::Map body{};
};

struct PinChange {  // of a pass and of the nameless wallet that it opened
    PassId pass;
    std::optional<bool> locked{};
    std::optional<int> wrong{};  // so many wrong PINs more; 0: none any more
};

// A row of the index by which purchases and their refunds are found.
struct Operation {
    std::string ref, kind, purchase{};
};

struct FactEffects {
    std::vector<FactChange> facts{};
    std::vector<PinChange> pins{};
    std::optional<Operation> operation{};
    std::vector<Doubt> doubts{};
};

FactEffects fact_effects(const Holder& holder, const journal::Entry& entry,
                         const journal::Record& record, const FactView& fact);

// Whose a subject is and where it is at home, when an entry is the first that the ledger hears of
// it.
struct Origin {
    BusinessId business;
    VenueId home;
};
Origin origin_of(const Subject& subject, const Holder& holder, const FactView& fact);

}  // namespace obol::ledger::book
