#include "agent/app/issue_pass.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/print_receipt.hpp"
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

// What is to print the slip; the slip itself waits in memory alone. Forgotten unless its job has committed.
class SlipToPrint {
public:
    SlipToPrint(Context& context, const Caller& caller, const Plan& plan, const wire::IssueAnswer& issued)
        : context_(context), printer_(context.devices->printer_for(caller.terminal.text)) {
        if (printer_ == nullptr) return;
        job_.id = make_uuid7(context.wall.now(), context.random);
        job_.printer = printer_->setting.name;
        job_.what = "slip";
        job_.terminal = caller.terminal.text;
        const std::string& own = printer_->setting.language;
        context.printing->remember_slip(job_.id, slip_document(slip_of(caller, plan, issued), own.empty() ? caller.language : own));
    }
    ~SlipToPrint() {
        if (printer_ != nullptr && !committed_) context_.printing->forget_slip(job_.id);
    }
    SlipToPrint(const SlipToPrint&) = delete;
    SlipToPrint& operator=(const SlipToPrint&) = delete;

    // What the answer says of it.
    Words add(WriteTxn& txn, const std::string& receipt) {
        Words words;
        Fault why{"device_unknown", "the terminal has no printer"};
        if (printer_ != nullptr) {
            job_.receipt = receipt;
            const Result<PrintJob> added = add_print_job(txn, job_);
            added_ = added.has_value();
            if (added_) return print_job_in_words(*added);
            why = added.error();
        }
        words["state"] = "failed";
        words["why"] = why.code;
        words["detail"] = why.detail + "; code and PIN are in this answer alone";
        return words;
    }
    void commit() {
        committed_ = added_;
        if (committed_) context_.printing->look();
    }

private:
    Slip slip_of(const Caller& caller, const Plan& plan, const wire::IssueAnswer& issued) {
        Facts& facts = context_.store.facts();
        const std::optional<Business> business = facts.business(context_.here.business);
        const std::optional<Venue> venue = facts.venue(context_.here.venue);
        Slip slip;
        slip.type = plan.type;
        slip.code = issued.code.reveal();
        if (issued.pin) slip.pin = issued.pin->reveal();
        slip.value = issued.value;
        slip.redeem_by = issued.redeem_by;
        slip.business = business ? business->name : context_.here.business.text;
        slip.venue = venue ? venue->name : context_.here.venue.text;
        slip.zone = context_.here.zone;
        slip.terminal = caller.terminal;
        slip.at = context_.wall.now();
        return slip;
    }

    Context& context_;
    DeviceSet::Printer* printer_;
    PrintJob job_{};
    bool added_ = false, committed_ = false;
};

// The receipt's entry; the centre has made the pass and booked its money already.
Answer issue_in(WriteTxn& txn, const Here& here, const Caller& caller, const Plan& plan, const IssueInput& input,
                const wire::IssueAnswer& issued, SlipToPrint* slip) {
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
    if (slip != nullptr) words["print_job"] = slip->add(txn, record.receipt);
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
    std::optional<SlipToPrint> slip;
    if (input.print) slip.emplace(context, caller, *plan, *issued);
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return issue_in(txn, context.here, caller, *plan, input, *issued, slip ? &*slip : nullptr);
    };
    Answer out = co_await context.once.commit(ticket, std::move(job));
    if (slip && out.status == 201 && !out.replayed) slip->commit();
    co_return out;
}

}  // namespace obol::agent
