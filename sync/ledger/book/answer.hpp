#pragma once
// L2: how much of an ask the centre gives now. Pure.

#include <optional>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::ledger::book {

struct Wanted {
    Subject subject;
    Currency currency;
    Amount wanted{};
    Amount centre{};          // what is there to give
    Amount whole{};           // centre and every holder's together
    bool may_return = false;  // a reachable holder, not the asker, shows some
};

// The lines to grant; empty: the ask stays open. At once when the centre covers all; otherwise only
// when waiting for a return is vain. A pass, a draft or a right is given whole or not at all.
std::vector<journal::AuthorityLine> answer(const std::vector<Wanted>& lines);

// What the other holders should return for this line.
Amount missing(const Wanted& line);

}  // namespace obol::ledger::book
