#include "sync/policy/simulate.hpp"

#include <algorithm>
#include <set>

#include "sync/core/overloaded.hpp"
#include "sync/policy/holdings.hpp"
#include "sync/policy/limits_then.hpp"

namespace obol::policy {
namespace {

using journal::Purchase;
using Moves = std::vector<journal::AuthorityLine>;

constexpr Amount one{1};

Reason elsewhere() { return because(Code::authority_elsewhere); }

bool wants_authority(const std::vector<Reason>& reasons) {
    return std::ranges::count(reasons, Code::authority_elsewhere, &Reason::code) > 0;
}

// A purchase as this world knows it.
struct Bought {
    std::size_t step = 0;
    std::optional<PurchaseDecision> decision{};  // where it was decided anew
    bool refused = false;
    std::vector<RefundDecision> before{};
    bool voided = false;
};

class Simulation {
public:
    Simulation(const Timeline& timeline, const std::vector<Outage>& outages, const AllowanceCaps& caps)
        : timeline_(timeline),
          outages_(outages),
          caps_(caps),
          holdings_(timeline),
          lots_(timeline.lots()),
          pools_(timeline.pools()),
          risk_(timeline.chains().size()),
          passes_(timeline.chains().size()),
          forecasts_(outages.size()) {}

    std::vector<OutageForecast> run() {
        for (now_ = 0; now_ < timeline_.steps().size(); ++now_) {
            holdings_.at(now_);
            switch_links();
            const Step& step = timeline_.steps()[now_];
            std::visit([&](const auto& record) { live(step, record); }, step.record);
        }
        holdings_.at(now_);
        switch_links();
        return std::move(forecasts_);
    }

private:
    // --- the links ---------------------------------------------------------------------------
    void switch_links() {
        std::set<std::size_t> cut;
        for (std::size_t o = 0; o < outages_.size(); ++o) {
            const Outage& outage = outages_[o];
            if (now_ >= outage.from && now_ < outage.until) {
                cut.insert(outage.chains.begin(), outage.chains.end());
            }
        }
        for (std::size_t c = 0; c < timeline_.chains().size(); ++c) {
            if (holdings_.is_cut(c) && !cut.contains(c)) {
                holdings_.heal(c);
                risk_[c].clear();
            } else if (!holdings_.is_cut(c) && cut.contains(c)) {
                holdings_.cut(c);
            }
        }
        for (std::size_t o = 0; o < outages_.size(); ++o) {
            if (now_ == outages_[o].from) begin(o);
            if (now_ == outages_[o].until) end(o);
        }
    }

    void begin(std::size_t o) {
        const auto& steps = timeline_.steps();
        forecasts_[o].from = steps[outages_[o].from].at;
        forecasts_[o].until = steps[outages_[o].until - 1].at;
        for (const std::size_t c : outages_[o].chains) {
            forecasts_[o].cut.push_back({timeline_.chains()[c].venue, holdings_.held_in_all(c)});
        }
    }

    void end(std::size_t o) {
        for (const auto& [subject, currency] : risked_) {
            add(forecasts_[o].lost, currency, holdings_.book_loss(subject));
        }
    }

    std::optional<std::size_t> outage() const {
        for (std::size_t o = 0; o < outages_.size(); ++o) {
            if (now_ >= outages_[o].from && now_ < outages_[o].until) return o;
        }
        return std::nullopt;
    }

    // As it was, unless the link was down, or this wallet has gone another way since it was.
    bool decide_anew(const WalletId& wallet) const { return outage() || parted_.contains(wallet); }

    void tell(Decided decided) {
        if (const auto o = outage()) forecasts_[*o].decided.push_back(std::move(decided));
    }

    Decided told(const Step& step, const WalletId& wallet, Currency currency) const {
        Decided out;
        out.venue = timeline_.chains()[step.chain].venue;
        out.seq = step.seq;
        out.at = step.at;
        out.kind = journal::kind_of(step.record);
        out.wallet = wallet;
        out.currency = currency;
        return out;
    }

