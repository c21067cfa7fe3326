#include "sync/domain/purchase.hpp"

#include <algorithm>
#include <unordered_map>

namespace obol {
namespace {

bool asks_for(const SpendRequest& request, Pocket pocket) {
    return std::find(request.pockets.begin(), request.pockets.end(), pocket) !=
           request.pockets.end();
}

// A page may lag behind a grant, so what is held is money too.
Amount known_money(const Funds& funds) { return std::max(funds.shown, funds.held); }

int restrictions(const Pool& pool) {
    return int{pool.restricts_time()} + int{pool.restricts_location()} +
           int{pool.restricts_product()};
}

// What a pool says to this basket here and now; the same for all its lots.
struct PoolView {
    const Pool* pool = nullptr;
    std::vector<std::uint32_t> lines{};  // positive lines that match
    std::vector<Reason> place_and_time{};
    bool matches = false;
};

struct LotView {
    const LotFacts* facts = nullptr;
    const PoolView* pool = nullptr;
    std::vector<Reason> reasons{};  // why it may not pay at all
    std::size_t source = 0;         // its place among the sources, where it may
};

std::vector<std::string> wanted_places(const Pool& pool) {
    std::vector<std::string> out;
    for (const VenueId& venue : pool.venues) out.push_back(venue.text);
    for (const BusinessId& business : pool.businesses) out.push_back(business.text);
    return out;
}

std::vector<std::string> wanted_products(const Pool& pool) {
    std::vector<std::string> out;
    for (const auto* kind : {&pool.brands, &pool.families, &pool.skus, &pool.types}) {
        out.insert(out.end(), kind->begin(), kind->end());
    }
    return out;
}

Reason no_product(const Pool& pool) {
    return {.code = Code::no_matching_product,
            .detail = "Pays only for certain products.",
            .wanted = wanted_products(pool)};
}

// A zone that the database does not have opens no window: better closed than open at a wrong hour.
std::optional<Reason> judge_time(const Pool& pool, Instant now, const std::string& zone_name) {
    const Result<Zone> zone = Zone::find(zone_name);
    if (zone && is_open(pool.time, now, *zone)) return std::nullopt;
    Reason reason{.code = Code::outside_time_window, .detail = "Cannot be spent at this time."};
    if (zone) reason.moment = next_opening(pool.time, now, *zone);
    if (reason.moment) reason.moment_offset = zone->offset_text(*reason.moment);
    return reason;
}

PoolView view_pool(const Pool& pool, const PurchaseFacts& facts) {
    PoolView view{.pool = &pool};
    for (std::uint32_t i = 0; i < facts.basket.lines.size(); ++i) {
        if (line_matches(pool, facts.basket.lines[i])) view.lines.push_back(i);
    }
    view.matches = !view.lines.empty() || !pool.restricts_product();
    if (!location_allowed(pool, facts.place)) {
        view.place_and_time.push_back({.code = Code::location_not_allowed,
                                       .detail = "Cannot be spent at this venue.",
                                       .wanted = wanted_places(pool)});
    }
    if (pool.restricts_time()) {
        if (auto reason = judge_time(pool, facts.now, facts.zone)) {
            view.place_and_time.push_back(std::move(*reason));
        }
    }
    return view;
}

// In the order of API.md.
std::vector<Reason> judge_lot(const Lot& lot, const PoolView& view, const PurchaseFacts& facts) {
    std::vector<Reason> reasons;
    if (lot.valid.from && facts.now < *lot.valid.from) {
        reasons.push_back({.code = Code::not_yet_valid,
                           .detail = "Cannot be spent yet.",
                           .moment = lot.valid.from});
    }
    if (lot.valid.until && facts.now >= *lot.valid.until) {
        reasons.push_back(
            {.code = Code::expired, .detail = "Has expired.", .moment = lot.valid.until});
    }
    reasons.insert(reasons.end(), view.place_and_time.begin(), view.place_and_time.end());
    if (!view.matches) reasons.push_back(no_product(*view.pool));
    const bool needs_clock = view.pool->restricts_time() || lot.valid.from || lot.valid.until;
    if (needs_clock && !facts.clock_trusted) {
        reasons.push_back({.code = Code::clock_untrusted,
                           .detail = "The clock of this venue cannot be trusted now."});
    }
    return reasons;
}

// All that is decided before amounts are: who may pay, in which order, for which lines.
class Table {
public:
    Table(const PurchaseFacts& facts, const SpendRequest& request) : facts_(facts) {
        lines_.reserve(facts.basket.lines.size());
        for (const Line& line : facts.basket.lines) lines_.push_back(line.amount);
        const std::size_t most = facts.lots.size() + 2;
        held_.reserve(most);
        shown_.reserve(most);
        pockets_.reserve(most);
        by_source_.reserve(most);
        view_pools();
        view_lots();
        if (asks_for(request, Pocket::commerce)) {
            for (LotView& lot : lots_) {
                if (lot.reasons.empty()) add_lot(lot);
            }
        } else {
            commerce_left_out_ = true;
        }
        for (const Pocket pocket : {Pocket::business, Pocket::personal}) {
            if (asks_for(request, pocket)) add_pocket(pocket);
        }
    }

