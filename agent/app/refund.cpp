#include "agent/app/refund.hpp"

#include "agent/app/give_back.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {
namespace {

void read_lines(wire::ObjectReader& reader, std::vector<RefundLine>& lines, wire::JsonFaults& faults) {
    reader.required_array("lines", 1, most_lines, [&](const wire::Json& each, const std::string& at) {
        wire::ObjectReader line(each, at, faults);
        RefundLine wanted;
        wanted.line = LineId{line.required_id("line")};
        wanted.amount = Amount{line.required_integer("amount", 1, largest_amount)};
        line.done();
        for (const RefundLine& other : lines) {
            if (other.line == wanted.line && !wanted.line.empty()) {
                faults.push_back({at + "/line", "is named twice"});
            }
        }
        lines.push_back(std::move(wanted));
    });
}

// Whoever refunds into a wallet that asks for a PIN must open it; other wallets need no second proof,
// since the money can only go back to where it came from. nullopt: proved.
awaitable<std::optional<Answer>> prove_wallet(Context& context, Caller caller, WalletId paid_by,
                                              std::optional<WalletRef> given) {
    const std::optional<WalletRow> row = context.store.facts().wallet(paid_by);
    const bool asks_for_pin = row && (row->pin_pass || !row->pin_verifier.empty());
    if (!given && !asks_for_pin) co_return std::nullopt;
    WalletRef ref{WalletRef::By::id, paid_by.text, {}};
    if (given) ref = std::move(*given);
    const FoundWallet found = co_await find_wallet(context, caller, std::move(ref));
    if (std::optional<Answer> no = refused(found, caller)) co_return no;
    if (found.row && found.row->wallet.id == paid_by) co_return std::nullopt;
    Reason other = because(Code::wallet_unknown);
    other.detail = "That wallet did not pay for this purchase.";
    co_return refusal({std::move(other)}, caller.language);
}

std::vector<Reason> no_objections(Facts&, const Bought&, Instant) { return {}; }

}  // namespace

RefundOrder read_refund_order(const wire::Json& body, wire::JsonFaults& faults) {
    RefundOrder order;
    wire::ObjectReader reader(body, "", faults);
    const bool by_line = reader.has("lines"), by_amount = reader.has("amount");
    if (by_line == by_amount) {
        reader.fault("", by_line ? "names lines and an amount; only one may stand"
                                 : "must name lines or an amount");
        reader.optional("lines");
        reader.optional("amount");
    } else if (by_line) {
        read_lines(reader, order.request.lines, faults);
    } else {
        order.request.amount = Amount{reader.required_integer("amount", 1, largest_amount)};
    }
    if (const wire::Json* wallet = reader.optional("wallet")) {
        order.wallet = read_wallet_ref(*wallet, reader.pointer_of("wallet"), faults, false);
    }
    reader.done();
    return order;
}

awaitable<Answer> refund(Context& context, Caller caller, Idempotency once, PurchaseId purchase,
                         RefundOrder order) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* early = std::get_if<Answer>(&entered)) co_return *early;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::optional<journal::Purchase> bought = context.store.facts().purchase(purchase);
    if (!bought) {
        std::optional<Answer> not_brought = co_await bring_purchase(context, caller, purchase);
        if (not_brought) co_return co_await context.once.keep(ticket, *not_brought);
        bought = context.store.facts().purchase(purchase);
    }
    WalletId paid_by = bought->wallet;
    std::optional<Answer> unproved = co_await prove_wallet(context, caller, paid_by, order.wallet);
    if (unproved) co_return co_await context.once.keep(ticket, *unproved);
    const Acquired acquired = co_await acquire_right(context, caller, purchase);
    const GiveBack what{order.request, false};
    std::function<Answer(WriteTxn&)> job = [&context, &caller, &purchase, &what](WriteTxn& txn) {
        return give_back(txn, context, caller, purchase, what, no_objections);
    };
    co_return co_await context.once.commit(ticket, std::move(job), gives_back);
}

}  // namespace obol::agent
