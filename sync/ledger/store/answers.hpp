#pragma once
// L2 and L4 on the books: which open asks can be answered now, and what is wished back from whom.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sync/ledger/store/asks.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {

// Who has something new to read. A waiting feed looks again when its holder, venue or business is
// named.
struct Wake {
    bool all = false;
    std::set<std::string> holders{}, venues{}, businesses{};
    bool empty() const { return !all && holders.empty() && venues.empty() && businesses.empty(); }
};

class Answers {
public:
    using Reachable = std::function<bool(const DeviceId&)>;
    Answers(Books& books, Reachable reachable) : books_(books), reachable_(std::move(reachable)) {}

    // Answers what can be answered after these subjects changed, explicit asks before placement,
    // each in the order of arrival.
    void settle(const std::set<Subject>& touched, Wake& wake);
    void settle_all(Wake& wake);

    std::vector<wire::Recall> recalls_for(const HolderRow& holder);
    // The centre holds something homed at this venue that nobody has asked for.
    bool placement_for(const HolderRow& holder);
    bool may_be_granted(const HolderRow& holder);

private:
    void answer_explicit(const OpenAsk& ask, Wake& wake);
    void answer_placement(const OpenAsk& ask, Wake& wake);
    bool another_may_return(const DeviceId& asker, const Subject& subject);

    Books& books_;
    Reachable reachable_;
};

inline constexpr std::size_t most_placed_an_ask = 500;
inline constexpr std::size_t most_recalls_a_page = 500;

}  // namespace obol::ledger
