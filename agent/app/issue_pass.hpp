#pragma once
// POST /v1/passes/issue: an electronic pass is made and booked at the centre, so it needs the link.

#include "agent/app/context.hpp"

namespace obol::agent {

struct IssueInput {
    PlanId plan{};
    std::optional<Money> amount{};
    std::string tender{};
    std::optional<ContactId> contact{};
    bool print = false;  // a slip with code and PIN, at the terminal's printer
};
awaitable<Answer> issue_pass(Context& context, Caller caller, Idempotency once, IssueInput input);

}  // namespace obol::agent
