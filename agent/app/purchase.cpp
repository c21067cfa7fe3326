#include "agent/app/purchase.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/give_back.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/purchase_words.hpp"
#include "agent/app/settlement.hpp"

namespace obol::agent {
namespace {

bool was_voided(Facts& facts, const PurchaseId& id) {
    const std::vector<journal::Refund> refunds = facts.refunds_of(id);
    return std::ranges::any_of(refunds, &journal::Refund::is_void);
}

// The POS lost our answer and made a new key: same till, same ticket, same wallet, same total. A
// purchase that was voided is no first of anything.
std::optional<std::string> earlier_one(Facts& facts, const Caller& caller, const Settlement& settlement,
                                       Instant now) {
    const Basket& basket = settlement.facts.basket;
    if (basket.ticket.empty() || settlement.fresh_wallet) return std::nullopt;
    for (const Operation& each : facts.operations_with_ticket(caller.terminal.text, basket.ticket,
                                                              now - duplicate_window)) {
        const bool same = each.kind == journal::Purchase::kind && each.wallet == settlement.wallet.id.text &&
                          each.total == basket.total().minor;
        if (same && !was_voided(facts, PurchaseId{each.ref})) return each.ref;
    }
    return std::nullopt;
}

Answer duplicate_of(const std::string& first) {
    Words extra;
    extra["purchase"] = first;
    return problem_with("possible_duplicate",
                        "This terminal sold this ticket to this wallet for the same total within a day.",
                        extra);
}

Answer changed(const Settlement& settlement, bool online) {
    Words extra;
    extra["quote"] = quote_in_words(settlement, online);
    return problem_with("quote_changed", "The wallet would pay another amount than expected.", extra);
}

void append_redemptions(WriteTxn& txn, const Caller& caller, const Here& here,
                        const Settlement& settlement) {
    if (settlement.fresh_wallet) txn.append(journal::WalletOpened{settlement.wallet});
    for (const PassCredit& pass : settlement.credits) {
        journal::PassRedeemed record;
        record.id = txn.new_id();
        record.terminal = caller.terminal;
        record.pass = pass.row.pass.id;
        record.plan = pass.row.plan.id;
        record.venue = here.venue;
        record.value = pass.credit.money;
        record.credit = pass.credit;
        record.pool = pass.pool;
        record.limits = pass.limits;
        record.at_risk = pass.at_risk;
        record.allowance = pass.allowance;
        txn.append(record);
    }
}

Answer commit_purchase(WriteTxn& txn, const Caller& caller, const Here& here,
                       const PurchaseOrder& order, const Settlement& settlement, bool online) {
    append_redemptions(txn, caller, here, settlement);
    journal::Purchase record;
    record.id = PurchaseId{txn.new_id()};
    record.terminal = caller.terminal;
    record.wallet = settlement.wallet.id;
    record.request = order.spend;
    record.facts = settlement.facts;
    record.decision = settlement.decision;
    for (const PassCredit& pass : settlement.credits) record.redeemed.push_back(pass.row.pass.id);
    record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(record);

    Words words = object_of(16);
    words["id"] = record.id.text;
    add_outcome(words, record.facts, record.decision);
    words["at_risk"] = (record.decision.at_risk() + passes_at_risk(settlement.credits)).minor;
    words["online"] = online;
    words["redeemed"] = redeemed_in_words(settlement.credits);
    words["entry"] = entry_in_words(entry);
    words["wallet"] = wallet_in_words(txn, settlement.wallet, here, as_of(txn, txn.now()));
    words["receipt"] = receipt_in_words(record.receipt);
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

// The whole decision, from what is true inside the transaction. Refusals append nothing.
Answer decide_and_commit(WriteTxn& txn, const Context& context, const Caller& caller,
                         const Tender& tender, const PurchaseOrder& order, bool online) {
    const SettleAt at{txn.now(), WalletId{txn.new_id()},
                      [&txn](std::string) { return LotId{txn.new_id()}; }, risk_of(caller, online)};
    const Result<Settlement> settlement = settle(txn, context.here, tender, order, at);
    if (!settlement) return problem(settlement.error());
    if (!order.confirm_duplicate) {
        if (const auto first = earlier_one(txn, caller, *settlement, at.now)) return duplicate_of(*first);
    }
    if (!settlement->decision.accepted) return refusal(settlement->decision.reasons, caller.language);
    if (order.expected && *order.expected != settlement->decision.spent) return changed(*settlement, online);
    return commit_purchase(txn, caller, context.here, order, *settlement, online);
}

Words refund_told(const journal::Refund& refund, const std::vector<Pool>& pools) {
    Words words;
    words["id"] = refund.id;
    words["void"] = refund.is_void;
    words["refunded"] = refund.decision.refunded.minor;
    words["due_back"] = refund.decision.due_back.minor;
    words["allocations"] = allocations_in_words(refund.decision.allocations, pools);
    add_undone(words, refund.decision);
    words["receipt"] = receipt_in_words(refund.receipt);
    return words;
}

}  // namespace

awaitable<Answer> purchase(Context& context, Caller caller, Idempotency once, PurchaseOrder order) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* early = std::get_if<Answer>(&entered)) co_return *early;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Tender tender = co_await present_tender(context, caller, order);
    if (tender.refused) co_return co_await context.once.keep(ticket, *tender.refused);
    const Gathered gathered = co_await acquire_for(context, tender, order);
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return decide_and_commit(txn, context, caller, tender, order, gathered.online);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

awaitable<Answer> purchase_told(Context& context, Caller caller, PurchaseId id) {
    const bool own = context.store.facts().operation(id.text).has_value();
    const std::optional<Answer> not_brought = co_await bring_purchase(context, caller, id);
    // What is ours is told as far as it is known here; others may have given back a part meanwhile.
    if (not_brought && !own) co_return *not_brought;
    Facts& facts = context.store.facts();
    const sql::ReadTxn one_moment{facts.db()};
    const std::optional<journal::Purchase> found = facts.purchase(id);
    if (!found) co_return refusal({because(Code::purchase_unknown)}, caller.language);
    RefundFacts refund_facts{found->facts.basket, found->decision.allocations, {}, false};
    Words refunds = Words::array();
    for (const journal::Refund& refund : facts.refunds_of(id)) {
        refund_facts.before.push_back(refund.decision);
        refund_facts.voided |= refund.is_void;
        refunds.push_back(refund_told(refund, found->facts.pools));
    }
    Words refundable = Words::array();
    for (const Refundable& line : refundable_lines(refund_facts)) {
        Words each;
        each["line"] = line.line.text;
        each["amount"] = line.amount.minor;
        refundable.push_back(std::move(each));
    }
    Words words;
    words["id"] = id.text;
    words["at"] = instant_in_words(found->facts.now);
    words["terminal"] = found->terminal.text;
    add_outcome(words, found->facts, found->decision);
    words["wallet"] = Words{{"id", found->wallet.text}};
    words["basket"] = basket_in_words(found->facts.basket);
    words["refunds"] = std::move(refunds);
    words["refundable"] = std::move(refundable);
    words["voided"] = refund_facts.voided;
    words["receipt"] = receipt_in_words(found->receipt);
    if (const std::optional<Operation> operation = facts.operation(id.text)) {
        words["confirmed"] = operation->seq <= facts.acked_seq();
        // The entries of the passes that it took in stand right before it.
        const std::int64_t passes = static_cast<std::int64_t>(found->redeemed.size());
        words["at_risk"] = facts.at_risk_in(operation->seq - passes, operation->seq).minor;
        if (const auto hash = facts.hash_at(operation->seq)) words["entry"] = entry_in_words({operation->seq, *hash});
    } else if (const std::optional<Bytes> body = facts.elsewhere(id.text)) {
        words["confirmed"] = true;
        words["entry"] = entry_in_words({journal::decode_body(*body)->seq, journal::hash_of(*body)});
    }
    co_return answer(200, words);
}

}  // namespace obol::agent
