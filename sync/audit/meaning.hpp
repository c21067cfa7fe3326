#pragma once
// What an entry's detail says must follow from it: its postings, the authority it moves, its row in
// the index of operations. Written from the format's text, beside and not after the writer's code.

#include <optional>

#include "sync/audit/body.hpp"

namespace obol::audit {

// The sums that the detail asks for; nothing for a kind that this auditor does not know.
std::optional<Nets> wanted_nets(const Body& body);

struct Line {
    std::string subject, currency;
    std::int64_t amount = 0;
};
std::vector<Line> lines_of(const Body& body);

// What the entry spent without authority, by subject.
std::map<std::string, Line> risks_of(const Body& body);
std::string wallet_at_risk(const Body& body);  // who paid so, or got what a pass was worth

// What the entry does to what its device holds: its postings on subjects but for what it spent without
// authority, plus taken, minus returned.
std::map<std::string, Line> held_moves(const Body& body);
std::map<std::string, Line> held_moves(const std::vector<Posting>& postings);

// The row of `operation` at the agent.
struct Operation {
    std::string ref, terminal;
    std::optional<std::string> purchase{}, receipt{}, ticket{}, wallet{};
    std::optional<std::int64_t> total{};
};
std::optional<Operation> operation_of(const Body& body);

// Kinds that only a call with an idempotency key makes; each of them has one stored answer.
bool has_answer(const Body& body);
// What its answer calls the thing.
std::string id_of(const Body& body);

}  // namespace obol::audit
