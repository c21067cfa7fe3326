#include "agent/app/settlement.hpp"

#include <algorithm>
#include <set>

namespace obol::agent {
namespace {

void append(std::vector<Reason>& to, const std::vector<Reason>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

bool is_about_authority(const Reason& reason) {
    return reason.code == Code::authority_elsewhere || reason.code == Code::allowance_exhausted;
}

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
                                               at.name_lot("pass:" + row.pass.id.text), at.now);
    return PassCredit{row, credit, pool, {}, {}, {}};
}

// A pass, and what redeeming it would put at risk by which allowance.
struct JudgedPass {
    PassRow row{};
    Amount at_risk{};
    AllowanceFacts allowance{};
};

struct JudgedPasses {
    std::vector<JudgedPass> passes{};
    AllowanceFacts allowance{};  // as the passes leave it
    std::vector<Reason> reasons{};
    std::vector<Want> wants{};
};

JudgedPasses judge_passes(Facts& facts, const Here& here, const Tender& tender, const Wallet& wallet,
                          const SettleAt& at) {
    const Instant now = at.now;
    JudgedPasses out;
    out.allowance = allowance_for(facts, here, wallet.id, wallet.currency, at.risk, now);
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
        if (row.plan.currency == wallet.currency) redeem.allowance = out.allowance;
        // The same pass twice: the second finds it redeemed.
        if (!seen.insert(row.pass.id).second) redeem.pass.state = PassState::redeemed;
        if (clock_stands_against(facts, row)) out.reasons.push_back(because(Code::clock_untrusted));
        const std::vector<Reason> against = judge_redeem(redeem);
        append(out.reasons, against);
        JudgedPass judged{row, {}, {}};
        if (against.empty() && at_risk(redeem) > Amount{}) {
            judged.at_risk = at_risk(redeem);
            judged.allowance = out.allowance;
            out.allowance = after(std::move(out.allowance), judged.at_risk);
        }
        if (!tender.wallet && row.plan.currency != wallet.currency) {
            out.reasons.push_back(because(Code::wrong_currency));
        }
        if (redeem.pass.state == PassState::active && redeem.held < row.pass.value) {
            out.wants.push_back({pass_subject(row.pass.id), row.pass.value - redeem.held});
        }
        out.passes.push_back(std::move(judged));
    }
    return out;
}

constexpr Amount one_use{1};

struct JudgedClaims {
    std::vector<std::pair<OfferId, PassId>> offers{};  // each once
    std::vector<Reason> reasons{};
    std::vector<Want> wants{};
};

// An offer awards once in a purchase, however often it is claimed.
JudgedClaims judge_claims(Facts& facts, const Here& here, const Tender& tender, Instant now) {
    JudgedClaims out;
    std::set<PassId> seen;
    std::set<OfferId> claimed;
    for (const Claimed& claim : tender.claims) {
        PassId pass;
        if (claim.pass) {
            const PassRow row = current(facts, *claim.pass);
            PromotionFacts promotion{row.pass, row.plan, here.business, now,
                                     facts.funds(pass_subject(row.pass.id)).held};
            pass = row.pass.id;
            // The same pass twice: the second finds it redeemed.
            const bool twice = !seen.insert(pass).second;
            if (twice) promotion.pass.state = PassState::redeemed;
            if (!facts.clock_trusted() && bound_in_time(row.pass, row.plan)) {
                out.reasons.push_back(because(Code::clock_untrusted));
            }
            append(out.reasons, judge_promotion(promotion));
            if (promotion.pass.state == PassState::active && promotion.held < one_use) {
                out.wants.push_back({pass_subject(pass), one_use, true});
            }
            if (twice || claim.offer.empty()) continue;
        }
        if (claimed.insert(claim.offer).second) {
            out.offers.emplace_back(claim.offer, pass);
            continue;
        }
        Reason twice = because(Code::offer_used_up);
        twice.offer = claim.offer.text;
        twice.detail = "The offer counts once in a purchase.";
        out.reasons.push_back(std::move(twice));
    }
    return out;
}

bool knows(const PurchaseFacts& facts, const PoolId& pool) {
    return std::ranges::find(facts.pools, pool, &Pool::id) != facts.pools.end();
}

// Puts one purchase's offers into its facts: those that codes claim, and the automatic ones that it meets
// or would meet with a use that is elsewhere. What decided nothing need not stand in the journal.
class OfferTable {
public:
    OfferTable(Facts& facts, const Wallet& wallet, const SettleAt& at, PurchaseFacts& into)
        : facts_(facts), wallet_(wallet), at_(at), into_(into) {
        into_.segments = wallet.segments;
    }

    // Fault not_ready: the claim came before its offer or pool.
    Result<void> add_claimed(const OfferId& id, const PassId& pass) {
        const std::optional<Offer> offer = facts_.offer(id);
        const std::optional<Pool> pool = offer ? facts_.pool(offer->pool) : std::nullopt;
        if (!pool) return Fault{"not_ready", "the offer " + id.text + " is not known here yet"};
        OfferFacts each = facts_of(*offer, *pool);
        each.pass = pass;
        take(std::move(each), *pool);
        return {};
    }

