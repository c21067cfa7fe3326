#pragma once
// What must be true of a venue after anything at all. Each function says in words what is not; empty: all
// is well.

#include <string>
#include <vector>

#include "tests/crash/venue.hpp"

namespace obol::crash {

// Every row of every table, in order.
std::string dump(Facts& facts);
// Sound file; whole chain with its signatures; postings, balances, authority, indexes, answers and receipt
// numbers agree with the chain.
std::string faults_of(Facts& facts, const crypto::SigningKey& key, bool file_too = true);
// Entries by kind and value by account: what a repeated request must not change.
std::string totals(Facts& facts);

// What a scenario did on a machine that nothing befell.
struct Ack {
    std::size_t after = 0;  // operations on the disk before the answer left
    std::size_t deed = 0;
    Told told;
};
struct Scenario {
    std::string name;
    std::vector<Deeds> groups;           // each group is under way at once
    std::function<void(Venue&)> begin{};  // before the first
    const Image* start = nullptr;        // unset: the world
    bool exact = true;                   // states are compared row by row; not where ids are drawn anew
    bool reopened = true;                // the program was started before and is started again
};
struct Story {
    explicit Story(const Scenario& of);
    const Scenario& scenario;
    Image start;
    std::vector<Op> log;
    std::vector<Ack> acks;
    std::string ending;               // totals
    // States that somebody who looks after each operation meets, and which of them it was after so many.
    std::vector<std::string> states;
    std::vector<std::size_t> visible;
    std::vector<const Deed*> deeds;

    std::string state_at(const Image& image, std::string* fault) const;
};

// After a crash that left this image when `done` operations were through: opens, checks, asks everything
// again, checks once more. `life` as in Venue.
std::string judge(const Story& story, const Image& image, std::size_t done, std::uint64_t life = 20);

}  // namespace obol::crash
