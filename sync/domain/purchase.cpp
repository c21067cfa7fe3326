#include "sync/domain/purchase.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "sync/domain/pool_view.hpp"
#include "sync/domain/scratch.hpp"

namespace obol {
namespace {

using DecisionScratch = Scratch<16'384>;

constexpr std::string_view mode_names[] = {"max", "amount", "full", "none"};  // by the enumerator
constexpr Amount one_use{1};

bool asks_for(const SpendRequest& request, Pocket pocket) {
    return std::find(request.pockets.begin(), request.pockets.end(), pocket) !=
           request.pockets.end();
}

// A page may lag behind a grant, so what is held is money too.
Amount known_money(const Funds& funds) { return std::max(funds.shown, funds.held); }

// What the policy goes by, smallest first; what is left equal is ordered by id.
struct PolicyKey {
    std::int64_t until;
    int freedom;
    std::int64_t credited;
    auto operator<=>(const PolicyKey&) const = default;
};

PolicyKey policy_key(const Lot& lot, const Pool& pool) {
    const int restrictions = int{pool.restricts_time()} + int{pool.restricts_location()} +
                             int{pool.restricts_product()};
    const int endless = lot.valid.until ? 0 : 8;  // after one that ends at the end of all time
    return {to_millis(lot.valid.until.value_or(Instant::max())),
            endless - 2 * restrictions - int{pool.spend_on == SpendOn::matching_lines},
            to_millis(lot.credited_at)};
}

// The conditions of a lot, a bit each, in the order in which API.md lists what they refuse with.
enum Condition : unsigned {
    begun = 1, not_over = 2, place = 4, time = 8, product = 16, trusted_clock = 32
};

struct LotView {
    PolicyKey key;
    const LotFacts* facts;
    const PoolView* pool;
    bool award;           // made by this very purchase
    unsigned faults;      // conditions that do not hold: why it may not pay at all
    std::size_t source;   // its place among the sources, where it may
};

unsigned faults_of(const Lot& lot, const PoolView& view, const PurchaseFacts& facts) {
    unsigned faults = 0;
    if (lot.valid.from && facts.now < *lot.valid.from) faults |= begun;
    if (lot.valid.until && facts.now >= *lot.valid.until) faults |= not_over;
    if (!view.here) faults |= place;
    if (!view.open) faults |= time;
    if (!view.matches) faults |= product;
    if (!facts.clock_trusted &&
        (view.pool->restricts_time() || lot.valid.from || lot.valid.until)) {
        faults |= trusted_clock;
    }
    return faults;
}

Reason& add(std::vector<Reason>& reasons, Code code) {
    Reason& reason = reasons.emplace_back();
    reason.code = code;
    return reason;
}

// Words the faults, in the order of API.md. Their sentences are the usual ones.
std::vector<Reason> reasons_of(const LotView& lot) {
    std::vector<Reason> reasons;
    reasons.reserve(static_cast<std::size_t>(std::popcount(lot.faults)));
    const Span& valid = lot.facts->lot.valid;
    const PoolView& view = *lot.pool;
    if (lot.faults & begun) add(reasons, Code::not_yet_valid).moment = valid.from;
    if (lot.faults & not_over) add(reasons, Code::expired).moment = valid.until;
    if (lot.faults & place) {
        add(reasons, Code::location_not_allowed).wanted = wanted_places(*view.pool);
    }
    if (lot.faults & time) {
        Reason& reason = add(reasons, Code::outside_time_window);
        reason.moment = view.opens;
        reason.moment_offset = view.opens_offset;
    }
    if (lot.faults & product) {
        add(reasons, Code::no_matching_product).wanted = wanted_products(*view.pool);
    }
    if (lot.faults & trusted_clock) add(reasons, Code::clock_untrusted);
    return reasons;
}

// What the offers say to this purchase.
struct Judged {
    std::vector<Award> awards{};
    std::vector<Reason> reasons{};    // why those that were claimed cannot be awarded
    std::vector<LotFacts> instant{};  // awards that may pay at once
};

Judged judge_offers(const PurchaseFacts& facts, Uses uses) {
    const OfferScene scene = scene_of(facts);
    Judged out;
    for (const OfferFacts& each : facts.offers) {
        std::vector<Reason> reasons = judge_offer(each, scene, uses);
        if (reasons.empty()) {
            out.awards.push_back(award_by(each, facts.basket));
            const Amount amount = out.awards.back().amount;
            if (each.offer.instant) out.instant.push_back({each.lot, {amount, amount}});
        } else if (each.offer.claim != Claim::automatic) {
            out.reasons.insert(out.reasons.end(), reasons.begin(), reasons.end());
        }
    }
    sort_by_precedence(out.reasons);
    return out;
}

// What pays, and how much of each source's part is at risk (no list: nothing is).
struct Payment {
    Flow flow;
    std::vector<Amount> at_risk;
};

// Source s and source s + n are one: what it holds, and what of it may be spent at risk.
Payment merged(Flow all, std::size_t n) {
    Payment out;
    out.flow.total = all.total;
    out.at_risk.assign(all.per_source.begin() + static_cast<std::ptrdiff_t>(n), all.per_source.end());
    out.flow.per_source.assign(all.per_source.begin(),
                               all.per_source.begin() + static_cast<std::ptrdiff_t>(n));
    for (std::size_t s = 0; s < n; ++s) out.flow.per_source[s] += out.at_risk[s];
    for (Share& share : all.shares) share.source %= static_cast<std::uint32_t>(n);
    std::sort(all.shares.begin(), all.shares.end(), [](const Share& a, const Share& b) {
        return a.source != b.source ? a.source < b.source : a.line < b.line;
    });
    for (const Share& share : all.shares) {
        std::vector<Share>& shares = out.flow.shares;
        const bool again = !shares.empty() && shares.back().source == share.source &&
                           shares.back().line == share.line;
        if (again) {
            shares.back().amount += share.amount;
        } else {
            shares.push_back(share);
        }
    }
    return out;
}

// All that is decided before amounts are: who may pay, in which order, for which lines.
class Table {
public:
    // `instant` must outlive it, as the facts must.
    Table(const PurchaseFacts& facts, const SpendRequest& request, const std::vector<LotFacts>& instant,
          std::pmr::memory_resource* memory)
        : facts_(facts),
          lines_(memory),
          pools_(facts.basket, facts.place, facts.now, facts.zone, facts.pools, memory),
          lots_(memory),
          in_order_(memory),
          room_(facts.allowance.in_force() ? risk_room(facts.allowance) : RiskRoom{}),
          held_(memory),
          shown_(memory),
          risked_(memory),
          pockets_(memory),
          by_source_(memory) {
        lines_.reserve(facts.basket.lines.size());
        for (const Line& line : facts.basket.lines) lines_.push_back(line.amount);
        view_lots(instant);
        const std::size_t most = lots_.size() + 2;
        held_.reserve(most);
        shown_.reserve(most);
        if (facts.allowance.in_force()) risked_.reserve(most);
        pockets_.reserve(most);
        by_source_.reserve(most);
        commerce_left_out_ = !asks_for(request, Pocket::commerce);
        if (!commerce_left_out_) {
            for (LotView* lot : in_order_) {
                if (lot->faults == 0) add_lot(*lot);
            }
        }
        for (const Pocket pocket : {Pocket::business, Pocket::personal}) {
            if (asks_for(request, pocket)) add_pocket(pocket);
        }
    }

