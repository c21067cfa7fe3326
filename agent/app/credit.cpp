#include "agent/app/credit.hpp"

#include <nlohmann/json.hpp>

#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

Zone zone_of(Facts& facts, const BusinessId& business) {
    const std::optional<Business> known = facts.business(business);
    ENSURE(known.has_value());  // a plan or pool of a business comes with the business
    const Result<Zone> zone = Zone::find(known->zone);
    ENSURE(zone.has_value());
    return *zone;
}

}  // namespace

journal::Credit credit_into(Facts& facts, const WalletId& wallet, const BusinessId& business, Money money,
                            const std::optional<Pool>& pool, std::string_view source, LotId new_lot, Instant now) {
    journal::Credit credit;
    credit.wallet = wallet;
    credit.business = business;
    credit.money = money;
    if (!pool) return credit;
    Lot lot;
    lot.id = std::move(new_lot);
    lot.wallet = wallet;
    lot.business = business;
    lot.pool = pool->id;
    lot.currency = money.currency;
    lot.valid = resolve(pool->validity, now, zone_of(facts, business));
    lot.credited_at = now;
    lot.source = source;
    credit.pocket = Pocket::commerce;
    credit.lot = std::move(lot);
    return credit;
}

bool clock_stands_against(Facts& facts, const PassRow& row) {
    if (facts.clock_trusted()) return false;
    if (bound_in_time(row.pass, row.plan)) return true;
    const std::optional<Pool> pool = row.plan.pool ? facts.pool(*row.plan.pool) : std::nullopt;
    return pool && bound_in_time(pool->validity);
}

Risk risk_of(const Caller& caller, bool online) { return {!online, caller.role == Role::manager}; }

AllowanceFacts allowance_for(Facts& facts, const Here& here, const WalletId& wallet, Currency currency, const Risk& risk,
                             Instant now) {
    if (!risk.cut_off) return {};
    const std::optional<Business> business = facts.business(here.business);
    if (!business || business->currency != currency) return {};
    return facts.allowance_facts(here.venue, here.business, wallet, risk.manager, now);
}

RedeemPlan plan_redeem(WriteTxn& txn, const Here& here, const PassRow& row, const std::optional<Wallet>& into,
                       const Risk& risk) {
    PassRow current = row;
    if (const auto known = txn.pass(row.pass.id); known && known->pass.state == PassState::redeemed) current = *known;

    RedeemPlan out;
    if (clock_stands_against(txn, current)) {
        out.reasons = {because(Code::clock_untrusted)};
        return out;
    }
    RedeemFacts facts;
    facts.pass = current.pass;
    facts.plan = current.plan;
    facts.business = here.business;
    facts.now = txn.now();
    facts.wallet = into;
    facts.new_wallet = !into.has_value();
    facts.held = txn.funds(pass_subject(current.pass.id)).held;
    facts.allowance = allowance_for(txn, here, into ? into->id : WalletId{}, current.plan.currency, risk, facts.now);

    out.reasons = judge_redeem(facts);
    out.record.limits = txn.limit_facts(into ? into->id : WalletId{}, here.business, LimitKind::credit, facts.now);
    for (Reason& reason : judge_limits(out.record.limits, {current.pass.value, current.plan.currency})) {
        out.reasons.push_back(std::move(reason));
    }
    if (!out.reasons.empty()) return out;

    if (into) {
        out.wallet = *into;
    } else {
        out.wallet.id = WalletId{txn.new_id()};
        out.wallet.currency = current.plan.currency;
        out.wallet.home = here.venue;
        out.wallet.opened_by = current.pass.id;
        out.opened = journal::WalletOpened{};
        out.opened->wallet = out.wallet;
    }
    if (current.plan.pool) out.record.pool = txn.pool(*current.plan.pool);
    if (out.record.pool.has_value() != current.plan.pool.has_value()) {
        out.fault = Fault{"not_ready", "the pool " + current.plan.pool->text + " is not known here yet"};
        return out;
    }
    out.record.id = txn.new_id();
    out.record.pass = current.pass.id;
    out.record.plan = current.plan.id;
    out.record.venue = here.venue;
    out.record.value = {current.pass.value, current.plan.currency};
    out.record.at_risk = at_risk(facts);
    if (out.record.at_risk > Amount{}) out.record.allowance = facts.allowance;
    out.record.credit = credit_into(txn, out.wallet.id, current.plan.business, out.record.value, out.record.pool,
                                    "pass", LotId{txn.new_id()}, facts.now);
    return out;
}

Words credited_in_words(const journal::Credit& credit) {
    Words words;
    words["pocket"] = name_of(credit.pocket);
    if (credit.lot) words["lot"] = credit.lot->id.text;
    words["amount"] = credit.money.amount.minor;
    words["currency"] = credit.money.currency.code();
    return words;
}

}  // namespace obol::agent
