#include "agent/app/redeem_pass.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/credit.hpp"
#include "agent/app/idempotent.hpp"

namespace obol::agent {

awaitable<Acquired> acquire_pass(Context& context, PassRow row) {
    if (row.pass.state != PassState::active) co_return Acquired{};
    const Subject subject = pass_subject(row.pass.id);
    if (context.store.facts().funds(subject).held >= row.pass.value) co_return Acquired{};
    std::vector<Want> wants(1);
    wants[0].subject = subject;
    wants[0].amount = row.pass.value;
    co_return co_await context.acquire.want(std::move(wants), row.plan.currency);
}

namespace {

Answer redeem_in(WriteTxn& txn, const Here& here, const Caller& caller, const PassRow& row,
                 const std::optional<WalletId>& into, const Risk& risk) {
    std::optional<Wallet> wallet;
    if (into) {
        const std::optional<WalletRow> found = txn.wallet(*into);
        if (!found) return refusal({because(Code::wallet_unknown)}, caller.language);
        wallet = found->wallet;
    }
    RedeemPlan plan = plan_redeem(txn, here, row, wallet, risk);
    if (plan.fault) return problem(*plan.fault);
    if (!plan.reasons.empty()) return refusal(plan.reasons, caller.language);

    if (plan.opened) txn.append(*plan.opened);
    plan.record.terminal = caller.terminal;
    plan.record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(plan.record);

    Words words;
    words["id"] = plan.record.id;
    words["entry"] = entry_in_words(entry);
    words["credited"] = credited_in_words(plan.record.credit);
    words["wallet"] = wallet_in_words(txn, plan.wallet, here, as_of(txn, txn.now()));
    words["receipt"] = receipt_in_words(plan.record.receipt);
    words["at_risk"] = plan.record.at_risk.minor;
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

}  // namespace

awaitable<Answer> redeem_pass(Context& context, Caller caller, Idempotency once, RedeemInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Presented presented = co_await present_code(context, caller, input.pass.code, input.pass.pin, PinUse::ask);
    if (const auto no = refused(presented, caller)) co_return co_await context.once.keep(ticket, *no);

    FoundWallet found = co_await find_wallet(context, caller, input.wallet);
    if (const auto no = refused(found, caller)) co_return co_await context.once.keep(ticket, *no);
    std::optional<WalletId> into;
    if (found.row) into = found.row->wallet.id;

    const Acquired acquired = co_await acquire_pass(context, *presented.pass);
    const Risk risk = risk_of(caller, context.link.up());

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return redeem_in(txn, context.here, caller, *presented.pass, into, risk);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
