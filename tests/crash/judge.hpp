#pragma once
// What must be true of a venue after anything at all. Each function says in words what is not; empty: all
// is well.

#include <string>
#include <vector>

#include "tests/crash/venue.hpp"

namespace obol::crash {

// The rows of a query, a line each.
std::string lines_of(sql::Db& db, const std::string& sql);
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
    // States are compared row by row; not where some of a group may have been done without the others.
    bool exact = true;
    std::optional<Deed> after{};         // what must go afterwards; unset: a top-up
    bool stopped = false;                // nothing goes afterwards: the device is stopped for good
    // In which life it is judged: another one draws other ids. Where a start writes entries of its own, that
    // of the story, so that the same start leaves the same state.
    std::uint64_t next_life = 20;
    bool shares_commits = false;     // the deeds of a group are done by one commit
    bool about_checkpoints = false;  // only those with a checkpoint are tried under faults
    std::function<std::string(Facts&)> keeps{};  // what each state must have beside what all must
};
inline constexpr std::uint64_t story_life = 10;
struct Story {
    explicit Story(const Scenario& of);
    const Scenario& scenario;
    Image start;
    std::vector<Op> log;
    std::vector<Ack> acks;
    std::vector<std::size_t> group_ends;  // operations on the disk until each group was answered
    std::string ending;               // totals
    // States that somebody who looks after each operation meets, and which of them it was after so many.
    std::vector<std::string> states;
    std::vector<std::size_t> visible;
    std::vector<const Deed*> deeds;

    std::string state_at(const Image& image, std::string* fault) const;

private:
    void check_answers() const;
};

// What was answered, by place in story.deeds, and between which states it must therefore be.
struct Expected {
    std::vector<const Told*> acked;
    std::size_t least = 0, most = 0;
};
Expected expected(const Story& story, std::size_t done);  // after so many operations of the story

// After something that left this image: opens, checks, asks everything again, checks once more. `life` as
// in Venue; unset: the scenario's.
std::string judge(const Story& story, const Image& image, const Expected& expected,
                  std::optional<std::uint64_t> life = std::nullopt);
// The same of a venue that is open.
std::string judge_open(const Story& story, Venue& venue, const Expected& expected, std::uint64_t life,
                       std::vector<Told>* heard = nullptr);

}  // namespace obol::crash