    void add_automatic(const BusinessId& business) {
        for (const Offer& offer : facts_.automatic_offers(business)) {
            const std::optional<Pool> pool = facts_.pool(offer.pool);
            if (!pool || into_.offers.size() >= most_offers) continue;
            OfferFacts each = facts_of(offer, *pool);
            const bool met = judge_offer(each, scene_of(into_), Uses::shown).empty();
            if (met) take(std::move(each), *pool);
        }
    }

    void forget_unasked_segments() {
        const bool asked = std::ranges::any_of(
            into_.offers, [](const OfferFacts& each) { return !each.offer.segments.empty(); });
        if (!asked) into_.segments.clear();
    }

private:
    OfferFacts facts_of(const Offer& offer, const Pool& pool) {
        OfferFacts each;
        each.offer = offer;
        if (offer.uses) each.uses = facts_.funds(offer_subject(offer.id));
        if (offer.uses_per_contact) each.uses_by_contact = facts_.uses_by_contact(offer, wallet_);
        const journal::Credit credit =
            credit_into(facts_, wallet_.id, offer.business, {Amount{}, into_.basket.currency}, pool, "award",
                        at_.name_lot("award:" + offer.id.text), at_.now);
        each.lot = *credit.lot;
        return each;
    }

    void take(OfferFacts each, const Pool& pool) {
        if (!knows(into_, pool.id)) into_.pools.push_back(pool);
        into_.offers.push_back(std::move(each));
    }

    Facts& facts_;
    const Wallet& wallet_;
    const SettleAt& at_;
    PurchaseFacts& into_;
};

// The facts as the redeemed passes leave them: what a pass is worth is held here from the first moment.
void add_credit(PurchaseFacts& facts, const PassCredit& pass) {
    const Amount value = pass.credit.money.amount;
    if (!pass.credit.lot) {
        facts.business.shown += value;
        facts.business.held += value;
        return;
    }
    facts.lots.push_back({*pass.credit.lot, {value, value}, pass.row.pass.id.text});
    if (!knows(facts, pass.pool->id)) facts.pools.push_back(*pass.pool);
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
    decision.awards.clear();
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
    JudgedPasses passes = judge_passes(facts, here, tender, out.wallet, at);
    std::vector<Reason> against = judge_parties(out.wallet, *business, order.basket);
    append(against, passes.reasons);
    const JudgedClaims claims = judge_claims(facts, here, tender, at.now);
    append(against, claims.reasons);

    out.facts = facts.purchase_facts(out.wallet.id, {here.venue, here.business}, here.zone);
    // What is left out is no fact of this purchase: neither is it judged, nor is authority asked for it.
    std::erase_if(out.facts.lots, [&order](const LotFacts& each) {
        return std::ranges::find(order.left_out, each.lot.id) != order.left_out.end();
    });
    out.facts.now = at.now;
    out.facts.clock_trusted = facts.clock_trusted();
    out.facts.basket = order.basket;
    out.facts.allowance = passes.allowance;
    if (out.facts.allowance.in_force()) facts.add_risked(out.facts, out.wallet.id);
    complete_from_catalogue(out.facts.basket, facts, here.business);
    // Passes that want nothing but authority count as redeemed for the question of what to acquire.
    if (std::ranges::all_of(passes.reasons, is_about_authority)) {
        LimitFacts limits = facts.limit_facts(out.wallet.id, here.business, LimitKind::credit, at.now);
        for (JudgedPass& pass : passes.passes) {
            Result<PassCredit> credit = credit_of(facts, pass.row, out.wallet.id, at);
            if (!credit) return credit.error();
            append(against, judge_limits(limits, credit->credit.money));
            credit->limits = limits;
            credit->at_risk = pass.at_risk;
            credit->allowance = std::move(pass.allowance);
            limits = after(std::move(limits), credit->credit.money);
            add_credit(out.facts, *credit);
            out.credits.push_back(std::move(*credit));
        }
    }
    OfferTable offers(facts, out.wallet, at, out.facts);
    for (const auto& [offer, pass] : claims.offers) {
        if (const Result<void> added = offers.add_claimed(offer, pass); !added) return added.error();
    }
    offers.add_automatic(here.business);
    offers.forget_unasked_segments();
    out.facts.limits = facts.limit_facts(out.wallet.id, here.business, LimitKind::debit, at.now);
    out.decision = decide_purchase(out.facts, order.spend);
    // Nothing is asked for where more authority would not help.
    if (std::ranges::all_of(against, is_about_authority)) {
        out.wants = authority_wanted(out.facts, order.spend, out.wallet.id);
        out.wants.insert(out.wants.begin(), passes.wants.begin(), passes.wants.end());
        out.wants.insert(out.wants.end(), claims.wants.begin(), claims.wants.end());
    }
    if (!against.empty()) refuse(out.decision, std::move(against));
    // Who cannot tell the time does not say what else there is.
    std::vector<Reason>& reasons = out.decision.reasons;
    if (!reasons.empty() && reasons.front().code == Code::clock_untrusted) reasons.resize(1);
    return out;
}

Result<Settlement> settle_for_quote(Facts& facts, const Here& here, const Tender& tender,
                                    const PurchaseOrder& order, Instant now, const Risk& risk) {
    // Dated as the purchase would be.
    const SettleAt at{facts.journal_time(now), WalletId{"new"},
                      [](std::string what) { return LotId{std::move(what)}; }, risk};
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
