#include "agent/app/top_up.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/credit.hpp"
#include "agent/app/idempotent.hpp"
#include "sync/domain/bounds.hpp"

namespace obol::agent {

namespace {

std::vector<Reason> judge_top_up(const Wallet& wallet, const TopUpInput& input, const std::optional<Pool>& pool,
                                 const Here& here) {
    std::vector<Reason> reasons;
    const bool named = input.amount.currency != Currency::none();
    if (named && input.amount.currency != wallet.currency) reasons.push_back(because(Code::wrong_currency));
    if (wallet.blocked) reasons.push_back(because(Code::wallet_blocked));
    if (pool && pool->business != here.business) reasons.push_back(because(Code::wrong_business));
    return reasons;
}

Answer top_up_in(WriteTxn& txn, const Here& here, const Caller& caller, const TopUpInput& input) {
    const std::optional<WalletRow> row = txn.wallet(input.wallet);
    if (!row) return refusal({because(Code::wallet_unknown)}, caller.language);
    const std::optional<Pool> pool = input.pool ? txn.pool(*input.pool) : std::nullopt;
    if (input.pool && !pool) {
        const wire::JsonFaults faults{{"/pool", "there is no such pool"}};
        return malformed(faults);
    }
    if (!txn.clock_trusted() && pool && bound_in_time(pool->validity)) {
        return refusal({because(Code::clock_untrusted)}, caller.language);
    }
    std::vector<Reason> reasons = judge_top_up(row->wallet, input, pool, here);
    const Funds pocket = txn.funds(business_subject(row->wallet.id, here.business));
    if (!pool && pocket.shown.minor > largest_pocket - input.amount.amount.minor) {
        reasons.push_back(because(Code::above_maximum));
    }
    const Money money{input.amount.amount, row->wallet.currency};
    journal::TopUp record;
    record.limits = txn.limit_facts(row->wallet.id, here.business, LimitKind::top_up, txn.now());
    for (Reason& reason : judge_limits(record.limits, money)) reasons.push_back(std::move(reason));
    if (!reasons.empty()) return refusal(reasons, caller.language);

    record.id = txn.new_id();
    record.terminal = caller.terminal;
    record.venue = here.venue;
    record.credit = credit_into(txn, row->wallet.id, here.business, money, pool, "top_up", LotId{txn.new_id()},
                                txn.now());
    record.pool = pool;
    record.tender = input.tender;
    record.ticket = input.ticket;
    record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(record);

    Words words;
    words["id"] = record.id;
    words["entry"] = entry_in_words(entry);
    words["credited"] = credited_in_words(record.credit);
    words["wallet"] = wallet_in_words(txn, row->wallet, here, as_of(txn, txn.now()));
    words["receipt"] = receipt_in_words(record.receipt);
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

}  // namespace

awaitable<Answer> top_up(Context& context, Caller caller, Idempotency once, TopUpInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return top_up_in(txn, context.here, caller, input);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
