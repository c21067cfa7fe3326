#include "agent/app/check_pass.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/credit.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

awaitable<Answer> check_pass(Context& context, Caller caller, CodeAndPin input) {
    Presented presented = co_await present_code(context, caller, input.code, input.pin, PinUse::ask);
    // Every pass that exists gets 200; a PIN that is missing, wrong or locked is one of its reasons.
    if (!presented.pass || presented.fault) co_return *refused(presented, caller);

    const PassRow& row = *presented.pass;
    Facts& facts = context.store.facts();
    std::vector<Reason> reasons = presented.reasons;
    if (presented.pin_right) {
        const std::vector<Reason> state =
            clock_stands_against(facts, row)
                ? std::vector{because(Code::clock_untrusted)}
                : judge_state(row.pass, row.plan, context.here.business, context.wall.now());
        reasons.insert(reasons.end(), state.begin(), state.end());
        const auto held = [&] { return facts.funds(pass_subject(row.pass.id)).held >= row.pass.value; };
        if (reasons.empty() && !context.link.up() && !held()) reasons.push_back(because(Code::authority_elsewhere));
        sort_by_precedence(reasons);
    }
    Words words = object_of(4);
    words["pass"] = pass_in_words(facts, row, presented.pin_right, context.wall.now());
    words["redeemable"] = reasons.empty();
    words["reasons"] = reasons_in_words(reasons);
    if (!reasons.empty()) words["customer_text"] = customer_text(reasons.front().code, caller.language);
    co_return answer(200, words);
}

}  // namespace obol::agent