    // --- moving ------------------------------------------------------------------------------
    void move(const Step& step, const Moves& moves) {
        for (const journal::AuthorityLine& line : moves) holdings_.move(step.chain, line);
    }
    void undo(const Step& step, Moves moves) {
        for (journal::AuthorityLine& line : moves) line.amount = -line.amount;
        move(step, moves);
    }
    void move(const Step& step, const WalletId& wallet, const journal::Record& simulated) {
        const Moves moves = value_moves(simulated);
        if (moves != value_moves(step.record)) parted_.insert(wallet);
        move(step, moves);
    }

    void know(const Lot& lot) { lots_[lot.wallet].insert_or_assign(lot.id, lot); }
    void know(const Pool& pool) { pools_.insert_or_assign(pool.id, pool); }

    // --- what each kind of entry does ----------------------------------------------------------
    void live(const Step& step, const journal::AuthorityTaken& x) {
        for (const journal::AuthorityLine& line : x.lines) holdings_.take(step.chain, line);
    }
    void live(const Step& step, const journal::AuthorityReturned& x) {
        for (const journal::AuthorityLine& line : x.lines) {
            holdings_.give_back(step.chain, line, x.why != "recall");
        }
    }

    void live(const Step& step, const journal::PassRedeemed& x) {
        if (x.credit.lot) know(*x.credit.lot);
        if (x.pool) know(*x.pool);
        if (x.receipt.empty()) {
            passes_[step.chain].push_back(now_);  // together with the purchase that follows
            return;
        }
        Decided decided = told(step, x.credit.wallet, x.value.currency);
        decided.recorded = x.value.amount;
        if (!decide_anew(x.credit.wallet) || is_held(step, x)) {
            move(step, x.credit.wallet, step.record);
            decided.simulated = x.value.amount;
        } else {
            decided.outcome = Outcome::refused;
            decided.lacking = x.value.amount;
            decided.reasons = {elsewhere()};
            parted_.insert(x.credit.wallet);
        }
        tell(std::move(decided));
    }

    bool is_held(const Step& step, const journal::PassRedeemed& x) const {
        return holdings_.spendable(step.chain, pass_subject(x.pass)) >= x.value.amount;
    }

    void live(const Step& step, const Purchase& x) {
        for (const LotFacts& lot : x.facts.lots) know(lot.lot);
        for (const Pool& pool : x.facts.pools) know(pool);
        const std::vector<std::size_t> passes = std::exchange(passes_[step.chain], {});
        Bought& bought = bought_[x.id];
        bought.step = now_;
        const bool anew = decide_anew(x.wallet);
        if (anew && !std::ranges::all_of(passes, [&](std::size_t at) {
                return is_held(step, std::get<journal::PassRedeemed>(timeline_.steps()[at].record));
            })) {
            return refuse_passes(step, x, bought);
        }
        for (const std::size_t at : passes) move(step, value_moves(timeline_.steps()[at].record));
        if (!anew) return move(step, value_moves(step.record));
        decide(step, x, passes, bought);
    }

    void refuse_passes(const Step& step, const Purchase& x, Bought& bought) {
        bought.refused = true;
        parted_.insert(x.wallet);
        Decided decided = told(step, x.wallet, x.facts.basket.currency);
        decided.ticket = x.facts.basket.ticket;
        decided.recorded = decided.lacking = x.decision.spent;
        decided.outcome = Outcome::refused;
        decided.reasons = {elsewhere()};
        tell(std::move(decided));
    }

    void decide(const Step& step, const Purchase& x, const std::vector<std::size_t>& passes,
                Bought& bought) {
        Purchase simulated = x;
        simulated.facts = facts_now(step, x);
        RiskUse& use = risk_[step.chain];
        const AllowanceCaps caps = holdings_.is_cut(step.chain) ? caps_ : AllowanceCaps{};
        Settled settled = settle(simulated.facts, x.request, x.wallet, caps, use);
        use.use(x.wallet, x.facts.now, settled.at_risk);
        for (const auto& [subject, amount] : settled.at_risk) {
            risked_.insert_or_assign(subject, x.facts.basket.currency);
        }
        simulated.decision = settled.decision;
        bought.decision = settled.decision;
        bought.refused = !settled.decision.accepted;
        limits_.add(step.chain, x, settled.decision);
        if (bought.refused) {
            // Both or neither.
            for (const std::size_t at : passes) undo(step, value_moves(timeline_.steps()[at].record));
            parted_.insert(x.wallet);
        } else {
            for (const Award& award : settled.decision.awards) know(award.lot);
            move(step, x.wallet, simulated);
        }
        tell(decided_of(step, x, settled));
    }

