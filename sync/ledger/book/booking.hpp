#pragma once
// What one entry of a venue's chain does to the books (PROTOCOL.md 2.2 and L1 to L5). Pure: states
// of rows in, changes of rows out. What a till has done cannot be undone, so nothing here refuses:
// it books, and says what it doubts.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::ledger::book {

enum class Standing { active, quarantined, written_off };

// The holder as the entry finds it. `branch` 0 is the chain that came first; a fork's others only
// lose.
struct Holder {
    DeviceId h;
    VenueId venue;
    BusinessId business;
    Standing standing = Standing::active;
    std::int64_t branch = 0;
};

// One subject as this holder's entry finds it.
struct Position {
    bool known = false;  // the ledger has a row for it
    Currency currency{};
    Amount centre{}, held{}, suspense{};  // held and suspense of this holder
    Amount owed{};  // spent at risk beyond the centre: what others return pays it first
};

enum class AskState { open, granted, closed };
struct Ask {
    std::int64_t seq = 0;
    AskState state = AskState::open;
    std::vector<journal::AuthorityLine> granted{};  // amounts > 0
};

// What the decision may look at.
struct Views {
    std::function<Position(const Subject&)> position;
    std::function<Amount(std::string_view account, Currency currency)> total;
    std::function<std::optional<Ask>(std::int64_t seq)> ask;  // of this holder
    std::function<std::vector<Ask>()> live_asks;              // open or granted, of this holder
    std::function<Amount(const Subject&)> elsewhere;          // held by all other holders
};

// Differences to one subject's rows. I2 holds for each: centre + held == value + loss.
struct Move {
    Subject subject;
    Currency currency;
    Amount value{}, centre{}, held{}, suspense{}, loss{};
    Amount owed{}, repaid{};  // of the loss
    bool operator==(const Move&) const = default;
};

// An exception to be raised; the entry is booked all the same.
struct Doubt {
    std::string code;
    std::string detail;
    std::optional<Money> amount{};
    bool operator==(const Doubt&) const = default;
};

struct NewAsk {
    bool placement = false;
    std::vector<journal::AuthorityLine> lines{};  // amount: most wanted
};

struct Effects {
    std::vector<journal::Posting> postings{};  // balanced; empty: no money moved
    std::vector<Move> moves{};                 // one per subject
    std::optional<NewAsk> opened{};
    std::vector<std::int64_t> closed{};     // asks by seq
    std::optional<std::int64_t> adopted{};  // generation
    bool recovery = false;                  // the ledger has forgotten something: grant no more
    std::vector<Doubt> doubts{};
};

// Effects of an entry whose record was understood. `record` belongs to `entry`.
Effects book(const Holder& holder, const journal::Entry& entry, const journal::Record& record,
             const Views& views);

// Why an entry's postings cannot be booked at all: unbalanced, amounts beyond measure, a currency
// that is not the subject's. nullopt: they can.
std::optional<Doubt> unbookable(const journal::Entry& entry, const Views& views);

// L5. What this holder shows of one subject goes back to the centre, at the operator's risk.
Move write_off(const Subject& subject, const Position& position);

}  // namespace obol::ledger::book
