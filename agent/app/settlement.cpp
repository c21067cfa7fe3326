#include "agent/app/settlement.hpp"

#include <algorithm>
#include <set>

namespace obol::agent {
namespace {

void append(std::vector<Reason>& to, const std::vector<Reason>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

bool is_about_authority(const Reason& reason) { return reason.code == Code::authority_elsewhere; }

// The pass as it is now: what the customer presented may have been redeemed here since.
PassRow current(Facts& facts, const PassRow& presented) {
    const std::optional<PassRow> row = facts.pass(presented.pass.id);
    return row && row->pass.state == PassState::redeemed ? *row : presented;
}

// Fault not_ready: the pass came before its pool.
Result<PassCredit> credit_of(Facts& facts, const PassRow& row, const WalletId& wallet, const SettleAt& at) {
    const std::optional<Pool> pool = row.plan.pool ? facts.pool(*row.plan.pool) : std::nullopt;
    if (row.plan.pool && !pool) {
        return Fault{"not_ready", "the pool " + row.plan.pool->text + " is not known here yet"};
    }
    const Money money{row.pass.value, row.plan.currency};
    const journal::Credit credit = credit_into(facts, wallet, row.plan.business, money, pool, "pass",
                                               at.name_lot(row.pass.id), at.now);
    return PassCredit{row, credit, pool};
}

struct JudgedPasses {
    std::vector<PassRow> rows{};
    std::vector<Reason> reasons{};
    std::vector<Want> wants{};
};

JudgedPasses judge_passes(Facts& facts, const Here& here, const Tender& tender, const Wallet& wallet,
                          Instant now) {
    JudgedPasses out;
    std::set<PassId> seen;
    for (const PassRow& presented : tender.passes) {
        const PassRow row = current(facts, presented);
        RedeemFacts redeem;
        redeem.pass = row.pass;
        redeem.plan = row.plan;
        redeem.business = here.business;
        redeem.now = now;
        redeem.new_wallet = !tender.wallet;
        if (tender.wallet) redeem.wallet = wallet;
        redeem.held = facts.funds(pass_subject(row.pass.id)).held;
        // The same pass twice: the second finds it redeemed.
        if (!seen.insert(row.pass.id).second) redeem.pass.state = PassState::redeemed;
        append(out.reasons, judge_redeem(redeem));
        if (!tender.wallet && row.plan.currency != wallet.currency) {
            out.reasons.push_back(because(Code::wrong_currency));
        }
        if (redeem.pass.state == PassState::active && redeem.held < row.pass.value) {
            out.wants.push_back({pass_subject(row.pass.id), row.pass.value - redeem.held});
        }
        out.rows.push_back(row);
    }
    return out;
}

// The facts as the redeemed passes leave them: what a pass is worth is held here from the first moment.
void add_credit(PurchaseFacts& facts, const PassCredit& pass) {
    const Amount value = pass.credit.money.amount;
    if (!pass.credit.lot) {
        facts.business.shown += value;
        facts.business.held += value;
        return;
    }
    facts.lots.push_back({*pass.credit.lot, {value, value}, pass.row.pass.id.text});
    const bool known = std::ranges::any_of(
        facts.pools, [&](const Pool& pool) { return pool.id == pass.pool->id; });
    if (!known) facts.pools.push_back(*pass.pool);
}

Wallet wallet_of(const Tender& tender, const Here& here, const WalletId& fresh, Currency currency) {
    if (tender.wallet) return tender.wallet->wallet;
    Wallet wallet;
    wallet.id = fresh;
    wallet.currency = currency;
    wallet.home = here.venue;
    if (!tender.passes.empty()) wallet.opened_by = tender.passes.front().pass.id;
    return wallet;
}

// All that stands against it beside the money itself.
std::vector<Reason> judge_parties(const Wallet& wallet, const Business& business, const Basket& basket) {
    std::vector<Reason> reasons;
    if (basket.currency != business.currency || basket.currency != wallet.currency) {
        Reason reason = because(Code::wrong_currency);
        reason.detail = "The basket is in " + std::string(basket.currency.code()) + ", the " +
                        (basket.currency != business.currency
                             ? "business in " + std::string(business.currency.code())
                             : "wallet in " + std::string(wallet.currency.code())) + ".";
        reasons.push_back(std::move(reason));
    }
    if (wallet.blocked) reasons.push_back(because(Code::wallet_blocked));
    return reasons;
}

void refuse(PurchaseDecision& decision, std::vector<Reason> reasons) {
    append(reasons, decision.reasons);
    sort_by_precedence(reasons);
    decision.accepted = false;
    decision.reasons = std::move(reasons);
    decision.spent = Amount{};
    decision.due = decision.basket_total;
    decision.allocations.clear();
}

}  // namespace

Result<Settlement> settle(Facts& facts, const Here& here, const Tender& tender,
                          const PurchaseOrder& order, const SettleAt& at) {
    const sql::ReadTxn one_moment{facts.db()};
    const std::optional<Business> business = facts.business(here.business);
    if (!business) return Fault{"not_ready", "the venue's own business is not known here yet"};
    Settlement out;
    out.fresh_wallet = !tender.wallet;
    out.wallet = wallet_of(tender, here, at.fresh_wallet, order.basket.currency);
    JudgedPasses passes = judge_passes(facts, here, tender, out.wallet, at.now);
    std::vector<Reason> against = judge_parties(out.wallet, *business, order.basket);
    append(against, passes.reasons);
    append(against, tender.promotions);

    out.facts = facts.purchase_facts(out.wallet.id, {here.venue, here.business}, here.zone);
    out.facts.now = at.now;
    out.facts.basket = order.basket;
    complete_from_catalogue(out.facts.basket, facts, here.business);
    // Passes that want nothing but authority count as redeemed for the question of what to acquire.
    if (std::ranges::all_of(passes.reasons, is_about_authority)) {
        for (const PassRow& row : passes.rows) {
            Result<PassCredit> credit = credit_of(facts, row, out.wallet.id, at);
            if (!credit) return credit.error();
            add_credit(out.facts, *credit);
            out.credits.push_back(std::move(*credit));
        }
    }
    out.decision = decide_purchase(out.facts, order.spend);
    // Nothing is asked for where more authority would not help.
    if (std::ranges::all_of(against, is_about_authority)) {
        out.wants = authority_wanted(out.facts, order.spend, out.wallet.id);
        out.wants.insert(out.wants.begin(), passes.wants.begin(), passes.wants.end());
    }
    if (!against.empty()) refuse(out.decision, std::move(against));
    return out;
}

Result<Settlement> settle_for_quote(Facts& facts, const Here& here, const Tender& tender,
                                    const PurchaseOrder& order, Instant now) {
    const SettleAt at{now, WalletId{"new"}, [](const PassId& pass) { return LotId{"pass:" + pass.text}; }};
    return settle(facts, here, tender, order, at);
}

// What the centre shows may be old: another venue has spent it meanwhile. Then less is granted, and with
// the page that says so another lot may do. Each round is an entry, so there are few.
awaitable<Gathered> acquire_for(Context& context, const Tender& tender, const PurchaseOrder& order) {
    constexpr int most_rounds = 4;
    Gathered out;
    auto lacking = [&context, &tender, &order] {
        const Result<Settlement> now = settle_for_quote(context.store.facts(), context.here, tender, order,
                                                        context.wall.now());
        return now ? now->wants : std::vector<Want>{};
    };
    const Millis until = context.boot.since_boot() + context.acquire.budget();
    for (int round = 0; round < most_rounds && context.link.up(); ++round) {
        const std::vector<Want> wants = lacking();
        const Millis left = until - context.boot.since_boot();
        if (wants.empty() || left <= Millis{0}) break;
        std::vector<Want> asked = wants;
        std::function<bool()> moot = [&lacking, &wants] { return lacking() != wants; };
        Acquired got = co_await context.acquire.want(std::move(asked), order.basket.currency, left, std::move(moot));
        out.acquired.push_back(std::move(got));
    }
    out.online = context.link.up();
    co_return out;
}

}  // namespace obol::agent