    Decided decided_of(const Step& step, const Purchase& x, Settled& settled) const {
        Decided out = told(step, x.wallet, x.facts.basket.currency);
        PurchaseDecision& decision = settled.decision;
        out.ticket = x.facts.basket.ticket;
        out.recorded = x.decision.spent;
        out.simulated = decision.spent;
        out.lacking = settled.lacking;
        for (const auto& [subject, amount] : settled.at_risk) out.at_risk += amount;
        const bool other_money = std::ranges::any_of(
            decision.refused, [](const RefusedLot& lot) { return wants_authority(lot.reasons); });
        if (!decision.accepted) {
            out.outcome = Outcome::refused;
        } else if (settled.lacking > Amount{}) {
            out.outcome = decision.spent == Amount{} ? Outcome::refused : Outcome::cut_short;
        } else if (other_money) {
            out.outcome = Outcome::other_money;
        }
        out.allocations = std::move(decision.allocations);
        out.refused = std::move(decision.refused);
        out.reasons = std::move(decision.reasons);
        return out;
    }

    // The recorded facts, with what would have been shown and held. A lot that was empty then and is not
    // now was left out of the record.
    PurchaseFacts facts_now(const Step& step, const Purchase& x) const {
        PurchaseFacts facts = x.facts;
        std::set<LotId> there;
        for (LotFacts& lot : facts.lots) {
            lot.funds = funds(step, lot.lot);
            there.insert(lot.lot.id);
        }
        if (const auto known = lots_.find(x.wallet); known != lots_.end()) {
            for (const auto& [id, lot] : known->second) {
                if (!there.contains(id)) facts.lots.push_back({lot, funds(step, lot)});
            }
        }
        std::erase_if(facts.lots, [&](const LotFacts& lot) {
            const bool empty = lot.funds.shown <= Amount{} && lot.funds.held <= Amount{};
            return empty || (!there.contains(lot.lot.id) && !admit(facts, lot.lot));
        });
        facts.business = holdings_.funds(step.chain, business_subject(x.wallet, facts.place.business));
        facts.personal = holdings_.funds(step.chain, personal_subject(x.wallet));
        for (OfferFacts& each : facts.offers) {
            if (each.offer.uses) each.uses = holdings_.funds(step.chain, offer_subject(each.offer.id));
        }
        limits_.adjust(facts.limits, step.chain, x, holdings_);
        return facts;
    }

    Funds funds(const Step& step, const Lot& lot) const {
        const Subject subject = lot_subject(lot.id);
        Funds out = holdings_.funds(step.chain, subject);
        // The centre credited it while this venue could not hear of it.
        const auto cut = holdings_.cut_since(step.chain);
        const bool unheard_of = cut && timeline_.first_seen_after(subject, *cut) &&
                                lot.credited_at >= timeline_.steps()[*cut].at && out.held <= Amount{};
        return unheard_of ? Funds{} : out;
    }

    // As the agent chooses lots: another business's only where its pool names this place.
    bool admit(PurchaseFacts& facts, const Lot& lot) const {
        const auto pool = pools_.find(lot.pool);
        if (pool == pools_.end()) return false;
        const bool theirs = lot.business != facts.place.business;
        if (theirs && !(pool->second.restricts_location() && location_allowed(pool->second, facts.place))) {
            return false;
        }
        const bool known = std::ranges::count(facts.pools, lot.pool, &Pool::id) > 0;
        if (!known) facts.pools.push_back(pool->second);
        return true;
    }

    void live(const Step& step, const journal::Refund& x) {
        const auto at = bought_.find(x.purchase);
        Bought* bought = at == bought_.end() ? nullptr : &at->second;
        const bool anew = decide_anew(x.wallet);
        Decided decided = told(step, x.wallet, x.currency);
        decided.recorded = x.decision.refunded;
        decided.ticket = x.facts.basket.ticket;
        journal::Refund simulated = x;
        if (anew) {
            refund_anew(step, simulated, bought, decided);
        } else {
            decided.simulated = x.decision.refunded;
        }
        if (decided.outcome == Outcome::unchanged) {
            move(step, x.wallet, simulated);
            if (bought) bought->before.push_back(simulated.decision);
            if (bought) bought->voided |= x.is_void;
            if (x.is_void) limits_.forget(x.purchase);
        } else {
            parted_.insert(x.wallet);
        }
        tell(std::move(decided));
    }

