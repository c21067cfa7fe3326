#include "agent/app/issue_pass.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

namespace {

// The same call gives the same id, so the centre makes one pass however often the answer was lost.
std::string issue_id(const DeviceId& device, const Once::Ticket& ticket) {
    const std::string text = "obol-issue/1\n" + device.text + "\n" + ticket.terminal() + "\n" + ticket.key();
    const crypto::Digest digest = crypto::sha256(as_bytes(text));
    return to_hex(ByteView(digest).first(16));
}

std::vector<Reason> judge_issue(const Plan& plan, const IssueInput& input, const BusinessId& business) {
    std::vector<Reason> reasons;
    if (plan.business != business) reasons.push_back(because(Code::wrong_business));
    const Amount amount = input.amount ? input.amount->amount : plan.fixed_value() ? plan.value_min : Amount{};
    if (input.amount && input.amount->currency != Currency::none() && input.amount->currency != plan.currency) {
        reasons.push_back(because(Code::wrong_currency));
    }
    if (amount < plan.value_min) reasons.push_back(because(Code::below_minimum));
    if (amount > plan.value_max) reasons.push_back(because(Code::above_maximum));
    return reasons;
}

PassRow row_of(const wire::IssueAnswer& issued, const Plan& plan) {
    PassRow row;
    row.plan = plan;
    row.pass.id = issued.pass;
    row.pass.plan = plan.id;
    row.pass.state = PassState::active;
    row.pass.value = issued.value.amount;
    row.pass.redeem_by = issued.redeem_by;
    const Result<std::string> code = normalise_code(issued.code.reveal());
    row.pass.display = code ? display_of(*code) : "";
    return row;
}

// The centre's own refusal carries its code; whatever else went wrong is the link's.
Answer not_issued(const Fault& fault) {
    const std::size_t colon = fault.detail.find(": ");
    if (fault.code != "refused" || colon == std::string::npos) return problem(fault);
    const std::string code = fault.detail.substr(0, colon), detail = fault.detail.substr(colon + 2);
    if (code == "contact_unknown") return malformed({{"/contact", detail}});
    if (code == "plan_unknown") return malformed({{"/plan", detail}});
    if (code == "codes_exhausted" || code == "plan_complete" || code_named(code)) return problem(code, detail);
    return problem(fault);
}

// The receipt's entry; the centre has made the pass and booked its money already.
Answer issue_in(WriteTxn& txn, const Here& here, const Caller& caller, const Plan& plan, const IssueInput& input,
                const wire::IssueAnswer& issued) {
    journal::PassIssued record;
    record.terminal = caller.terminal;
    record.pass = issued.pass;
    record.plan = plan.id;
    record.venue = here.venue;
    record.value = issued.value;
    record.contact = input.contact;
    record.tender = input.tender;
    record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(record);

    Words words;
    words["id"] = issued.pass.text;
    words["entry"] = entry_in_words(entry);
    words["pass"] = pass_in_words(txn, row_of(issued, plan), true, txn.now());
    words["code"] = nullptr;
    if (issued.pin) words["pin"] = nullptr;
    words["receipt"] = receipt_in_words(record.receipt);
    std::string without_secrets = words.dump();
    words["code"] = issued.code.reveal();
    if (issued.pin) words["pin"] = issued.pin->reveal();
    Answer out = answer(201, words);
    out.stored = std::move(without_secrets);
    out.seq = entry.seq;
    return out;
}

}  // namespace

awaitable<Answer> issue_pass(Context& context, Caller caller, Idempotency once, IssueInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Facts& facts = context.store.facts();
    const std::optional<Plan> plan = facts.plan(input.plan);
    if (!plan || plan->printed || plan->state == PlanState::draft) {
        const wire::JsonFaults faults{{"/plan", "there is no electronic plan with this id"}};
        co_return malformed(faults);
    }
    const std::vector<Reason> reasons = judge_issue(*plan, input, context.here.business);
    if (!reasons.empty()) {
        Answer no = refusal(reasons, caller.language);
        co_return co_await context.once.keep(ticket, std::move(no));
    }
    wire::IssueAsk ask;
    ask.id = issue_id(context.store.device(), ticket);
    ask.plan = plan->id;
    if (input.amount) ask.amount = input.amount->amount;
    ask.tender = input.tender;
    ask.contact = input.contact;
    Result<wire::IssueAnswer> issued = co_await context.link.issue(std::move(ask));
    if (!issued) {
        Answer no = not_issued(issued.error());
        co_return co_await context.once.keep(ticket, std::move(no));
    }
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return issue_in(txn, context.here, caller, *plan, input, *issued);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
