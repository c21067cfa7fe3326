#pragma once
// POST /v1/passes/issue: an electronic pass is made and booked at the centre, so it needs the link.

#include "agent/app/context.hpp"

namespace obol::agent {

struct IssueInput {
    PlanId plan{};
    std::optional<Money> amount{};
    std::string tender{};
    std::optional<ContactId> contact{};
};
awaitable<Answer> issue_pass(Context& context, Caller caller, Idempotency once, IssueInput input);

}  // namespace obol::agent
