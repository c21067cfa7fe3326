// What is stated in an entry is compared with what is computed anew, so two things that differ in any one
// member must differ. A member that the comparison forgets could be changed on the way unseen.

#include <gtest/gtest.h>

#include "sync/domain/limit.hpp"
#include "sync/domain/pass.hpp"
#include "sync/domain/purchase.hpp"
#include "sync/domain/refund.hpp"

namespace obol {
namespace {

template <class T, class... Change>
void differs_by_each(const T& base, Change... changes) {
    const T same = base;
    EXPECT_EQ(same, base);
    int n = 0;
    const auto one = [&](auto change) {
        T other = base;
        change(other);
        EXPECT_FALSE(other == base) << "member " << n;
        ++n;
    };
    (one(changes), ...);
}

const Currency eur = *Currency::parse("EUR");
const Instant later{Millis{86'400'000}};

TEST(Equality, OfRulesAndTheirParts) {
    differs_by_each(
        TimeWindow{}, [](TimeWindow& x) { x.days.set(1); }, [](TimeWindow& x) { x.months.set(1); },
        [](TimeWindow& x) { x.from_minute = 1; }, [](TimeWindow& x) { x.to_minute = 1; });
    differs_by_each(
        Place{}, [](Place& x) { x.venue = VenueId{"v"}; }, [](Place& x) { x.business = BusinessId{"b"}; });
    differs_by_each(
        Boundary{LocalDate{2026, 1, 1}, later}, [](Boundary& x) { x.date = LocalDate{2026, 1, 2}; },
        [](Boundary& x) { x.date.reset(); }, [](Boundary& x) { x.instant = Instant{}; });
    differs_by_each(
        Validity{}, [](Validity& x) { x.from = Boundary{}; }, [](Validity& x) { x.until = Boundary{}; },
        [](Validity& x) { x.period = Period{1, 0}; });
    differs_by_each(
        Period{1, 2}, [](Period& x) { x.months = 2; }, [](Period& x) { x.days = 3; });
    differs_by_each(
        Span{later, later}, [](Span& x) { x.from.reset(); }, [](Span& x) { x.until = Instant{}; });
    differs_by_each(
        Pool{}, [](Pool& x) { x.id = PoolId{"p"}; }, [](Pool& x) { x.business = BusinessId{"b"}; },
        [](Pool& x) { x.name = "n"; }, [](Pool& x) { x.version = 2; },
        [](Pool& x) { x.time.emplace_back(); }, [](Pool& x) { x.venues.emplace_back(); },
        [](Pool& x) { x.businesses.emplace_back(); }, [](Pool& x) { x.brands.emplace_back(); },
        [](Pool& x) { x.families.emplace_back(); }, [](Pool& x) { x.skus.emplace_back(); },
        [](Pool& x) { x.types.emplace_back(); }, [](Pool& x) { x.spend_on = SpendOn::matching_lines; },
        [](Pool& x) { x.validity.period = Period{1, 0}; });
    differs_by_each(
        CodeFormat{}, [](CodeFormat& x) { x.alphabet = Alphabet::numeric; },
        [](CodeFormat& x) { x.prefix = "A"; }, [](CodeFormat& x) { x.suffix = "A"; },
        [](CodeFormat& x) { x.length = 9; });
    differs_by_each(
        Reward{}, [](Reward& x) { x.basis_points = 1; }, [](Reward& x) { x.amount = Amount{1}; },
        [](Reward& x) { x.cap = Amount{1}; });
    differs_by_each(
        Offer{}, [](Offer& x) { x.id = OfferId{"o"}; }, [](Offer& x) { x.business = BusinessId{"b"}; },
        [](Offer& x) { x.name = "n"; }, [](Offer& x) { x.version = 2; }, [](Offer& x) { x.currency = eur; },
        [](Offer& x) { x.claim = Claim::code; }, [](Offer& x) { x.valid.from = later; },
        [](Offer& x) { x.time.emplace_back(); }, [](Offer& x) { x.venues.emplace_back(); },
        [](Offer& x) { x.businesses.emplace_back(); }, [](Offer& x) { x.segments.emplace_back(); },
        [](Offer& x) { x.brands.emplace_back(); }, [](Offer& x) { x.families.emplace_back(); },
        [](Offer& x) { x.skus.emplace_back(); }, [](Offer& x) { x.types.emplace_back(); },
        [](Offer& x) { x.least_spend = Amount{1}; }, [](Offer& x) { x.reward.amount = Amount{1}; },
        [](Offer& x) { x.pool = PoolId{"p"}; }, [](Offer& x) { x.instant = true; },
        [](Offer& x) { x.uses = 1; }, [](Offer& x) { x.uses_per_contact = 1; });
    differs_by_each(
        Limit{}, [](Limit& x) { x.id = "l"; }, [](Limit& x) { x.version = 2; },
        [](Limit& x) { x.business = BusinessId{"b"}; }, [](Limit& x) { x.wallet = WalletId{"w"}; },
        [](Limit& x) { x.kind = LimitKind::credit; }, [](Limit& x) { x.period = LimitPeriod::week; },
        [](Limit& x) { x.currency = eur; }, [](Limit& x) { x.most_count = 1; },
        [](Limit& x) { x.most_amount = Amount{1}; }, [](Limit& x) { x.least_amount = Amount{1}; });
}

TEST(Equality, OfMoneyAndWhoHasIt) {
    differs_by_each(
        Funds{}, [](Funds& x) { x.shown = Amount{1}; }, [](Funds& x) { x.held = Amount{1}; });
    differs_by_each(
        Lot{}, [](Lot& x) { x.id = LotId{"l"}; }, [](Lot& x) { x.wallet = WalletId{"w"}; },
        [](Lot& x) { x.business = BusinessId{"b"}; }, [](Lot& x) { x.pool = PoolId{"p"}; },
        [](Lot& x) { x.currency = eur; }, [](Lot& x) { x.valid.until = later; },
        [](Lot& x) { x.credited_at = later; }, [](Lot& x) { x.source = "award"; });
    differs_by_each(
        Wallet{}, [](Wallet& x) { x.id = WalletId{"w"}; }, [](Wallet& x) { x.contact = ContactId{"c"}; },
        [](Wallet& x) { x.holder = "A. B."; }, [](Wallet& x) { x.currency = eur; },
        [](Wallet& x) { x.home = VenueId{"v"}; }, [](Wallet& x) { x.opened_by = PassId{"p"}; },
        [](Wallet& x) { x.blocked = true; }, [](Wallet& x) { x.segments.emplace_back("s"); });
}

TEST(Equality, OfFactsAndDecisions) {
    differs_by_each(
        Reason{}, [](Reason& x) { x.code = Code::expired; }, [](Reason& x) { x.detail = "d"; },
        [](Reason& x) { x.moment = later; }, [](Reason& x) { x.moment_offset = "+02:00"; },
        [](Reason& x) { x.wanted.emplace_back("w"); }, [](Reason& x) { x.available = Amount{1}; },
        [](Reason& x) { x.attempts_left = 1; }, [](Reason& x) { x.venue = "v"; },
        [](Reason& x) { x.offer = "o"; }, [](Reason& x) { x.criterion = "c"; },
        [](Reason& x) { x.least = Amount{1}; }, [](Reason& x) { x.limit = "l"; });
    differs_by_each(
        OfferFacts{}, [](OfferFacts& x) { x.offer.version = 2; }, [](OfferFacts& x) { x.pass = PassId{"p"}; },
        [](OfferFacts& x) { x.uses.held = Amount{1}; }, [](OfferFacts& x) { x.uses_by_contact = 1; },
        [](OfferFacts& x) { x.lot.id = LotId{"l"}; });
    differs_by_each(
        Award{}, [](Award& x) { x.offer = OfferId{"o"}; }, [](Award& x) { x.version = 2; },
        [](Award& x) { x.amount = Amount{1}; }, [](Award& x) { x.instant = true; },
        [](Award& x) { x.counted = true; }, [](Award& x) { x.pass = PassId{"p"}; },
        [](Award& x) { x.lot.id = LotId{"l"}; });
    differs_by_each(
        Activity{}, [](Activity& x) { x.period = LimitPeriod::month; }, [](Activity& x) { x.count = 1; },
        [](Activity& x) { x.amount = Amount{1}; }, [](Activity& x) { x.resets_at = later; },
        [](Activity& x) { x.resets_offset = "+02:00"; });
    differs_by_each(
        LimitFacts{}, [](LimitFacts& x) { x.as_of = 1; }, [](LimitFacts& x) { x.limits.emplace_back(); },
        [](LimitFacts& x) { x.activity.emplace_back(); });
    differs_by_each(
        SpendRequest{}, [](SpendRequest& x) { x.mode = SpendMode::none; },
        [](SpendRequest& x) { x.amount = Amount{1}; }, [](SpendRequest& x) { x.pockets.clear(); });
    differs_by_each(
        RefundRequest{}, [](RefundRequest& x) { x.lines.emplace_back(); },
        [](RefundRequest& x) { x.amount = Amount{1}; });
    differs_by_each(
        AwardFacts{}, [](AwardFacts& x) { x.offer.version = 2; }, [](AwardFacts& x) { x.award.version = 2; },
        [](AwardFacts& x) { x.left.held = Amount{1}; });
    differs_by_each(
        AwardUndone{}, [](AwardUndone& x) { x.offer = OfferId{"o"}; }, [](AwardUndone& x) { x.lot = LotId{"l"}; },
        [](AwardUndone& x) { x.from_lot = Amount{1}; }, [](AwardUndone& x) { x.from_business = Amount{1}; },
        [](AwardUndone& x) { x.owed = Amount{1}; }, [](AwardUndone& x) { x.pass = PassId{"p"}; },
        [](AwardUndone& x) { x.use_back = true; });
    differs_by_each(
        RefundDecision{}, [](RefundDecision& x) { x.accepted = false; },
        [](RefundDecision& x) { x.reasons.emplace_back(); }, [](RefundDecision& x) { x.refunded = Amount{1}; },
        [](RefundDecision& x) { x.due_back = Amount{1}; }, [](RefundDecision& x) { x.goods.emplace_back(); },
        [](RefundDecision& x) { x.allocations.emplace_back(); }, [](RefundDecision& x) { x.undone.emplace_back(); },
        [](RefundDecision& x) { x.award_owed = Amount{1}; });
    differs_by_each(
        RefundFacts{}, [](RefundFacts& x) { x.basket.ticket = "t"; }, [](RefundFacts& x) { x.paid.emplace_back(); },
        [](RefundFacts& x) { x.before.emplace_back(); }, [](RefundFacts& x) { x.voided = true; },
        [](RefundFacts& x) { x.awards.emplace_back(); }, [](RefundFacts& x) { x.business.held = Amount{1}; },
        [](RefundFacts& x) { x.award_undo = AwardUndo::below_zero; });
    differs_by_each(
        PurchaseDecision{}, [](PurchaseDecision& x) { x.accepted = false; },
        [](PurchaseDecision& x) { x.reasons.emplace_back(); }, [](PurchaseDecision& x) { x.basket_total = Amount{1}; },
        [](PurchaseDecision& x) { x.spent = Amount{1}; }, [](PurchaseDecision& x) { x.due = Amount{1}; },
        [](PurchaseDecision& x) { x.allocations.emplace_back(); }, [](PurchaseDecision& x) { x.refused.emplace_back(); },
        [](PurchaseDecision& x) { x.awards.emplace_back(); }, [](PurchaseDecision& x) { x.policy = "other"; });
    differs_by_each(
        PaidFrom{}, [](PaidFrom& x) { x.pocket = Pocket::personal; }, [](PaidFrom& x) { x.lot = LotId{"l"}; },
        [](PaidFrom& x) { x.pool = PoolId{"p"}; }, [](PaidFrom& x) { x.pool_version = 1; },
        [](PaidFrom& x) { x.amount = Amount{1}; }, [](PaidFrom& x) { x.lines.emplace_back(); },
        [](PaidFrom& x) { x.at_risk = Amount{1}; });
    differs_by_each(
        PurchaseFacts{}, [](PurchaseFacts& x) { x.place.venue = VenueId{"v"}; }, [](PurchaseFacts& x) { x.zone = "UTC"; },
        [](PurchaseFacts& x) { x.zone_version = "2026a"; }, [](PurchaseFacts& x) { x.now = later; },
        [](PurchaseFacts& x) { x.clock_trusted = false; }, [](PurchaseFacts& x) { x.basket.ticket = "t"; },
        [](PurchaseFacts& x) { x.lots.emplace_back(); }, [](PurchaseFacts& x) { x.pools.emplace_back(); },
        [](PurchaseFacts& x) { x.business.held = Amount{1}; }, [](PurchaseFacts& x) { x.personal.held = Amount{1}; },
        [](PurchaseFacts& x) { x.offers.emplace_back(); }, [](PurchaseFacts& x) { x.segments.emplace_back(); },
        [](PurchaseFacts& x) { x.limits.as_of = 1; }, [](PurchaseFacts& x) { x.allowance.acked = 1; });
    differs_by_each(
        AllowanceFacts{}, [](AllowanceFacts& x) { x.allowance.any_till.per_transaction = Amount{1}; },
        [](AllowanceFacts& x) { x.allowance.any_till.per_subject = Amount{1}; },
        [](AllowanceFacts& x) { x.allowance.with_manager.per_outage = Amount{1}; },
        [](AllowanceFacts& x) { x.allowance.with_manager.count = 1; }, [](AllowanceFacts& x) { x.manager = true; },
        [](AllowanceFacts& x) { x.since = later; }, [](AllowanceFacts& x) { x.spent = Amount{1}; },
        [](AllowanceFacts& x) { x.count = 1; }, [](AllowanceFacts& x) { x.recent = Amount{1}; });
    differs_by_each(
        Want{}, [](Want& x) { x.subject = "s"; }, [](Want& x) { x.amount = Amount{1}; }, [](Want& x) { x.count = true; });
}

}  // namespace
}  // namespace obol