    // What is held pays first, in the policy's order; only what it leaves is spent at risk.
    Payment with_held(Amount cap) const {
        Payment out{allocate(lines_, held_, cap), {}};
        const Amount most = std::min(cap - out.flow.total, room_.in_all);
        if (!risks_ || most == Amount{}) return out;
        std::pmr::vector<Source> both(held_, held_.get_allocator());
        both.insert(both.end(), risked_.begin(), risked_.end());
        Flow all = allocate(lines_, both, out.flow.total + most);
        if (all.total > out.flow.total) out = merged(std::move(all), held_.size());
        return out;
    }
    // Somebody may be paid at risk here, were there room for it.
    bool risks() const { return risks_; }
    Flow with_shown(Amount cap) const { return allocate(lines_, shown_, cap); }
    // False: every source holds all that is shown, so the two flows are one.
    bool lacks_authority() const { return lacks_authority_; }

    const std::pmr::vector<LotView*>& lots() const { return in_order_; }
    bool commerce_left_out() const { return commerce_left_out_; }

    // Source by source what paid, as the answer words it.
    std::vector<PaidFrom> worded(const Payment& payment) const {
        const Flow& flow = payment.flow;
        std::vector<PaidFrom> out;
        out.reserve(payers_of(flow));
        auto share = flow.shares.begin();
        for (std::size_t s = 0; s < shown_.size(); ++s) {
            if (flow.per_source[s] == Amount{}) continue;
            PaidFrom& paid = out.emplace_back();
            paid.pocket = pockets_[s];
            if (const LotView* lot = by_source_[s]) {
                paid.lot = lot->facts->lot.id;
                paid.pool = lot->pool->pool->id;
                paid.pool_version = lot->pool->pool->version;
            }
            paid.amount = flow.per_source[s];
            if (!payment.at_risk.empty()) paid.at_risk = payment.at_risk[s];
            const auto last = std::find_if(share, flow.shares.end(),
                                           [&](const Share& each) { return each.source != s; });
            paid.lines.reserve(static_cast<std::size_t>(last - share));
            for (; share != last; ++share) {
                paid.lines.push_back({facts_.basket.lines[share->line].id, share->amount});
            }
        }
        return out;
    }