    Flow with_held(Amount cap) const { return allocate(lines_, held_, cap); }
    Flow with_shown(Amount cap) const { return allocate(lines_, shown_, cap); }
    // False: every source holds all that is shown, so the two flows are one.
    bool lacks_authority() const { return lacks_authority_; }

    const std::vector<LotView>& lots() const { return lots_; }
    bool commerce_left_out() const { return commerce_left_out_; }

    // Source by source what paid, as the answer words it.
    std::vector<PaidFrom> worded(const Flow& flow) const {
        std::vector<PaidFrom> out;
        out.reserve(shown_.size());
        std::vector<std::size_t> place(shown_.size());
        for (std::size_t s = 0; s < shown_.size(); ++s) {
            if (flow.per_source[s] == Amount{}) continue;
            place[s] = out.size();
            PaidFrom paid{.pocket = pockets_[s]};
            if (const LotView* lot = by_source_[s]) {
                paid.lot = lot->facts->lot.id;
                paid.pool = lot->pool->pool->id;
                paid.pool_version = lot->pool->pool->version;
            }
            paid.amount = flow.per_source[s];
            out.push_back(std::move(paid));
        }
        for (const Share& share : flow.shares) {
            out[place[share.source]].lines.push_back(
                {facts_.basket.lines[share.line].id, share.amount});
        }
        return out;
    }

    std::size_t sources() const { return shown_.size(); }
    const LotView* lot_at(std::size_t source) const { return by_source_[source]; }
    Pocket pocket_at(std::size_t source) const { return pockets_[source]; }
    Amount held_at(std::size_t source) const { return held_[source].limit; }

private:
    void view_pools() {
        pools_.reserve(facts_.pools.size());
        for (const Pool& pool : facts_.pools) {
            if (pool_at_.try_emplace(pool.id, pools_.size()).second) {
                pools_.push_back(view_pool(pool, facts_));
            }
        }
    }

    void view_lots() {
        lots_.reserve(facts_.lots.size());
        for (const LotFacts& lot : facts_.lots) {
            const auto pool = pool_at_.find(lot.lot.pool);
            if (pool == pool_at_.end() || lot.lot.currency != facts_.basket.currency) continue;
            if (known_money(lot.funds).minor <= 0) continue;
            const PoolView& view = pools_[pool->second];
            lots_.push_back({&lot, &view, judge_lot(lot.lot, view, facts_)});
        }
        std::sort(lots_.begin(), lots_.end(), [](const LotView& a, const LotView& b) {
            return comes_before(a.facts->lot, *a.pool->pool, b.facts->lot, *b.pool->pool);
        });
    }

    void add_lot(LotView& lot) {
        lot.source = shown_.size();
        Source source;
        // "basket": one matching line unlocks all of them.
        source.any_line =
            lot.pool->pool->spend_on == SpendOn::basket || !lot.pool->pool->restricts_product();
        if (!source.any_line) source.lines = lot.pool->lines;
        add(std::move(source), lot.facts->funds, Pocket::commerce, &lot);
    }

    void add_pocket(Pocket pocket) {
        Source source;
        source.any_line = true;
        const Funds& funds = pocket == Pocket::business ? facts_.business : facts_.personal;
        add(std::move(source), funds, pocket, nullptr);
    }

    void add(Source source, const Funds& funds, Pocket pocket, const LotView* lot) {
        source.limit = std::max(funds.held, Amount{});
        held_.push_back(source);
        source.limit = std::max(known_money(funds), Amount{});
        lacks_authority_ |= source.limit > held_.back().limit;
        shown_.push_back(std::move(source));
        pockets_.push_back(pocket);
        by_source_.push_back(lot);
    }