    void refund_anew(const Step& step, journal::Refund& x, const Bought* bought, Decided& decided) const {
        if (bought && bought->refused) {
            decided.outcome = Outcome::not_reached;
            return;
        }
        if (holdings_.spendable(step.chain, right_subject(x.purchase)) < one) {
            decided.outcome = Outcome::refused;
            decided.reasons = {elsewhere()};
            decided.lacking = x.decision.refunded;
            return;
        }
        if (bought) x.facts = refund_facts(step, x, *bought);
        x.decision = decide_refund(x.facts, x.request);
        decided.simulated = x.decision.refunded;
        decided.due_back = x.decision.due_back;
        decided.allocations = x.decision.allocations;
        if (x.decision.accepted) return;
        decided.reasons = x.decision.reasons;
        decided.outcome = Outcome::refused;
    }

    RefundFacts refund_facts(const Step& step, const journal::Refund& x, const Bought& bought) const {
        const auto& purchase = std::get<Purchase>(timeline_.steps()[bought.step].record);
        const PurchaseDecision& decision = bought.decision ? *bought.decision : purchase.decision;
        RefundFacts out = x.facts;
        out.paid = decision.allocations;
        out.before = bought.before;
        out.voided = bought.voided;
        out.awards.clear();
        for (const Award& award : decision.awards) {
            const auto offer = std::ranges::find(purchase.facts.offers, award.offer,
                                                 [](const OfferFacts& each) { return each.offer.id; });
            if (offer == purchase.facts.offers.end()) continue;
            out.awards.push_back({offer->offer, award, holdings_.funds(step.chain, lot_subject(award.lot.id))});
        }
        if (!out.awards.empty()) {
            out.business = holdings_.funds(step.chain, business_subject(x.wallet, x.business));
        }
        return out;
    }

    void live(const Step& step, const journal::PassIssued& x) {
        if (!holdings_.is_cut(step.chain)) return;  // the centre's own act
        Decided decided = told(step, {}, x.value.currency);
        decided.recorded = x.value.amount;
        decided.outcome = Outcome::refused;
        decided.reasons = {because(Code::link_required)};
        tell(std::move(decided));
    }

    void live(const Step& step, const journal::TopUp& x) {
        if (x.credit.lot) know(*x.credit.lot);
        if (x.pool) know(*x.pool);
        move(step, value_moves(step.record));
    }

    // Sales of passes and the like: they take what the venue holds, or cannot be done.
    template <class Other>
    void live(const Step& step, const Other&) {
        const Moves moves = value_moves(step.record);
        if (moves.empty()) return;
        const bool can = !outage() || std::ranges::all_of(moves, [&](const journal::AuthorityLine& line) {
            return line.amount >= Amount{} || holdings_.spendable(step.chain, line.subject) >= -line.amount;
        });
        if (can) return move(step, moves);
        Decided decided = told(step, {}, moves.front().currency);
        decided.outcome = Outcome::refused;
        decided.reasons = {elsewhere()};
        tell(std::move(decided));
    }

    const Timeline& timeline_;
    const std::vector<Outage>& outages_;
    const AllowanceCaps& caps_;
    Holdings holdings_;
    LimitsThen limits_;
    std::map<WalletId, std::map<LotId, Lot>> lots_;
    std::map<PoolId, Pool> pools_;
    std::map<PurchaseId, Bought> bought_;
    std::set<WalletId> parted_;  // wallets that have another history here than in the record
    std::vector<RiskUse> risk_;
    std::map<Subject, Currency> risked_;
    std::vector<std::vector<std::size_t>> passes_;  // by chain: redeemed within the purchase to come
    std::vector<OutageForecast> forecasts_;
    std::size_t now_ = 0;
};

}  // namespace

std::vector<OutageForecast> simulate(const Timeline& timeline, const std::vector<Outage>& outages,
                                     const AllowanceCaps& caps) {
    return Simulation(timeline, outages, caps).run();
}

}  // namespace obol::policy