    std::size_t sources() const { return shown_.size(); }
    const LotView* lot_at(std::size_t source) const { return by_source_[source]; }
    Pocket pocket_at(std::size_t source) const { return pockets_[source]; }
    Amount held_at(std::size_t source) const { return held_[source].limit; }

private:
    static std::size_t payers_of(const Flow& flow) {
        return flow.per_source.size() -
               static_cast<std::size_t>(
                   std::count(flow.per_source.begin(), flow.per_source.end(), Amount{}));
    }

    void view_lots(const std::vector<LotFacts>& instant) {
        lots_.reserve(facts_.lots.size() + instant.size());
        for (const LotFacts& lot : facts_.lots) view_lot(lot, false);
        for (const LotFacts& lot : instant) view_lot(lot, true);
        in_order_.reserve(lots_.size());
        for (LotView& lot : lots_) in_order_.push_back(&lot);
        std::sort(in_order_.begin(), in_order_.end(), [](const LotView* a, const LotView* b) {
            if (a->key != b->key) return a->key < b->key;
            return a->facts->lot.id < b->facts->lot.id;
        });
    }

    void view_lot(const LotFacts& lot, bool award) {
        if (lot.lot.currency != facts_.basket.currency) return;
        if (known_money(lot.funds).minor <= 0) return;
        const PoolView* view = pools_.of(lot.lot.pool);
        if (view == nullptr) return;
        PolicyKey key = policy_key(lot.lot, *view->pool);
        if (award) key.credited = std::numeric_limits<std::int64_t>::min();  // first among equals
        lots_.push_back({key, &lot, view, award, faults_of(lot.lot, *view, facts_), 0});
    }

    void add_lot(LotView& lot) {
        lot.source = shown_.size();
        add({Amount{}, lot.pool->lines, lot.pool->any_line}, lot.facts->funds, Pocket::commerce,
            &lot);
    }

    void add_pocket(Pocket pocket) {
        add({Amount{}, {}, true}, pocket == Pocket::business ? facts_.business : facts_.personal,
            pocket, nullptr);
    }

    void add(Source source, const Funds& funds, Pocket pocket, const LotView* lot) {
        source.limit = std::max(funds.held, Amount{});
        held_.push_back(source);
        source.limit = std::max(known_money(funds), Amount{});
        lacks_authority_ |= source.limit > held_.back().limit;
        shown_.push_back(source);
        pockets_.push_back(pocket);
        by_source_.push_back(lot);
        if (facts_.allowance.in_force()) add_risk(source, funds, lot);
    }

