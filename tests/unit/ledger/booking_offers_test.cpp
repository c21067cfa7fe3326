// Awards, promotion passes and uses of offers as a venue's chain brings them.
#include "sync/journal/counted.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using journal::Value;

const OfferId cashback{"cashback"}, welcome{"welcome"};
const PlanId promo{"promo"};

class BookingOffers : public ::testing::Test {
protected:
    BookingOffers() {
        put(offer(cashback, Claim::automatic));
        put(offer(welcome, Claim::passes));
        Plan plan;
        plan.id = promo;
        plan.business = aroma;
        plan.name = "Promo";
        plan.type = PassType::promotion;
        plan.printed = false;
        plan.currency = eur();
        plan.offer = welcome;
        sql::Txn txn{*bench.db};
        bench.books.put_fact("plan", promo.text, aroma, *journal::to_value(plan).map());
        txn.commit();
    }
    void TearDown() override { bench.check(); }

    static Offer offer(const OfferId& id, Claim claim) {
        Offer out;
        out.id = id;
        out.business = aroma;
        out.name = id.text;
        out.currency = eur();
        out.claim = claim;
        out.reward.basis_points = 1000;
        out.pool = anywhere;
        return out;
    }
    void put(const Offer& offer) {
        sql::Txn txn{*bench.db};
        bench.books.put_fact("offer", offer.id.text, aroma, *journal::to_value(offer).map());
        txn.commit();
    }
    PassId promotion(const std::string& code) {
        sql::Txn txn{*bench.db};
        const PassId id{"promo-" + code};
        const NewPass pass{.id = id,
                           .plan = *bench.books.plan(promo),
                           .code = Secret{code},
                           .venue = VenueId{"nic"},
                           .from_account = "issue:aroma",
                           .source = "test"};
        EXPECT_TRUE(add_pass(bench.books, bench.keys, pass, bench.clock.at, bench.random));
        txn.commit();
        return id;
    }
    void set_uses(const OfferId& id, std::int64_t uses) {
        sql::Txn txn{*bench.db};
        bench.books.ensure_subject(offer_subject(id), aroma, VenueId{}, Currency::none());
        EXPECT_TRUE(bench.books.transfer(
            bench.clock.at, "test", "",
            {{"issue:aroma", Amount{-uses}, Currency::none()},
             {offer_subject(id), Amount{uses}, Currency::none()}}));
        txn.commit();
    }
    // A purchase of one line that earns by this offer, not written yet.
    journal::Purchase earning(Device& device, const Offer& by, std::int64_t amount,
                              const PassId& pass = {}) {
        journal::Purchase record = device.purchase_record(amount);
        if (record.facts.pools.empty()) {
            record.facts.pools.push_back(*bench.books.pool(anywhere, 1));
        }
        OfferFacts facts;
        facts.offer = by;
        facts.pass = pass;
        const Amount held{device.held(offer_subject(by.id))};
        if (by.uses) facts.uses = {held, held};
        facts.lot = {.id = LotId{record.id.text + "-award"},
                     .wallet = maria,
                     .business = aroma,
                     .pool = anywhere,
                     .currency = eur(),
                     .valid = {},
                     .credited_at = record.facts.now,
                     .source = "award"};
        record.facts.offers.push_back(std::move(facts));
        record.decision = decide_purchase(record.facts, record.request);
        EXPECT_EQ(record.decision.awards.size(), 1u);
        return record;
    }
    journal::Refund undoing(Device& device, const journal::Purchase& purchase, bool whole,
                            std::int64_t amount = 0) {
        journal::Refund out;
        out.id = purchase.id.text + (whole ? "-void" : "-refund");
        out.purchase = purchase.id;
        out.wallet = maria;
        out.venue = VenueId{device.venue};
        out.business = aroma;
        out.currency = eur();
        if (!whole) out.request.amount = Amount{amount};
        out.facts.basket = purchase.facts.basket;
        out.facts.paid = purchase.decision.allocations;
        const Award& award = purchase.decision.awards[0];
        const Amount left{device.held(lot_subject(award.lot.id))};
        out.facts.awards.push_back({purchase.facts.offers[0].offer, award, {left, left}});
        out.decision = decide_refund(out.facts, out.request);
        out.is_void = whole;
        return out;
    }

    Bench bench;
    Device nic = bench.enrol("nic", 1);
    Device lim = bench.enrol("lim", 2);
};

TEST_F(BookingOffers, AnAwardIsALotThatTheVenueHoldsAndOthersSee) {
    const journal::Purchase sold = earning(nic, offer(cashback, Claim::automatic), 1000);
    const Subject lot = lot_subject(sold.decision.awards[0].lot.id);
    nic.write(sold);
    nic.sync();
    EXPECT_EQ(bench.value(lot), 100);
    EXPECT_EQ(bench.held(nic, lot), 100);
    EXPECT_EQ(bench.value("promotion:aroma"), -100);
    EXPECT_TRUE(bench.books.fact("lot", sold.decision.awards[0].lot.id.text));
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

TEST_F(BookingOffers, APromotionPassIsRedeemedByItsPurchaseAndActiveAgainAfterTheVoid) {
    const PassId pass = promotion("PROMO1");
    nic.ask_placement();
    nic.sync();
    ASSERT_EQ(nic.held(pass_subject(pass)), 1);
    const journal::Purchase sold = earning(nic, offer(welcome, Claim::passes), 1000, pass);
    nic.write(sold);
    nic.sync();
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("state"), Value{"redeemed"});
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("redeemed_venue"), Value{"nic"});
    EXPECT_EQ(bench.value(pass_subject(pass)), 0);
    EXPECT_EQ(bench.value("used:nic"), 1);

    nic.write(undoing(nic, sold, true));
    nic.sync();
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("state"), Value{"active"});
    EXPECT_FALSE(bench.books.fact("pass", pass.text)->contains("redeemed_venue"));
    EXPECT_EQ(bench.held(nic, pass_subject(pass)), 1);
    EXPECT_EQ(bench.value("used:nic"), 0);
    EXPECT_EQ(bench.value("promotion:aroma"), 0);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

