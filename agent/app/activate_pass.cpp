#include "agent/app/activate_pass.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/redeem_pass.hpp"
#include "agent/app/words.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

std::optional<Instant> redeem_by_from_now(Facts& facts, const Plan& plan, Instant now) {
    const std::optional<Business> business = facts.business(plan.business);
    ENSURE(business.has_value());
    const Result<Zone> zone = Zone::find(business->zone);
    ENSURE(zone.has_value());
    return redeem_by_of(plan, now, *zone);
}

Answer activate_in(WriteTxn& txn, const Here& here, const Caller& caller, const PassRow& presented,
                   const ActivateInput& input) {
    const PassRow row = txn.pass(presented.pass.id).value_or(presented);
    if (!txn.clock_trusted() && bound_in_time(row.pass, row.plan)) {
        return refusal({because(Code::clock_untrusted)}, caller.language);
    }
    std::optional<Amount> amount;
    if (input.amount) amount = input.amount->amount;
    std::vector<Reason> reasons = judge_activate(row.pass, row.plan, here.business, amount, txn.now());
    if (input.amount && input.amount->currency != Currency::none() && input.amount->currency != row.plan.currency) {
        reasons.push_back(because(Code::wrong_currency));
    }
    if (row.pass.state == PassState::draft && txn.funds(draft_subject(row.pass.id)).held.minor < 1) {
        reasons.push_back(because(Code::authority_elsewhere));
    }
    if (!reasons.empty()) return refusal(reasons, caller.language);

    journal::PassActivated record;
    record.id = txn.new_id();
    record.terminal = caller.terminal;
    record.pass = row.pass.id;
    record.plan = row.plan.id;
    record.venue = here.venue;
    record.value = {amount.value_or(row.plan.value_min), row.plan.currency};
    record.redeem_by = redeem_by_from_now(txn, row.plan, txn.now());
    record.tender = input.tender;
    record.ticket = input.ticket;
    record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(record);

    PassRow sold = row;
    sold.pass.state = PassState::active;
    sold.pass.value = record.value.amount;
    sold.pass.redeem_by = record.redeem_by;
    Words words;
    words["id"] = record.id;
    words["entry"] = entry_in_words(entry);
    words["pass"] = pass_in_words(txn, sold, true, txn.now());
    words["receipt"] = receipt_in_words(record.receipt);
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

// The right to sell a draft, where another venue or the centre has it.
awaitable<Acquired> acquire_draft(Context& context, PassRow row) {
    const Subject subject = draft_subject(row.pass.id);
    std::vector<Want> wants(1);
    wants[0].subject = subject;
    const bool lacking =
        row.pass.state == PassState::draft && context.store.facts().funds(subject).held.minor < 1;
    wants[0].amount = Amount{lacking ? 1 : 0};
    co_return co_await context.acquire.want(std::move(wants), Currency::none());
}

// A sale of this venue: of a printed draft, which becomes one again, or of an electronic pass, whose
// code is out of the house and which is cancelled.
struct Sale {
    std::string id;
    PassId pass;
    PlanId plan;
    Money value;
    std::string tender;
    bool electronic = false;
};

std::optional<Sale> sale_of(Facts& facts, const std::string& id) {
    const std::optional<Operation> operation = facts.operation(id);
    const bool electronic = operation && operation->kind == journal::PassIssued::kind;
    if (!operation || !(electronic || operation->kind == journal::PassActivated::kind)) return std::nullopt;
    const std::optional<journal::Entry> entry = facts.entry(operation->seq);
    ENSURE(entry.has_value());
    const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    ENSURE(record.has_value());
    if (electronic) {
        const auto& sold = std::get<journal::PassIssued>(*record);
        return Sale{id, sold.pass, sold.plan, sold.value, sold.tender, true};
    }
    const auto& sold = std::get<journal::PassActivated>(*record);
    return Sale{id, sold.pass, sold.plan, sold.value, sold.tender, false};
}

// The pass as the cache has it; of one issued a moment ago the feed may not have told yet.
std::optional<PassRow> pass_of(Facts& facts, const Sale& sale) {
    std::optional<PassRow> row = facts.pass(sale.pass);
    const std::optional<Plan> plan = facts.plan(sale.plan);
    if (row || !sale.electronic || !plan) return row;
    row.emplace();
    row->plan = *plan;
    row->pass.id = sale.pass;
    row->pass.plan = sale.plan;
    row->pass.state = PassState::active;
    row->pass.value = sale.value.amount;
    return row;
}

std::vector<Reason> judge_void(const PassRow& row, Amount sold_for, Amount held) {
    switch (row.pass.state) {
        case PassState::active: break;
        case PassState::draft: return {because(Code::already_voided)};
        case PassState::redeemed: {
            Reason reason = because(Code::pass_redeemed);
            reason.moment = row.pass.redeemed_at;
            reason.venue = row.pass.redeemed_venue.text;
            return {reason};
        }
        case PassState::expired: return {because(Code::pass_expired)};
        case PassState::cancelled: return {because(Code::pass_cancelled)};
        case PassState::blocked: return {because(Code::pass_blocked)};
    }
    // The sale is taken back as it was made or not at all: less would leave money on a pass that nobody has, more is not there.
    // Of a value that grew, a grant may tell before the feed does; what is held of a promotion is a right, no money.
    const bool held_tells = row.plan.type != PassType::promotion && row.pass.value == sold_for;
    const Amount worth = held_tells ? std::max(held, sold_for) : row.pass.value;
    if (worth != sold_for) {
        Reason reason = because(Code::void_too_late);
        reason.detail = "The centre has changed the pass's value since it was sold; the sale stands, and the centre has to settle it.";
        reason.available = worth;
        return {reason};
    }
    if (held < sold_for) return {because(Code::authority_elsewhere)};
    return {};
}

template <class Record>
Appended append_void(WriteTxn& txn, const Here& here, const Caller& caller, const Sale& sale, Record& record) {
    record.id = txn.new_id();
    record.terminal = caller.terminal;
    record.pass = sale.pass;
    record.venue = here.venue;
    record.value = sale.value;
    record.tender = sale.tender;
    record.receipt = txn.next_receipt_number();
    return txn.append(record);
}

template <class Record>
Answer voided(WriteTxn& txn, const Here& here, const Caller& caller, const Sale& sale, PassRow row, Record record) {
    const Appended entry = append_void(txn, here, caller, sale, record);
    row.pass.state = sale.electronic ? PassState::cancelled : PassState::draft;
    Words words;
    words["id"] = record.id;
    words["activation"] = sale.id;
    words["entry"] = entry_in_words(entry);
    words["due_back"] = money_in_words(sale.value);
    words["pass"] = pass_in_words(txn, row, true, txn.now());
    words["receipt"] = receipt_in_words(record.receipt);
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

Answer void_in(WriteTxn& txn, const Here& here, const Caller& caller, const Sale& sale) {
    // A draft that was taken back and sold again belongs to the later activation.
    if (!txn.operations_of(sale.id).empty()) {
        return refusal({because(Code::already_voided)}, caller.language);
    }
    const std::optional<PassRow> row = pass_of(txn, sale);
    if (!row) return refusal({because(Code::pass_unknown)}, caller.language);
    const std::vector<Reason> reasons = judge_void(*row, sale.value.amount, txn.funds(pass_subject(sale.pass)).held);
    if (!reasons.empty()) return refusal(reasons, caller.language);

    if (sale.electronic) return voided(txn, here, caller, sale, *row, journal::IssueVoided{});
    journal::ActivationVoided record;
    record.activation = sale.id;
    return voided(txn, here, caller, sale, *row, std::move(record));
}

}  // namespace

awaitable<Answer> activate_pass(Context& context, Caller caller, Idempotency once, ActivateInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Presented presented = co_await present_code(context, caller, input.code, std::nullopt, PinUse::ignore);
    if (const auto no = refused(presented, caller)) co_return co_await context.once.keep(ticket, *no);

    const Acquired acquired = co_await acquire_draft(context, *presented.pass);
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return activate_in(txn, context.here, caller, *presented.pass, input);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

awaitable<Answer> void_activation(Context& context, Caller caller, Idempotency once, std::string activation) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Facts& facts = context.store.facts();
    const std::optional<Sale> sold = sale_of(facts, activation);
    if (!sold) co_return problem("not_found", "no sale of a pass at this venue has this id");
    const std::optional<Business> business = facts.business(context.here.business);
    if (business && business->manager_above && sold->value.amount > *business->manager_above &&
        caller.role != Role::manager) {
        co_return problem("forbidden", "a void above this amount needs a manager");
    }
    PassRow row = pass_of(facts, *sold).value_or(PassRow{});
    // What will be refused for its value is left to whoever holds it.
    std::optional<Acquired> acquired;
    if (row.pass.value == sold->value.amount) {
        Acquired got = co_await acquire_pass(context, std::move(row));
        acquired.emplace(std::move(got));
    }

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return void_in(txn, context.here, caller, *sold);
    };
    co_return co_await context.once.commit(ticket, std::move(job), gives_back);
}

}  // namespace obol::agent
