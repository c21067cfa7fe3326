#include "agent/app/give_back.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/purchase_words.hpp"

namespace obol::agent {
namespace {

// Lots that expired since the purchase come back with the business's grace period; otherwise the refund
// would give money that nobody can spend.
std::vector<Lot> lots_to_revive(Facts& facts, const WalletId& wallet, const RefundDecision& decision,
                                const Business& business, const Zone& zone, Instant now) {
    std::vector<Lot> revived_lots;
    const std::vector<Lot> lots = facts.lots_of(wallet);
    for (const PaidFrom& to : decision.allocations) {
        if (to.pocket != Pocket::commerce) continue;
        const auto lot = std::ranges::find(lots, to.lot, &Lot::id);
        // While the clock is not trusted a lot may have ended all the same, so it gets the grace too.
        const bool lasts = lot != lots.end() && (!lot->valid.until || *lot->valid.until > now);
        if (lot == lots.end() || !lot->valid.until || (lasts && facts.clock_trusted())) continue;
        Lot back = *lot;
        back.valid = revived(lot->valid, std::max(now, *lot->valid.until), business.refund_grace, zone);
        revived_lots.push_back(std::move(back));
    }
    return revived_lots;
}

bool needs_manager(const Caller& caller, const Business& business, const RefundDecision& decision) {
    return business.manager_above && caller.role != Role::manager &&
           decision.refunded + decision.due_back > *business.manager_above;
}

Wallet wallet_of(Facts& facts, const Bought& bought) {
    if (const std::optional<WalletRow> row = facts.wallet(bought.purchase.wallet)) return row->wallet;
    Wallet wallet;  // gone from the cache since; its money is still told
    wallet.id = bought.purchase.wallet;
    wallet.currency = bought.purchase.facts.basket.currency;
    return wallet;
}

Answer worded(WriteTxn& txn, const Here& here, const Bought& bought, const journal::Refund& record,
              const Appended& entry) {
    Words words;
    words["id"] = record.id;
    words["purchase"] = record.purchase.text;
    words["void"] = record.is_void;
    words["currency"] = record.currency.code();
    words["refunded"] = record.decision.refunded.minor;
    words["due_back"] = record.decision.due_back.minor;
    words["allocations"] = allocations_in_words(record.decision.allocations, bought.purchase.facts.pools);
    add_undone(words, record.decision);
    words["entry"] = entry_in_words(entry);
    words["wallet"] = wallet_in_words(txn, wallet_of(txn, bought), here, as_of(txn, txn.now()));
    words["receipt"] = receipt_in_words(record.receipt);
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

// Where nothing was awarded, neither the pocket nor the policy decides anything.
void load_awards(Facts& facts, Bought& bought) {
    if (bought.purchase.decision.awards.empty()) return;
    const BusinessId& at = bought.purchase.facts.place.business;
    bought.facts.awards = facts.awards_of(bought.purchase);
    bought.facts.business = facts.funds(business_subject(bought.purchase.wallet, at));
    if (const std::optional<Business> business = facts.business(at)) {
        bought.facts.award_undo = business->award_undo;
    }
}

journal::Refund record_of(WriteTxn& txn, const Context& context, const Caller& caller, const Bought& bought,
                          const GiveBack& what, RefundDecision decision) {
    journal::Refund record;
    record.id = txn.new_id();
    record.terminal = caller.terminal;
    record.purchase = bought.purchase.id;
    record.wallet = bought.purchase.wallet;
    record.venue = context.here.venue;
    record.business = bought.purchase.facts.place.business;
    record.currency = bought.purchase.facts.basket.currency;
    record.request = what.request;
    record.facts = bought.facts;
    record.decision = std::move(decision);
    record.is_void = what.is_void;
    return record;
}

}  // namespace

std::optional<Bought> load_bought(Facts& facts, const PurchaseId& id) {
    std::optional<journal::Purchase> purchase = facts.purchase(id);
    if (!purchase) return std::nullopt;
    Bought bought{std::move(*purchase), {}};
    bought.facts.basket = bought.purchase.facts.basket;
    bought.facts.paid = bought.purchase.decision.allocations;
    for (const journal::Refund& refund : facts.refunds_of(id)) {
        bought.facts.before.push_back(refund.decision);
        bought.facts.voided |= refund.is_void;
    }
    load_awards(facts, bought);
    return bought;
}

Answer not_bought_here(const Context& context, const Caller& caller) {
    Reason why = because(context.link.up() ? Code::purchase_unknown : Code::link_required);
    return refusal({std::move(why)}, caller.language);
}

bool may_have_changed_elsewhere(Facts& facts, const PurchaseId& id) {
    const std::optional<Bought> bought = load_bought(facts, id);
    if (!bought || facts.right_was_away(id)) return true;
    return !bought->facts.voided && facts.funds(right_subject(id)).held.minor < 1;
}

awaitable<std::optional<Answer>> bring_purchase(Context& context, Caller caller, PurchaseId purchase) {
    if (!may_have_changed_elsewhere(context.store.facts(), purchase)) co_return std::nullopt;
    wire::PurchaseAsk ask{purchase};
    const Result<wire::PurchaseAnswer> told = co_await context.link.purchase(std::move(ask));
    if (!told) co_return refusal({because(Code::link_required)}, caller.language);
    if (!told->purchase) {
        // One of our own that the centre has not booked yet is known nowhere else either.
        if (context.store.facts().purchase(purchase)) co_return std::nullopt;
        co_return refusal({because(Code::purchase_unknown)}, caller.language);
    }
    std::function<Result<bool>(WriteTxn&)> job = [&purchase, &told](WriteTxn& txn) -> Result<bool> {
        const Result<void> kept = txn.keep_elsewhere(purchase, *told);
        if (!kept) return kept.error();
        return true;
    };
    const Result<bool> kept = co_await context.store.write<bool>(std::move(job));
    if (!kept && kept.error().code == "malformed_message") {
        co_return refusal({because(Code::link_required)}, caller.language);
    }
    if (!kept) co_return problem(kept.error());
    co_return std::nullopt;
}

awaitable<Acquired> acquire_right(Context& context, Caller caller, PurchaseId purchase) {
    const Subject right = right_subject(purchase);
    // What others did with the right comes first: a void has ended it.
    if (context.link.up()) co_await bring_purchase(context, caller, purchase);
    Facts& facts = context.store.facts();
    const std::optional<Bought> bought = load_bought(facts, purchase);
    // A void has ended the right: nobody has it to give, and the refusal need not wait for it.
    if (!context.link.up() || !bought || bought->facts.voided) co_return Acquired{};
    const bool lacks_right = facts.funds(right).held.minor < 1;
    std::vector<Want> wants = award_authority_wanted(bought->facts, bought->purchase.wallet,
                                                     bought->purchase.facts.place.business, lacks_right);
    if (lacks_right) wants.push_back({right, Amount{1}, true});
    if (wants.empty()) co_return Acquired{};
    const Currency currency = bought->purchase.facts.basket.currency;
    Acquired out = co_await context.acquire.want(std::move(wants), currency);
    // Who had it before has reported all that it did with it: the right came back behind that.
    if (context.store.facts().right_was_away(purchase)) co_await bring_purchase(context, caller, purchase);
    co_return out;
}

LocalDate business_day(Instant at, const Business& business, const Zone& zone) {
    return business_day_of(at, {zone, business.cutoff_minute});
}

Answer give_back(WriteTxn& txn, const Context& context, const Caller& caller, const PurchaseId& id,
                 const GiveBack& what, const Objections& objections) {
    const std::optional<Bought> bought = load_bought(txn, id);
    if (!bought) return not_bought_here(context, caller);
    const std::optional<Business> business = txn.business(bought->purchase.facts.place.business);
    if (!business) return problem("not_ready", "the business of the purchase is not known here yet");
    const Result<Zone> zone = Zone::find(business->zone);
    if (!zone) return problem("not_ready", "the zone " + business->zone + " is not known here");

    // The link went in the midst of it: what others gave back is not known.
    if (txn.right_was_away(id)) return refusal({because(Code::link_required)}, caller.language);
    RefundDecision decision = decide_refund(bought->facts, what.request);
    std::vector<Reason> reasons = objections(txn, *bought, txn.now());
    for (const Reason& reason : decision.reasons) {
        if (!std::ranges::count(reasons, reason.code, &Reason::code)) reasons.push_back(reason);
    }
    if (txn.funds(right_subject(id)).held.minor < 1 && !bought->facts.voided) {
        Reason elsewhere = because(Code::authority_elsewhere);
        elsewhere.detail = "The right to refund this purchase is not here.";
        reasons.push_back(std::move(elsewhere));
    }
    if (!reasons.empty()) return refusal(std::move(reasons), caller.language);
    if (needs_manager(caller, *business, decision)) {
        return problem("forbidden", "an amount as high as this needs a manager");
    }
    journal::Refund record = record_of(txn, context, caller, *bought, what, std::move(decision));
    record.revived = lots_to_revive(txn, record.wallet, record.decision, *business, *zone, txn.now());
    record.receipt = txn.next_receipt_number();
    const Appended entry = txn.append(record);
    return worded(txn, context.here, *bought, record, entry);
}

}  // namespace obol::agent