    // The venue's own business takes the risk, so another's lots are no stake.
    void add_risk(Source source, const Funds& funds, const LotView* lot) {
        const bool own = lot == nullptr || lot->facts->lot.business == facts_.place.business;
        const Amount beyond = funds.shown - std::max(funds.held, Amount{});
        const bool may = own && beyond > Amount{};
        source.limit = may ? std::min(beyond, room_.of(funds.risked)) : Amount{};
        risks_ |= may;
        risked_.push_back(source);
    }

    const PurchaseFacts& facts_;
    std::pmr::vector<Amount> lines_;
    PoolViews pools_;
    std::pmr::vector<LotView> lots_;
    std::pmr::vector<LotView*> in_order_;  // of the policy
    RiskRoom room_;
    std::pmr::vector<Source> held_, shown_;
    std::pmr::vector<Source> risked_;  // beyond what is held; none where no allowance is in force
    std::pmr::vector<Pocket> pockets_;
    std::pmr::vector<const LotView*> by_source_;
    bool lacks_authority_ = false;
    bool risks_ = false;
    bool commerce_left_out_ = false;
};

// The most that the request lets the wallet pay.
Amount cap_of(const SpendRequest& request, Amount total) {
    if (total.minor <= 0 || request.mode == SpendMode::none) return {};
    if (request.mode == SpendMode::amount) return std::clamp(request.amount, Amount{}, total);
    return total;
}

bool is_exact(const SpendRequest& request) {
    return request.mode == SpendMode::amount || request.mode == SpendMode::full;
}

// All or nothing: why what is held does not do.
std::vector<Reason> judge_whole(const SpendRequest& request, Amount total, Amount cap, Amount held,
                                Amount shown) {
    std::vector<Reason> reasons;
    if (request.mode == SpendMode::amount && request.amount > total) {
        Reason& reason = add(reasons, Code::above_maximum);
        reason.detail = "The amount is above the basket's total.";
        reason.available = std::max(total, Amount{});
        return reasons;
    }
    if (!is_exact(request) || held == cap) return reasons;
    if (shown < cap) {
        const bool amount = request.mode == SpendMode::amount;
        reasons.push_back(
            {.code = amount ? Code::insufficient_funds : Code::not_fully_covered,
             .detail = amount ? "There is not enough money that may be spent here."
                              : "The money that may be spent here does not cover the basket.",
             .available = held});
    }
    if (shown > held) {
        reasons.push_back(
            {.code = Code::authority_elsewhere,
             .detail = "The money is there, but another venue holds the right to spend it.",
             .available = held});
    }
    sort_by_precedence(reasons);
    return reasons;
}

struct Outcome {
    Payment held;              // and what an allowance adds to it
    std::optional<Flow> more;  // with what is shown, where that is more
    Amount cap;
    bool accepted = true;
    std::optional<Flow> unlimited{};  // what is held would pay, where a limit cut it short
    std::optional<Reason> limit{};    // the first that did

