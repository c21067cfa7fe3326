#pragma once
// One plausible record of every kind, and the rules that the ledger knows of.

#include <map>

#include "sync/journal/records.hpp"
#include "sync/journal/replay.hpp"

namespace obol::journal::samples {

inline const Currency eur = *Currency::parse("EUR");
inline const Instant noon = *parse_rfc3339("2026-11-24T10:00:00Z");

inline Pool happy_pool() {
    Pool pool;
    pool.id = PoolId("happy");
    pool.business = BusinessId("aroma");
    pool.name = "Happy hour — Χαρούμενη ώρα";
    pool.version = 3;
    pool.time = {{.days = 0b0110000, .months = 1 << 10, .from_minute = 22 * 60, .to_minute = 120}};
    return pool;
}

inline Pool coffee_pool() {
    Pool pool;
    pool.id = PoolId("coffee");
    pool.business = BusinessId("aroma");
    pool.name = "Coffee only";
    pool.version = 2;
    pool.venues = {VenueId("nic")};
    pool.families = {"Coffee"};
    pool.spend_on = SpendOn::matching_lines;
    return pool;
}

inline Pool open_pool() {
    Pool pool;
    pool.id = PoolId("open");
    pool.business = BusinessId("aroma");
    pool.name = "Spend anywhere within a year";
    pool.validity.period = Period{12, 0};
    return pool;
}

inline Plan gift_plan() {
    Plan plan;
    plan.id = PlanId("gift25");
    plan.business = BusinessId("aroma");
    plan.name = "Gift 25";
    plan.currency = eur;
    plan.value_min = plan.value_max = Amount{2500};
    plan.redeem_by.period = Period{12, 0};
    plan.pin = true;
    plan.pool = PoolId("open");
    plan.offline = true;
    return plan;
}

inline Lot lot(const char* id, const char* pool) {
    Lot lot;
    lot.id = LotId(id);
    lot.wallet = WalletId("w1");
    lot.business = BusinessId("aroma");
    lot.pool = PoolId(pool);
    lot.currency = eur;
    lot.credited_at = noon - std::chrono::days{30};
    lot.source = "pass";
    return lot;
}

inline Line line(const char* id, std::int64_t amount, const char* family) {
    Line line;
    line.id = LineId(id);
    line.sku = std::string("SKU-") + id;
    line.quantity = "1.5";
    line.amount = Amount{amount};
    line.family = family;
    return line;
}

inline Limit limit(const char* id, LimitKind kind, LimitPeriod period) {
    Limit limit;
    limit.id = id;
    limit.version = 2;
    limit.business = BusinessId("aroma");
    limit.kind = kind;
    limit.period = period;
    limit.currency = eur;
    return limit;
}

inline Limit debits_a_day() {
    Limit it = limit("debits", LimitKind::debit, LimitPeriod::day);
    it.most_count = 20;
    it.most_amount = Amount{50'000};
    return it;
}

inline Limit one_debit() {
    Limit it = limit("one-debit", LimitKind::debit, LimitPeriod::transaction);
    it.wallet = WalletId("w1");
    it.least_amount = Amount{100};
    it.most_amount = Amount{30'000};
    return it;
}

inline Limit credits_a_week() {
    Limit it = limit("credits", LimitKind::credit, LimitPeriod::week);
    it.most_count = 3;
    return it;
}

inline Limit top_ups_a_month() {
    Limit it = limit("top-ups", LimitKind::top_up, LimitPeriod::month);
    it.most_amount = Amount{20'000};
    return it;
}

// Known since change 40 of the feed.
inline LimitFacts limited(std::vector<Limit> limits, LimitPeriod period, std::int64_t count,
                          std::int64_t amount) {
    return {40,
            std::move(limits),
            {{period, count, Amount{amount}, noon + std::chrono::hours{16}, "+02:00"}}};
}

// Two lots pay, one is shut and one is cut short for want of authority; the pocket pays the rest.
inline Purchase purchase() {
    Purchase x;
    x.id = PurchaseId("pur1");
    x.terminal = TerminalId("t1");
    x.wallet = WalletId("w1");
    x.facts.place = {VenueId("nic"), BusinessId("aroma")};
    x.facts.zone = "Asia/Nicosia";
    x.facts.zone_version = zone_database_version();
    x.facts.now = noon;
    x.facts.basket.currency = eur;
    x.facts.basket.ticket = "T1-000123";
    x.facts.basket.lines = {line("1", 1530, "Coffee"), line("2", 1000, "Tea"),
                            line("3", -130, "Coffee")};
    x.facts.pools = {happy_pool(), coffee_pool(), open_pool()};
    x.facts.lots = {{lot("lot-happy", "happy"), {Amount{700}, Amount{700}}},
                    {lot("lot-coffee", "coffee"), {Amount{900}, Amount{900}}},
                    {lot("lot-open", "open"), {Amount{800}, Amount{500}}}};
    x.facts.lots[2].lot.valid.until = noon + std::chrono::days{200};
    x.facts.business = {Amount{600}, Amount{600}};
    x.facts.limits = limited({debits_a_day(), one_debit()}, LimitPeriod::day, 3, 7'000);
    x.decision = decide_purchase(x.facts, x.request);
    x.receipt = "NIC1-7";
    x.digest = facts_digest(x);
    return x;
}

inline Offer welcome_offer() {
    Offer offer;
    offer.id = OfferId("welcome");
    offer.business = BusinessId("aroma");
    offer.name = "Καλώς ήρθες";
    offer.version = 2;
    offer.currency = eur;
    offer.claim = Claim::passes;
    offer.valid.until = noon + std::chrono::days{30};
    offer.segments = {"new"};
    offer.least_spend = Amount{1000};
    offer.reward.amount = Amount{300};
    offer.pool = PoolId("open");
    offer.instant = true;
    return offer;
}

inline Offer cashback_offer() {
    Offer offer;
    offer.id = OfferId("cashback");
    offer.business = BusinessId("aroma");
    offer.name = "Coffee cashback";
    offer.currency = eur;
    offer.families = {"Coffee"};
    offer.reward = {500, {}, Amount{200}};
    offer.pool = PoolId("coffee");
    offer.uses = 100;
    offer.uses_per_contact = 2;
    return offer;
}

inline OfferFacts before(const Offer& offer, const char* lot_id) {
    OfferFacts facts;
    facts.offer = offer;
    facts.lot = lot(lot_id, offer.pool.text.c_str());
    facts.lot.credited_at = noon;
    facts.lot.source = "award";
    return facts;
}

// The same basket with a promotion pass whose award pays at once, and a cashback that comes by itself.
inline Purchase promoted() {
    Purchase x = purchase();
    x.id = PurchaseId("pur2");
    x.facts.segments = {"new", "vip"};
    x.facts.offers = {before(welcome_offer(), "lot-welcome"), before(cashback_offer(), "lot-back")};
    x.facts.offers[0].pass = PassId("promo1");
    x.facts.offers[1].uses = {Amount{40}, Amount{1}};
    x.facts.offers[1].uses_by_contact = 1;
    x.decision = decide_purchase(x.facts, x.request);
    x.receipt = "NIC1-9";
    x.digest = facts_digest(x);
    return x;
}

inline Refund refund(const Purchase& of, RefundRequest request = {},
                     std::vector<RefundDecision> before = {}) {
    Refund x;
    x.id = "ref1";
    x.terminal = TerminalId("t1");
    x.purchase = of.id;
    x.wallet = of.wallet;
    x.venue = of.facts.place.venue;
    x.business = of.facts.place.business;
    x.currency = of.facts.basket.currency;
    x.request = std::move(request);
    x.facts.basket = of.facts.basket;
    x.facts.paid = of.decision.allocations;
    x.facts.before = std::move(before);
    for (std::size_t i = 0; i < of.decision.awards.size(); ++i) {
        const Award& award = of.decision.awards[i];
        const Amount left = award.instant ? Amount{} : award.amount;
        x.facts.awards.push_back({of.facts.offers[i].offer, award, {left, left}});
    }
    x.decision = decide_refund(x.facts, x.request);
    x.receipt = "NIC1-8";
    return x;
}

inline Credit credit_to_lot() {
    Credit credit;
    credit.wallet = WalletId("w1");
    credit.business = BusinessId("aroma");
    credit.pocket = Pocket::commerce;
    credit.lot = lot("lot-new", "open");
    credit.lot->credited_at = noon;
    credit.lot->valid.until = noon + std::chrono::days{366};
    credit.money = {Amount{2500}, eur};
    return credit;
}

inline PassRedeemed redeemed() {
    PassRedeemed x;
    x.id = "red1";
    x.terminal = TerminalId("t1");
    x.pass = PassId("p1");
    x.plan = PlanId("gift25");
    x.venue = VenueId("nic");
    x.value = {Amount{2500}, eur};
    x.credit = credit_to_lot();
    x.pool = open_pool();
    x.receipt = "NIC1-3";
    x.limits = limited({credits_a_week()}, LimitPeriod::week, 2, 9'000);
    return x;
}

inline TopUp top_up() {
    TopUp x;
    x.id = "top1";
    x.terminal = TerminalId("t1");
    x.venue = VenueId("nic");
    x.credit.wallet = WalletId("w1");
    x.credit.business = BusinessId("aroma");
    x.credit.money = {Amount{1000}, eur};
    x.tender = "cash";
    x.limits = limited({top_ups_a_month()}, LimitPeriod::month, 5, 10'000);
    return x;
}

inline PassActivated activated() {
    return {"act1",
            TerminalId("t1"),
            PassId("p1"),
            PlanId("gift25"),
            VenueId("nic"),
            {Amount{2500}, eur},
            noon + std::chrono::days{365},
            "card",
            "T1-1",
            "NIC1-1"};
}

inline std::vector<Record> one_of_each() {
    Wallet nameless;
    nameless.id = WalletId("w9");
    nameless.currency = eur;
    nameless.home = VenueId("nic");
    nameless.opened_by = PassId("p1");
    Refund voided = refund(purchase());
    voided.is_void = true;
    Refund unpromoted = refund(promoted());
    unpromoted.is_void = true;
    const AuthorityLine some{"lot:lot-open", Amount{300}, eur};
    return {JournalOpened{VenueId("nic"), BusinessId("aroma"), "obol-agent 0.1.0"},
            WalletOpened{nameless},
            activated(),
            redeemed(),
            top_up(),
            purchase(),
            refund(purchase(), {{{LineId("1"), Amount{1000}}}, {}}),
            voided,
            promoted(),
            refund(promoted(), {{{LineId("1"), Amount{1000}}}, {}}),
            unpromoted,
            ActivationVoided{"av1",
                             TerminalId("t1"),
                             "act1",
                             PassId("p1"),
                             VenueId("nic"),
                             {Amount{2500}, eur},
                             "card",
                             "NIC1-2"},
            AuthorityAsked{false, {some}},
            AuthorityAsked{true, {}},
            AuthorityTaken{12, {some, {"pass:p1", Amount{2500}, eur}}},
            AuthorityReturned{"recall", {some}},
            GenerationAdopted{2},
            PinLocked{PassId("p1"), TerminalId("t1")},
            PinUnlocked{PassId("p1"), TerminalId("t2"), "identified"},
            Alarm{"clock_suspect", "went back 1 h"},
            PassIssued{TerminalId("t1"),
                       PassId("p2"),
                       PlanId("egift"),
                       VenueId("nic"),
                       {Amount{1500}, eur},
                       ContactId("maria"),
                       "cash",
                       "NIC1-9"},
            IssueVoided{"iv1",
                        TerminalId("t1"),
                        PassId("p2"),
                        VenueId("nic"),
                        {Amount{1500}, eur},
                        "cash",
                        "NIC1-10"},
            PinTried{PassId("p1"), TerminalId("t1"), 2},
            PinTried{PassId("p1"), TerminalId("t1"), 0},
            ClockEvent{false, "went_back", from_millis(1'700'000'000'000), from_millis(1'700'003'600'000), {}, ""},
            ClockEvent{true, "confirmed", from_millis(1'700'003'700'000), from_millis(1'700'003'700'000),
                       TerminalId("t2"), "my watch says so"},
            DayClosed{"z1", TerminalId("t1"), VenueId("nic"), 2, 40, from_millis(1'700'000'000'000), LocalDate{2023, 11, 14},
                      "NIC1-3", "NIC1-10",
                      {{"purchase", "", eur, 3, Amount{4000}, Amount{1500}, Amount{500}, {}, Amount{2000}, Amount{40}},
                       {"top_up", "cash", eur, 1, Amount{1000}, {}, Amount{1000}, {}, {}, {}}},
                      "NIC1-11"}};
}

// A ledger that issued these rules and booked these entries.
struct Ledger {
    std::vector<Pool> pools{happy_pool(), coffee_pool(), open_pool()};
    std::vector<Plan> plans{gift_plan()};
    std::vector<Offer> offers{welcome_offer(), cashback_offer()};
    std::vector<Purchase> purchases{};
    std::vector<RefundDecision> refunds{};
    std::vector<Limit> limits{debits_a_day(), one_debit(), credits_a_week(), top_ups_a_month()};
    std::int64_t limits_since = 40;  // change of the feed that brought them

    KnownRules rules() const {
        KnownRules known;
        known.pool = [this](const PoolId& id, int version) -> std::optional<Pool> {
            for (const Pool& pool : pools) {
                if (pool.id == id && pool.version == version) return pool;
            }
            return std::nullopt;
        };
        known.plan = [this](const PlanId& id) -> std::optional<Plan> {
            for (const Plan& plan : plans) {
                if (plan.id == id) return plan;
            }
            return std::nullopt;
        };
        known.offer = [this](const OfferId& id, int version) -> std::optional<Offer> {
            for (const Offer& offer : offers) {
                if (offer.id == id && offer.version == version) return offer;
            }
            return std::nullopt;
        };
        known.purchase = [this](const PurchaseId& id) -> std::optional<Purchase> {
            for (const Purchase& purchase : purchases) {
                if (purchase.id == id) return purchase;
            }
            return std::nullopt;
        };
        known.refunds = [this](const PurchaseId&) { return refunds; };
        known.limit = [this](std::string_view id, int version) -> std::optional<Limit> {
            for (const Limit& limit : limits) {
                if (limit.id == id && limit.version == version) return limit;
            }
            return std::nullopt;
        };
        known.limits = [this](const BusinessId&, const WalletId&, LimitKind kind,
                              std::int64_t as_of) {
            std::vector<Limit> out;
            for (const Limit& limit : limits) {
                if (limit.kind == kind && as_of >= limits_since) out.push_back(limit);
            }
            return out;
        };
        return known;
    }
    std::vector<Mismatch> find(const Record& record) const {
        return replay(record, postings_of(record), rules());
    }
};

}  // namespace obol::journal::samples