    const PurchaseFacts& facts_;
    std::vector<Amount> lines_;
    std::vector<PoolView> pools_;
    std::unordered_map<PoolId, std::size_t> pool_at_;
    std::vector<LotView> lots_;  // in the policy's order
    std::vector<Source> held_, shown_;
    std::vector<Pocket> pockets_;
    std::vector<const LotView*> by_source_;
    bool lacks_authority_ = false;
    bool commerce_left_out_ = false;
};

// The most that the request lets the wallet pay.
Amount cap_of(const SpendRequest& request, Amount total) {
    if (total.minor <= 0) return {};
    switch (request.mode) {
        case SpendMode::none:
            return {};
        case SpendMode::amount:
            return std::clamp(request.amount, Amount{}, total);
        case SpendMode::max:
        case SpendMode::full:
            return total;
    }
    return {};
}

// All or nothing: why what is held does not do.
std::vector<Reason> judge_whole(const SpendRequest& request, Amount total, Amount cap, Amount held,
                                Amount shown) {
    std::vector<Reason> reasons;
    if (request.mode == SpendMode::amount && request.amount > total) {
        reasons.push_back({.code = Code::above_maximum,
                           .detail = "The amount is above the basket's total.",
                           .available = std::max(total, Amount{})});
        return reasons;
    }
    const bool exact = request.mode == SpendMode::amount || request.mode == SpendMode::full;
    if (!exact || held == cap) return reasons;
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
    Flow held, shown;
    Amount cap;
    bool accepted;
};

// Why a lot that may pay did not pay all it has; nullopt where nothing withheld it.
std::optional<Reason> judge_rest(const LotView& lot, const Outcome& outcome, bool left_out) {
    if (left_out) {
        return Reason{.code = Code::not_needed, .detail = "Commerce money was not asked for."};
    }
    const Amount paid = outcome.held.per_source[lot.source];
    if (outcome.shown.per_source[lot.source] > paid) {
        return Reason{.code = Code::authority_elsewhere,
                      .detail = "Another venue holds the right to spend this money."};
    }
    if (!outcome.accepted) return std::nullopt;
    if (paid == Amount{}) {
        return Reason{.code = Code::not_needed, .detail = "All was covered before its turn."};
    }
    const bool more_to_pay = outcome.held.total < outcome.cap;
    if (more_to_pay && paid < known_money(lot.facts->funds)) return no_product(*lot.pool->pool);
    return std::nullopt;
}

std::vector<RefusedLot> refused_of(const Table& table, const Outcome& outcome) {
    std::vector<RefusedLot> out;
    for (const LotView& lot : table.lots()) {
        const bool may_pay = lot.reasons.empty() && !table.commerce_left_out();
        RefusedLot refused{lot.facts->lot.id, lot.pool->pool->id, known_money(lot.facts->funds),
                           lot.reasons};
        if (refused.reasons.empty()) {
            auto reason = judge_rest(lot, outcome, table.commerce_left_out());
            if (!reason) continue;
            refused.reasons.push_back(std::move(*reason));
        }
        if (may_pay && outcome.accepted) refused.amount -= outcome.held.per_source[lot.source];
        out.push_back(std::move(refused));
    }
    return out;
}

Flow shown_flow(const Table& table, const Flow& held, Amount cap) {
    return table.lacks_authority() ? table.with_shown(cap) : held;
}

}  // namespace

std::string_view name_of(SpendMode mode) {
    switch (mode) {
        case SpendMode::max:
            return "max";
        case SpendMode::amount:
            return "amount";
        case SpendMode::full:
            return "full";
        case SpendMode::none:
            return "none";
    }
    return "";
}

std::optional<SpendMode> spend_mode_named(std::string_view name) {
    for (const SpendMode mode :
         {SpendMode::max, SpendMode::amount, SpendMode::full, SpendMode::none}) {
        if (name_of(mode) == name) return mode;
    }
    return std::nullopt;
}

bool comes_before(const Lot& a, const Pool& pool_a, const Lot& b, const Pool& pool_b) {
    if (a.valid.until != b.valid.until) {
        if (!a.valid.until) return false;
        return !b.valid.until || *a.valid.until < *b.valid.until;
    }
    const int kinds_a = restrictions(pool_a), kinds_b = restrictions(pool_b);
    if (kinds_a != kinds_b) return kinds_a > kinds_b;
    if (pool_a.spend_on != pool_b.spend_on) return pool_a.spend_on == SpendOn::matching_lines;
    if (a.credited_at != b.credited_at) return a.credited_at < b.credited_at;
    return a.id < b.id;
}

PurchaseDecision decide_purchase(const PurchaseFacts& facts, const SpendRequest& request) {
    PurchaseDecision decision;
    decision.basket_total = facts.basket.total();
    const Table table(facts, request);

    const Amount cap = cap_of(request, decision.basket_total);
    Outcome outcome{.held = table.with_held(cap), .shown = {}, .cap = cap, .accepted = true};
    outcome.shown = shown_flow(table, outcome.held, cap);
    decision.reasons =
        judge_whole(request, decision.basket_total, cap, outcome.held.total, outcome.shown.total);
    decision.accepted = outcome.accepted = decision.reasons.empty();

    if (decision.accepted) {
        decision.spent = outcome.held.total;
        decision.allocations = table.worded(outcome.held);
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
    const Table table(facts, request);
    if (cap == Amount{} || !table.lacks_authority()) return wants;

    const Flow flow = table.with_shown(cap);
    if (!judge_whole(request, total, cap, flow.total, flow.total).empty()) return wants;
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