    const Flow& paid() const { return held.flow; }
    const Flow& shown() const { return more ? *more : held.flow; }
};

Outcome pay(const Table& table, Amount cap) {
    Outcome outcome{.held = table.with_held(cap), .more = {}, .cap = cap};
    if (table.lacks_authority()) outcome.more = table.with_shown(cap);
    return outcome;
}

// Judges what the request would take, and lets mode max take what the limits leave: why less.
std::vector<Reason> apply_limits(const PurchaseFacts& facts, const SpendRequest& request,
                                 const Table& table, Outcome& outcome,
                                 std::vector<Reason>& refused) {
    if (facts.limits.limits.empty()) return {};
    const Currency currency = facts.basket.currency;
    if (is_exact(request)) {
        const std::vector<Reason> reasons = judge_limits(facts.limits, {outcome.cap, currency});
        refused.insert(refused.end(), reasons.begin(), reasons.end());
        return {};
    }
    // Where nothing is held the limits still have their say on what is shown.
    const bool nothing_held = outcome.paid().total == Amount{};
    const Amount asked = nothing_held ? outcome.shown().total : outcome.paid().total;
    LimitVerdict verdict = judge_up_to(facts.limits, {asked, currency});
    refused.insert(refused.end(), verdict.refused.begin(), verdict.refused.end());
    if (verdict.lowered.empty()) return {};
    Outcome limited = pay(table, verdict.most);
    if (nothing_held) {
        outcome = std::move(limited);
        return {};
    }
    limited.unlimited = std::move(outcome.held.flow);
    limited.limit = verdict.lowered.front();
    outcome = std::move(limited);
    return std::move(verdict.lowered);
}

// Why a lot that may pay did not pay all it has; nothing where nothing withheld it.
std::optional<Code> judge_rest(const LotView& lot, const Outcome& outcome, bool left_out) {
    if (left_out) return Code::not_needed;
    const Amount paid = outcome.paid().per_source[lot.source];
    if (outcome.shown().per_source[lot.source] > paid) return Code::authority_elsewhere;
    if (!outcome.accepted) return std::nullopt;
    const bool cut_short = outcome.limit && outcome.unlimited->per_source[lot.source] > paid;
    if (cut_short) return outcome.limit->code;
    if (paid == Amount{}) return Code::not_needed;
    const bool more_to_pay = outcome.paid().total < outcome.cap;
    if (more_to_pay && paid < known_money(lot.facts->funds)) return Code::no_matching_product;
    return std::nullopt;
}

std::vector<Reason> rest_reason(Code code, const LotView& lot, const Outcome& outcome,
                                bool left_out) {
    if (outcome.limit && outcome.limit->code == code) return {*outcome.limit};
    std::vector<Reason> reasons(1);
    reasons[0].code = code;
    if (left_out) reasons[0].detail = "Commerce money was not asked for.";
    if (code == Code::no_matching_product) reasons[0].wanted = wanted_products(*lot.pool->pool);
    return reasons;
}

std::vector<RefusedLot> refused_of(const Table& table, const Outcome& outcome) {
    std::vector<RefusedLot> out;
    out.reserve(table.lots().size());
    const bool left_out = table.commerce_left_out();
    for (const LotView* each : table.lots()) {
        const LotView& lot = *each;
        if (lot.award) continue;  // what it does not pay becomes open money
        const bool may_pay = lot.faults == 0;
        const auto rest = may_pay ? judge_rest(lot, outcome, left_out) : std::nullopt;
        if (may_pay && !rest) continue;
        Amount amount = known_money(lot.facts->funds);
        if (may_pay && outcome.accepted && !left_out) {
            amount -= outcome.paid().per_source[lot.source];
        }
        out.push_back(RefusedLot{lot.facts->lot.id, lot.pool->pool->id, amount,
                                 may_pay ? rest_reason(*rest, lot, outcome, left_out) : reasons_of(lot)});
    }
    return out;
}

bool lacks_authority(const Funds& funds) {
    return std::max(funds.shown, Amount{}) > std::max(funds.held, Amount{});
}
bool lacks_authority(const PurchaseFacts& facts) {
    return lacks_authority(facts.business) || lacks_authority(facts.personal) ||
           std::any_of(facts.lots.begin(), facts.lots.end(),
                       [](const LotFacts& lot) { return lacks_authority(lot.funds); });
}

// Of capped offers that would award with what is known to be left.
std::vector<Want> uses_wanted(const PurchaseFacts& facts, const Judged& offers) {
    std::vector<Want> wants;
    for (const OfferFacts& each : facts.offers) {
        const bool awarded = std::any_of(
            offers.awards.begin(), offers.awards.end(),
            [&](const Award& award) { return award.offer == each.offer.id && award.counted; });
        if (awarded && each.uses.held < one_use) {
            wants.push_back({offer_subject(each.offer.id), one_use, true});
        }
    }
    return wants;
}

}  // namespace

std::string_view name_of(SpendMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }

std::optional<SpendMode> spend_mode_named(std::string_view name) {
    const auto* found = std::find(std::begin(mode_names), std::end(mode_names), name);
    if (found == std::end(mode_names)) return std::nullopt;
    return static_cast<SpendMode>(found - std::begin(mode_names));
}

OfferScene scene_of(const PurchaseFacts& facts) {
    return {facts.basket, facts.place,         facts.zone,
            facts.now,    facts.clock_trusted, facts.segments};
}

bool comes_before(const Lot& a, const Pool& pool_a, const Lot& b, const Pool& pool_b) {
    const PolicyKey key_a = policy_key(a, pool_a), key_b = policy_key(b, pool_b);
    return key_a != key_b ? key_a < key_b : a.id < b.id;
}

Amount left_of(const Award& award, const std::vector<PaidFrom>& allocations) {
    if (!award.instant) return {};
    Amount left = award.amount;
    for (const PaidFrom& paid : allocations) {
        if (paid.pocket == Pocket::commerce && paid.lot == award.lot.id) left -= paid.amount;
    }
    return left;
}

Amount PurchaseDecision::at_risk() const {
    Amount sum;
    for (const PaidFrom& paid : allocations) sum += paid.at_risk;
    return sum;
}

PurchaseDecision decide_purchase(const PurchaseFacts& facts, const SpendRequest& request) {
    PurchaseDecision decision;
    decision.basket_total = facts.basket.total();
    Judged offers = judge_offers(facts, Uses::held);
    DecisionScratch scratch;
    const Table table(facts, request, offers.instant, scratch.memory());

    const Amount cap = cap_of(request, decision.basket_total);
    Outcome outcome = pay(table, cap);
    decision.reasons = judge_whole(request, decision.basket_total, cap, outcome.paid().total,
                                   outcome.shown().total);
    const bool wants_authority =
        !decision.reasons.empty() && decision.reasons.back().code == Code::authority_elsewhere;
    if (wants_authority && table.risks()) {
        decision.reasons.push_back(allowance_exhausted(facts.allowance, outcome.paid().total));
    }
    decision.reasons.insert(decision.reasons.begin(), offers.reasons.begin(), offers.reasons.end());
    std::vector<Reason> lowered = apply_limits(facts, request, table, outcome, decision.reasons);
    sort_by_precedence(decision.reasons);
    decision.accepted = outcome.accepted = decision.reasons.empty();

    if (decision.accepted) {
        decision.reasons = std::move(lowered);
        decision.spent = outcome.paid().total;
        decision.allocations = table.worded(outcome.held);
        decision.awards = std::move(offers.awards);
    }
    decision.due = decision.basket_total - decision.spent;
    decision.refused = refused_of(table, outcome);
    return decision;
}

std::vector<Want> authority_wanted(const PurchaseFacts& facts, const SpendRequest& request,
                                   const WalletId& wallet) {
    std::vector<Want> wants;
    const Amount total = facts.basket.total();
    const Amount cap = cap_of(request, total);
    const bool may_lack_money = cap != Amount{} && lacks_authority(facts);
    if (!may_lack_money && facts.offers.empty()) return wants;
    const Judged offers = judge_offers(facts, Uses::shown);
    if (!offers.reasons.empty()) return wants;  // no authority would help
    const std::vector<Want> uses = uses_wanted(facts, offers);
    if (!may_lack_money && uses.empty()) return wants;
    DecisionScratch scratch;
    const Table table(facts, request, offers.instant, scratch.memory());
    const bool lacks_money = may_lack_money && table.lacks_authority();
    if (!lacks_money && uses.empty()) return wants;

    Flow flow = table.with_shown(cap);
    if (!judge_whole(request, total, cap, flow.total, flow.total).empty()) return wants;
    const LimitVerdict verdict = judge_up_to(facts.limits, {flow.total, facts.basket.currency});
    if (!verdict.refused.empty()) return wants;
    if (!verdict.lowered.empty()) {
        if (is_exact(request)) return wants;
        flow = table.with_shown(verdict.most);
    }

    wants = uses;
    if (!lacks_money) return wants;
    for (std::size_t s = 0; s < table.sources(); ++s) {
        if (flow.per_source[s] <= table.held_at(s)) continue;
        const LotView* lot = table.lot_at(s);
        // Money of a pass that is redeemed in this very purchase comes with the pass, not by
        // itself.
        if (lot && !lot->facts->from_pass.empty()) continue;
        const Subject subject = lot ? lot_subject(lot->facts->lot.id)
                                : table.pocket_at(s) == Pocket::business
                                    ? business_subject(wallet, facts.place.business)
                                    : personal_subject(wallet);
        wants.push_back({subject, flow.per_source[s] - table.held_at(s)});
    }
    return wants;
}

}  // namespace obol