TEST_F(BookingOffers, APassOfAnotherOfferOrOneThatIsSpentIsAnException) {
    const PassId pass = promotion("PROMO1");
    nic.ask_placement();
    nic.sync();
    Offer other = offer(OfferId{"other"}, Claim::passes);
    put(other);
    nic.write(earning(nic, other, 1000, pass));
    nic.sync();
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    nic.write(earning(nic, offer(welcome, Claim::passes), 1000, pass));
    nic.sync();
    EXPECT_EQ(bench.exceptions("unknown_pass_state"), 1);
    EXPECT_EQ(bench.exceptions("overdrawn"), 1);
}

TEST_F(BookingOffers, UsesAreAskedForTakenAndGivenBackLikeMoney) {
    Offer capped = offer(cashback, Claim::automatic);
    capped.uses = 3;
    capped.version = 2;
    put(capped);
    set_uses(cashback, 3);
    const Subject uses = offer_subject(cashback);
    nic.ask(uses, 2, Currency::none());
    nic.sync();
    lim.ask(uses, 1, Currency::none());
    lim.sync();
    EXPECT_EQ(nic.held(uses), 2);
    EXPECT_EQ(lim.held(uses), 1);  // never more than there are
    const journal::Purchase sold = earning(nic, capped, 1000);
    nic.write(sold);
    nic.give_back(uses, 1, Currency::none());
    nic.sync();
    EXPECT_EQ(bench.centre(uses), 1);
    EXPECT_EQ(bench.value(uses), 2);
    nic.write(undoing(nic, sold, true));
    nic.sync();
    EXPECT_EQ(bench.held(nic, uses), 1);
    EXPECT_EQ(bench.value(uses), 3);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

TEST_F(BookingOffers, AVenueIsToldHowManyUsesAreLeft) {
    set_uses(cashback, 3);
    lim.sync();
    bool told = false;
    for (const wire::Balance& balance : lim.page().balances) {
        told |= balance.subject == "offer:cashback" && balance.value == Amount{3};
    }
    EXPECT_TRUE(told);
}

TEST_F(BookingOffers, MoreUsesThanAContactMayHaveAreBookedAndRaised) {
    Offer once = offer(cashback, Claim::automatic);
    once.uses_per_contact = 1;
    once.version = 2;
    put(once);
    nic.write(earning(nic, once, 1000));
    nic.sync();
    EXPECT_EQ(bench.exceptions("offer_used_up"), 0);
    const auto told = [&] {
        std::int64_t uses = 0;
        for (const wire::Fact& fact : lim.page().facts) {
            if (fact.kind != "activity") continue;
            const auto tallies = journal::tallies_from(fact.body);
            EXPECT_TRUE(tallies);
            for (const journal::Tally& tally : tallies->tallies) {
                if (tally.kind == "offer:cashback") uses += tally.count;
            }
        }
        return uses;
    };
    EXPECT_EQ(told(), 1) << "the other venue hears of it";
    const journal::Purchase second = earning(lim, once, 500);  // knows nothing of the first
    lim.write(second);
    lim.sync();
    EXPECT_EQ(bench.exceptions("offer_used_up"), 1);
    EXPECT_EQ(bench.value(lot_subject(second.decision.awards[0].lot.id)), 50);
    lim.write(undoing(lim, second, true));  // a void is no use
    lim.sync();
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM offer_use"), 1);
    EXPECT_EQ(told(), 1) << "the voided one is taken out again";
}

TEST_F(BookingOffers, AUseWhoseVoidCameFirstIsNoUse) {
    Offer once = offer(cashback, Claim::automatic);
    once.uses_per_contact = 1;
    once.version = 2;
    put(once);
    const journal::Purchase sold = earning(nic, once, 1000);
    nic.write(sold);
    lim.write(undoing(lim, sold, true));
    ASSERT_TRUE(lim.push());
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM offer_use"), 0);
    EXPECT_EQ(bench.exceptions("offer_used_up"), 0);
}

TEST_F(BookingOffers, ARefundTakesBackWhatTheRestDoesNotEarn) {
    const journal::Purchase sold = earning(nic, offer(cashback, Claim::automatic), 1000);
    nic.write(sold);
    nic.write(undoing(nic, sold, false, 400));
    nic.sync();
    EXPECT_EQ(bench.value(lot_subject(sold.decision.awards[0].lot.id)), 60);
    EXPECT_EQ(bench.value("promotion:aroma"), -60);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

TEST_F(BookingOffers, AnAwardByTermsThatWereNeverIssuedIsBookedAndRaised) {
    Offer generous = offer(cashback, Claim::automatic);
    generous.reward.basis_points = 9000;
    nic.write(earning(nic, generous, 1000));
    nic.sync();
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    EXPECT_EQ(bench.value("promotion:aroma"), -900);
}

}  // namespace
}  // namespace obol::ledger::test
